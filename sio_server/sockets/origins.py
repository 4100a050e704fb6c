"""Which pages may use the server: origins, compared in the form that browsers send."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

import idna

DEFAULT_PORTS = {"http": 80, "https": 443}
DEVELOPMENT = tuple(f"http://{host}:{port}" for host in ("localhost", "127.0.0.1") for port in (3000, 8080))

_HOST = r"(\[[0-9a-f:.]+\]|[^\s\x00-\x20:/?#@\\\[\]%,*]+)(?::(\d{1,5}))?"
_ORIGIN = re.compile(rf"([a-z][a-z0-9+.-]*)://{_HOST}", re.IGNORECASE)
_AUTHORITY = re.compile(_HOST, re.IGNORECASE)


class Origins:
    """The pages that may use the server besides its own. Errors: ValueError, see `normal`."""

    def __init__(self, named: Iterable[str] = ()) -> None:
        self._allowed = {normal(origin) for origin in named}

    def allow(self, origin: str, host: str) -> bool:
        """Whether a page of this origin may use the server; `host` is the request's Host header.

        Behind a proxy that terminates TLS the server's own pages are https, so both schemes count as its own.
        """
        try:
            asking = normal(origin)
        except ValueError:
            return False
        return asking in self._allowed or _is_own(asking, host)


def normal(origin: str) -> str:
    """An origin as browsers write it: lower case, IDN as ASCII, no default port.

    Errors: ValueError, which says what is wrong.
    """
    if "*" in origin:
        raise ValueError("wildcards are not supported: name each origin in full")
    found = _ORIGIN.fullmatch(origin.removesuffix("/"))
    if found is None:
        raise ValueError("an origin looks like https://board.example.org, without a path")
    scheme, host, port = found[1].lower(), found[2], found[3]
    if scheme in ("ws", "wss"):
        raise ValueError("an origin is the address of the page: it begins with http or https")
    if scheme == "file":
        raise ValueError("a page that is opened as a file has no origin: serve it over http")
    return f"{scheme}://{_normal_host(host)}{_normal_port(scheme, port)}"


def is_loopback(host: str) -> bool:
    """Whether a Host header names this machine, on any port."""
    found = _AUTHORITY.fullmatch(host)
    if found is None:
        return False
    name = found[1].strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _is_own(origin: str, host: str) -> bool:
    scheme = origin.partition(":")[0]
    if scheme not in DEFAULT_PORTS:
        return False
    try:
        return origin == normal(f"{scheme}://{host}")
    except ValueError:
        return False


def _normal_host(host: str) -> str:
    if host.startswith("["):
        return f"[{ipaddress.IPv6Address(host[1:-1]).compressed}]"
    if host.isascii():
        return host.lower()
    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        raise ValueError(f"{host} is not a host name") from None


def _normal_port(scheme: str, port: str | None) -> str:
    if port is None or int(port) == DEFAULT_PORTS.get(scheme):
        return ""
    if not 0 < int(port) <= 65535:
        raise ValueError(f"{port} is not a port")
    return f":{int(port)}"
