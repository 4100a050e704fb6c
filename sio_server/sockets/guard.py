"""The main port's gate: hosts, origins and query strings are checked before Engine.IO sees a request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Protocol
from urllib.parse import parse_qs

import orjson

from sio_server.sockets.headers import NO_PAGE, safe_headers
from sio_server.sockets.origins import Origins, is_loopback
from sio_server.sockets.refusals import Refusals

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
ASGI = Callable[[Scope, Receive, Send], Awaitable[None]]

ENGINE_PATH = "/socket.io"
MAX_HEADERS = 100  # browsers and proxies send about 30
MAX_HEADER_BYTES = 32 << 10  # four times the usual 8 KiB: cookies of other apps on the same host


class Served(Protocol):
    """An ASGI app for the paths that it contains."""

    def __contains__(self, path: str) -> bool: ...

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...


class Denied(Exception):
    """The request is answered with this status and message.

    `reason` is the metric's label, if the refusal is counted; `detail` goes to the log alone.
    """

    def __init__(self, status: int, message: str, reason: str = "", detail: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.reason = reason
        self.detail = detail


class Guard:
    """Checks every request before the Socket.IO app and the pages; answers /health itself.

    `any_host` is for servers with tokens. Without tokens only loopback names are served, so that a foreign
    page cannot pass as same-origin by pointing its name at this machine (DNS rebinding).
    """

    def __init__(
        self,
        engine: ASGI,
        pages: Served,
        origins: Origins,
        any_host: bool,
        health: Callable[[], dict[str, Any]],
        is_full: Callable[[], bool],
        refusals: Refusals,
    ) -> None:
        self._engine = engine
        self._pages = pages
        self._origins = origins
        self._any_host = any_host
        self._health = health
        self._is_full = is_full
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves an HTTP request or a websocket."""
        try:
            path = scope["path"]
            if path.rstrip("/") == ENGINE_PATH:
                await self._serve_engine(scope, receive, send)
            elif path == "/health" and scope["type"] == "http":
                await answer(scope, send, 200, self._health(), self._cors(scope))
            elif path in self._pages and scope["type"] == "http":
                await self._pages(scope, receive, send)
            else:
                raise Denied(
                    404,
                    "Nothing here: the dashboard is at /, Socket.IO at /socket.io/, health at /health.",
                )
        except Denied as denied:
            self._note(scope, denied)
            # A page that is refused may still read why.
            headers = cors_headers(_values(scope, b"origin"))
            await answer(scope, send, denied.status, {"error": denied.message}, headers)

    async def _serve_engine(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._check(scope)
        if scope["type"] == "http":
            headers = cors_headers(_values(scope, b"origin"))
            if scope["method"] == "OPTIONS":
                await answer(scope, send, 200, {}, [*headers, *_preflight(scope)])
                return
            send = _adding(send, [*headers, *safe_headers(scope), NO_PAGE])
        await self._engine(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        size_bytes = sum(len(name) + len(value) for name, value in scope["headers"])
        if size_bytes > MAX_HEADER_BYTES or len(scope["headers"]) > MAX_HEADERS:
            raise Denied(431, "The headers are too large.", "headers")
        host = _one(scope, b"host")
        if not self._any_host and not is_loopback(host):
            message = "Without tokens this server answers only under loopback names such as localhost."
            raise Denied(400, message, "host", f"Host {host!r}")
        self._check_origin(scope, host)
        if scope["type"] == "websocket" and scope.get("http_version") == "1.0":
            raise Denied(400, "A WebSocket upgrade needs HTTP 1.1.", "upgrade")
        resumed = _check_query(scope["query_string"], scope["type"] == "websocket")
        if not resumed and self._is_full():
            raise Denied(503, "There are too many connections; try again later.", "full")
        if scope.get("method") == "POST" and not _values(scope, b"content-length"):
            raise Denied(411, "Send a Content-Length; chunked bodies are not accepted.", "length")

    def _check_origin(self, scope: Scope, host: str) -> None:
        if not _values(scope, b"origin"):
            return
        origin = _one(scope, b"origin")
        if not self._origins.allow(origin, host):
            message = "This origin is not allowed: start the server with --cors-origin for it."
            raise Denied(403, message, "origin", f"Origin {origin!r}, Host {host!r}")

    def _cors(self, scope: Scope) -> Headers:
        """CORS headers of an answer that anybody may request but only an allowed page may read."""
        try:
            self._check_origin(scope, _one(scope, b"host"))
        except Denied:
            return [VARY]
        return cors_headers(_values(scope, b"origin"))

    def _note(self, scope: Scope, denied: Denied) -> None:
        if denied.reason:
            address, _ = scope.get("client") or ("unknown", 0)
            detail = f" ({denied.detail[:200]})" if denied.detail else ""
            self._refusals.note(address, denied.reason, denied.message + detail)


def _check_query(query_string: bytes, upgrades: bool) -> bool:
    """Whether the request names a session."""
    try:
        query = parse_qs(query_string.decode("ascii"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        raise Denied(400, "The query string is not valid.", "query") from None
    if "token" in query:
        raise Denied(400, "Send the token in the auth payload, never in the address.", "token")
    if query.get("EIO") != ["4"]:
        message = "This server speaks Engine.IO 4: use a client of Socket.IO 4 or later."
        raise Denied(400, message, "version")
    if query.get("transport") not in (["polling"], ["websocket"]):
        raise Denied(400, "The transport is polling or websocket.", "query")
    if upgrades != (query["transport"] == ["websocket"]):
        message = "The transport websocket needs a WebSocket upgrade, and polling takes none."
        raise Denied(400, message, "upgrade")
    if "j" in query:
        raise Denied(400, "JSONP is not supported.", "query")
    sid = query.get("sid", [])
    if len(sid) > 1 or any(len(part) > 64 or not part.isprintable() for part in sid):
        raise Denied(400, "The sid is not a session id.", "query")
    return bool(sid)


def _values(scope: Scope, name: bytes) -> list[bytes]:
    return [value for given, value in scope["headers"] if given.lower() == name]


def _one(scope: Scope, name: bytes) -> str:
    values = _values(scope, name)
    try:
        if len(values) == 1:
            return values[0].decode("ascii")
    except UnicodeDecodeError:
        pass
    raise Denied(400, f"The {name.decode()} header is missing, repeated or not ASCII.", "headers")


VARY = (b"vary", b"origin")


def cors_headers(origins: list[bytes]) -> Headers:
    """Headers that let the requesting page read the answer; the caller decides whether it may."""
    if len(origins) != 1:
        return [VARY]
    allowed = (b"access-control-allow-origin", origins[0])
    return [VARY, allowed, (b"access-control-allow-credentials", b"true")]


def _preflight(scope: Scope) -> Headers:
    """The answer to a preflight: what the page may send."""
    wanted = b", ".join(_values(scope, b"access-control-request-headers"))
    headers = [(b"access-control-allow-methods", b"GET, POST, OPTIONS"), (b"access-control-max-age", b"600")]
    return [*headers, (b"access-control-allow-headers", wanted)] if wanted else headers


def _adding(send: Send, headers: Headers) -> Send:
    """A `send` that adds these headers to the answer."""

    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *headers]
        await send(message)

    return sending


async def answer(
    scope: Scope, send: Send, status: int, body: dict[str, Any], headers: Iterable[tuple[bytes, bytes]] = ()
) -> None:
    """Sends a small JSON answer; to a websocket upgrade too, where the server supports that."""
    kind = "http.response"
    if scope["type"] == "websocket":
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1008})
            return
        kind = "websocket.http.response"
    text = orjson.dumps(body)
    length = (b"content-length", b"%d" % len(text))
    plain = [(b"content-type", b"application/json"), length, (b"cache-control", b"no-store")]
    plain += [*safe_headers(scope), NO_PAGE]
    await send({"type": f"{kind}.start", "status": status, "headers": [*plain, *headers]})
    await send({"type": f"{kind}.body", "body": text})
