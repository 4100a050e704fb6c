"""A server's address as people enter it; checked, because a token is sent there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from yarl import URL

_EXAMPLE = "an address is written like https://host/ or http://127.0.0.1:8000/board/"
# Characters that browsers and libraries parse differently, or that no address may contain.
_ODD = re.compile(r"[\s\x00-\x1f\x7f\\<>\"{}|^`]")


class AddressError(ValueError):
    """Not a server's address; the message is a sentence that never shows a password or token."""


@dataclass(frozen=True)
class Address:
    """A server's address. `shown` is the address without name and password, for people and logs."""

    url: URL
    shown: str

    @classmethod
    def parse(cls, text: str) -> Address:
        """Parses `https://host/board/`, also with a name and password for a proxy in front of the server.

        Errors: AddressError for anything not understood: no part of an address is ever ignored.
        """
        shown = without_secrets(text)
        if _ODD.search(text):
            raise AddressError(
                f"{shown!r} contains characters that are not allowed in an address: {_EXAMPLE}"
            )
        try:
            parts, url = urlsplit(text), URL(text)
            port = parts.port
        except (ValueError, IndexError):  # yarl's, for `//[::]@`
            raise AddressError(f"{shown!r} cannot be read: {_EXAMPLE}") from None
        if parts.scheme not in ("http", "https"):
            raise AddressError(f"{shown!r} does not begin with http:// or https://: {_EXAMPLE}")
        if not url.raw_host or port == 0:
            raise AddressError(f"{shown!r} has no host, or a port that does not exist: {_EXAMPLE}")
        if "?" in text or "#" in text:
            raise AddressError(
                f"{shown!r}: leave out everything from ? or # on, and give a token with --token or as `token`"
            )
        _check_path(parts.path, shown)
        return cls(url, shown)

    @property
    def base(self) -> str:
        """The address without its path, for the Socket.IO library, which ignores the path."""
        return str(self.url.origin() if self.url.user is None else self.url.with_path("/"))

    @property
    def socketio_path(self) -> str:
        """The path of the server's Socket.IO, below the address's own: `board/socket.io`."""
        return f"{self.url.raw_path.strip('/')}/socket.io".lstrip("/")

    def leads_to(self, url: URL) -> bool:
        """Whether this URL is on this very server."""
        secure = url.scheme in ("https", "wss")
        return (secure, url.raw_host, url.port, url.raw_path.strip("/")) == (
            self.url.scheme == "https",
            self.url.raw_host,
            self.url.port,
            self.socketio_path,
        )


def without_secrets(text: str) -> str:
    """The address as it may be shown: without name, password, query and fragment."""
    before, at, after = text.rpartition("@")
    scheme = re.match(r"[A-Za-z]*://", before)
    shown = (scheme[0] if scheme else "") + after if at else text
    return re.split("[?#]", shown, maxsplit=1)[0]


def _check_path(path: str, shown: str) -> None:
    """Errors: AddressError."""
    inner = path.strip("/")
    segments = [unquote(segment) for segment in inner.split("/")]
    if "//" in path or (inner and any(re.fullmatch(r"\.*|.*[/\\@].*", segment) for segment in segments)):
        raise AddressError(f"{shown!r} has a path that could lead elsewhere: leave out //, dots and @")
    if segments[-1] == "socket.io":
        raise AddressError(f"{shown!r}: leave out socket.io, the client adds it")
