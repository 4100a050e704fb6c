"""The pages on the main port: files read once at startup, then served from memory."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sio_server.sockets.guard import Denied, Receive, Scope, Send
from sio_server.sockets.headers import NO_PAGE, safe_headers

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
FONTS = "node_modules/@fontsource-variable/inter/files"
# What npm installs beside the pages, under the names by which they request it.
INSTALLED = {
    "/js/vendor/socket.io.js": "node_modules/socket.io-client/dist/socket.io.esm.min.js",
    "/js/vendor/idb.js": "node_modules/idb/build/index.js",
    "/js/vendor/preact.js": "node_modules/preact/dist/preact.mjs",
    "/fonts/inter-latin.woff2": f"{FONTS}/inter-latin-wght-normal.woff2",
    "/fonts/inter-latin-ext.woff2": f"{FONTS}/inter-latin-ext-wght-normal.woff2",
}
INDEX = "/index.html"
BUILT = "built"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; "
    "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types adjutant-worker"
)
HEADERS = (
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"vary", b"accept-encoding"),
)
RULES = (b"content-security-policy", POLICY.encode())
# What a browser opens or runs by itself: documents, and the worker. What those load may do nothing alone.
WHOLE = ("/", ".html", ".svg", "/worker.js")
# Cached, but revalidated each time: updating the server updates its pages.
REVALIDATED = (b"cache-control", b"no-cache")
# What is built has another name when it is another.
KEPT = (b"cache-control", b"public, max-age=31536000, immutable")


@dataclass(frozen=True)
class Page:
    """One file, ready to send."""

    type: bytes
    body: bytes
    etag: bytes

    @classmethod
    def of(cls, file: Path) -> Page:
        """Reads the file. Errors: OSError."""
        body = file.read_bytes()
        # Weak, because it is the same for the gzip form.
        etag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'.encode()
        return cls(TYPES[file.suffix].encode(), body, etag)

    @cached_property
    def packed(self) -> bytes | None:
        """The gzip form if it is smaller; made on first use, in less than 2 ms."""
        packed = gzip.compress(self.body, 9, mtime=0)
        return packed if len(packed) < len(self.body) else None


class Pages:
    """Serves the files of a folder; paths are looked up in a table, so none leads out of it.

    Where `dashboard.build` has joined just these files, the first page is the one that names what it made.

    Cost: one lookup and one write for each request; all files are held in memory.
    """

    def __init__(self, folder: Path) -> None:
        self._pages = {path: Page.of(file) for path, file in _files(folder)}
        version = _version(self._pages)
        self.built = folder / BUILT / version
        self.prefix = f"{BUILT}-{version}/"
        built = {f"/{self.prefix}{file.name}": Page.of(file) for file in sorted(self.built.glob("*.*"))}
        self._pages |= built
        if first := built.get(f"/{self.prefix}index.html", self._pages.get(INDEX)):
            self._pages[INDEX] = self._pages["/"] = first

    def __contains__(self, path: str) -> bool:
        return path in self._pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves an HTTP request for one of its paths. Errors: Denied."""
        if scope["method"] not in ("GET", "HEAD"):
            raise Denied(405, "This page is read-only: use GET.")
        page = self._pages[scope["path"]]
        asked = {name.lower(): value for name, value in scope["headers"]}
        kept = KEPT if scope["path"].startswith("/" + self.prefix) else REVALIDATED
        is_whole = scope["path"].endswith(WHOLE)
        policy = RULES if is_whole else NO_PAGE
        headers = [*safe_headers(scope), policy, *HEADERS, kept, (b"etag", page.etag)]
        if _names(asked.get(b"if-none-match", b""), page.etag):
            await _send(send, 304, headers, b"")
            return
        body = page.body
        if _takes_gzip(asked.get(b"accept-encoding", b"")) and page.packed is not None:
            body = page.packed
            headers.append((b"content-encoding", b"gzip"))
        headers += [(b"content-type", page.type), (b"content-length", str(len(body)).encode())]
        await _send(send, 200, headers, b"" if scope["method"] == "HEAD" else body)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for file in sorted(folder.rglob("*")):
        parts = file.relative_to(folder).parts
        hidden = any(part.startswith(".") or part in ("node_modules", BUILT) for part in parts)
        if file.suffix in TYPES and file.is_file() and not hidden:
            yield "/" + "/".join(parts), file
    for path, name in INSTALLED.items():
        if (folder / name).is_file():
            yield path, folder / name


def _version(pages: dict[str, Page]) -> str:
    """Of all that a browser may be sent: another one with each change."""
    told = "".join(f"{path} {page.etag.decode()}\n" for path, page in sorted(pages.items()))
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _names(if_none_match: bytes, etag: bytes) -> bool:
    return any(tag.strip() in (b"*", etag, etag[2:]) for tag in if_none_match.split(b","))


def _takes_gzip(accept_encoding: bytes) -> bool:
    for coding in accept_encoding.lower().split(b","):
        name, _, weight = coding.partition(b";")
        if name.strip() == b"gzip":
            return weight.replace(b" ", b"") not in (b"q=0", b"q=0.0", b"q=0.00", b"q=0.000")
    return False


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
