"""Requests to addresses that others name: only public ones are reached, and by the environment's proxy
(decision 79)."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver


class NotPublic(OSError):
    """The address is on this machine or in the local network; its text is the address."""


class PublicResolver(AbstractResolver):
    """Resolves hosts, and refuses addresses that are not public, unless all of that host are allowed.

    It resolves and checks in one place, because a name may have another address a moment later.
    """

    def __init__(self, allows: Callable[[str], bool]) -> None:
        self._allows, self._resolver = allows, DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Errors: OSError."""
        found = await self._resolver.resolve(host, port, family)
        proxied = {urlsplit(proxy).hostname for proxy in getproxies().values()}
        if not self._allows(host) and host not in proxied:
            for one in found:
                if not is_public(one["host"]):
                    raise NotPublic(one["host"])
        return found

    async def close(self) -> None:
        """Ends the resolver below."""
        await self._resolver.close()


def refuse_private(host: str) -> None:
    """Errors: NotPublic, for an address in numbers that is not public; names are looked up later."""
    try:
        public = is_public(host)
    except ValueError:
        return
    if not public:
        raise NotPublic(host)


def is_public(address: str) -> bool:
    """Errors: ValueError."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_global and not found.is_multicast


def proxy_of(address: str) -> str | None:
    """The proxy of the environment (https_proxy, http_proxy, all_proxy, no_proxy).

    Errors: ValueError, when it is of another kind.
    """
    parts = urlsplit(address)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or (parts.hostname and proxy_bypass(parts.hostname)):
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    if not proxy.startswith(("http://", "https://")):
        raise ValueError(
            f"the environment names a proxy of a kind that is not known: {proxy.partition(':')[0]}"
        )
    return proxy
