"""What may reach the main port: hosts, origins and query strings are looked at before Engine.IO is."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import orjson

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGI = Callable[[Scope, Receive, Send], Awaitable[None]]

DEVELOPMENT_ORIGINS = tuple(
    f"http://{host}:{port}" for host in ("localhost", "127.0.0.1") for port in (3000, 8080)
)
ENGINE_PATH = "/socket.io"
MAX_HEADERS = 100
MAX_HEADER_BYTES = 32 << 10


class Served(Protocol):
    """An app for the paths that it contains."""

    def __contains__(self, path: str) -> bool: ...

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...


class Denied(Exception):
    """The request is answered with this status and sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Guard:
    """Stands before the Socket.IO app and the pages; answers /health itself.

    `any_host` is for servers with tokens. Without them only loopback names are served, so that a page
    whose name was pointed at this machine cannot pass as the same origin.
    """

    def __init__(
        self,
        engine: ASGI,
        pages: Served,
        origins: frozenset[str],
        any_host: bool,
        health: Callable[[], dict[str, Any]],
        is_full: Callable[[], bool],
    ) -> None:
        self._engine = engine
        self._pages = pages
        self._origins = origins | frozenset(DEVELOPMENT_ORIGINS)
        self._any_host = any_host
        self._health = health
        self._is_full = is_full

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An HTTP request or a websocket."""
        try:
            path = scope["path"]
            if path.rstrip("/") == ENGINE_PATH:
                self._check(scope)
                await self._engine(scope, receive, send)
            elif path == "/health" and scope["type"] == "http":
                await answer(scope, send, 200, self._health())
            elif path in self._pages and scope["type"] == "http":
                await self._pages(scope, receive, send)
            else:
                raise Denied(
                    404,
                    "Nothing is here: the dashboard is at /, Socket.IO at /socket.io/, and /health tells.",
                )
        except Denied as denied:
            await answer(scope, send, denied.status, {"error": denied.message})

    def _check(self, scope: Scope) -> None:
        size_bytes = sum(len(name) + len(value) for name, value in scope["headers"])
        if size_bytes > MAX_HEADER_BYTES or len(scope["headers"]) > MAX_HEADERS:
            raise Denied(431, "The headers are too large.")
        headers: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.lower(), []).append(value)
        host = _one(headers, b"host")
        if not self._any_host and not _is_loopback(host):
            raise Denied(400, "Without tokens this server answers to loopback names only.")
        self._check_origin(headers, host)
        resumed = _check_query(scope["query_string"], scope["type"] == "websocket")
        if not resumed and self._is_full():
            raise Denied(503, "There are too many connections; try again later.")
        if scope.get("method") == "POST" and b"content-length" not in headers:
            raise Denied(411, "Send a Content-Length; chunked bodies are not taken.")

    def _check_origin(self, headers: dict[bytes, list[bytes]], host: str) -> None:
        if b"origin" not in headers:
            return
        origin = _one(headers, b"origin")
        if origin in self._origins or origin in (f"http://{host}", f"https://{host}"):
            return
        raise Denied(403, "This origin is not allowed: start the server with --cors-origin for it.")


def _check_query(query_string: bytes, upgrades: bool) -> bool:
    """Whether the request names a session."""
    try:
        query = parse_qs(query_string.decode("ascii"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        raise Denied(400, "The query string cannot be read.") from None
    if "token" in query:
        raise Denied(400, "Send the token in the auth payload, never in the address.")
    if query.get("EIO") != ["4"]:
        raise Denied(400, "This server speaks Engine.IO 4: use a client of Socket.IO 4 or later.")
    if query.get("transport") not in (["polling"], ["websocket"]):
        raise Denied(400, "The transport is polling or websocket.")
    if upgrades != (query["transport"] == ["websocket"]):
        raise Denied(400, "The transport websocket needs a WebSocket upgrade, and polling takes none.")
    if "j" in query:
        raise Denied(400, "JSONP is not supported.")
    sid = query.get("sid", [])
    if len(sid) > 1 or any(len(part) > 64 or not part.isprintable() for part in sid):
        raise Denied(400, "This is no session id.")
    return bool(sid)


def _one(headers: dict[bytes, list[bytes]], name: bytes) -> str:
    values = headers.get(name, [b""])
    try:
        if len(values) == 1:
            return values[0].decode("ascii")
    except UnicodeDecodeError:
        pass
    raise Denied(400, f"The {name.decode()} header cannot be read.")


def _is_loopback(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        if name == "localhost" or name.endswith(".localhost"):
            return True
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


async def answer(scope: Scope, send: Send, status: int, body: dict[str, Any]) -> None:
    """A small JSON answer; to a websocket upgrade too, where the server can."""
    kind = "http.response"
    if scope["type"] == "websocket":
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1008})
            return
        kind = "websocket.http.response"
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    await send({"type": f"{kind}.start", "status": status, "headers": headers})
    await send({"type": f"{kind}.body", "body": orjson.dumps(body)})
