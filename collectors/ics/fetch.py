"""Fetches a web calendar: politely, and only from where it is meant to."""

from __future__ import annotations

import ipaddress
import socket
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver

from collectors.texts import shown

BYTES_MAX = 64 << 20  # a calendar of ten years has a few MiB
SILENCE_S, FETCH_S = 30.0, 300.0
"""Seconds that a server may be silent, and that the whole fetch may take."""
REDIRECTS_MAX = 5  # browsers follow twenty; calendars need one or two
WAIT_MAX_S = 24 * 3_600.0  # whatever Retry-After says, a calendar is asked again after a day
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_FOR_GOOD = frozenset((301, 308))
_WAITS = frozenset((429, 503))
_WHY = {
    401: "it wants a name and a password, or these are wrong: https://name:password@host/…",
    403: "it may not be read with this address: take the calendar's secret address",
    404: "the server has nothing there: take the calendar's address anew",
    410: "the calendar is not published there any more: take its new address",
}
_PRIVATE = (
    "it is on this machine or in the local network ({}), where not everything is meant for everybody:"
    " --allow-private allows it"
)


class Unavailable(Exception):
    """The calendar cannot be fetched; the message says why, as a clause."""


class NoConnection(Unavailable):
    """There is no server, or it does not speak this protocol."""


class _IsPrivate(OSError):
    pass


@dataclass(frozen=True)
class Fetched:
    """What a server answered: the bytes, the charset that it says, and a remark on the way."""

    data: bytes
    charset: str | None = None
    remark: str = ""


@dataclass
class Known:
    """What is remembered of an address between two fetches: the answer, by what the server knows it again,
    and (on the clock that does not jump) when it may be asked again."""

    fetched: Fetched | None = None
    validators: dict[str, str] = field(default_factory=dict)
    not_before_s: float = 0.0


async def fetch(url: str, known: Known, *, allow_private: bool) -> Fetched:
    """Fetches the calendar; returns what `known` has if the server says that it has not changed.

    Errors: Unavailable.
    """
    if (wait_s := known.not_before_s - time.monotonic()) > 0:
        raise Unavailable(f"the server asks to be left alone until {_clock(wait_s)}")
    timeout = aiohttp.ClientTimeout(total=FETCH_S, sock_connect=SILENCE_S, sock_read=SILENCE_S)
    jar = aiohttp.CookieJar(unsafe=True)  # for one fetch, also of an address without a name
    connector = aiohttp.TCPConnector(resolver=_Resolver(allow_private))
    try:
        async with aiohttp.ClientSession(timeout=timeout, cookie_jar=jar, connector=connector) as session:
            return await _follow(session, url, known, allow_private)
    except TimeoutError:
        raise Unavailable(
            f"the server says nothing for {SILENCE_S:g} s, or takes more than {FETCH_S:g} s"
        ) from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        fault = NoConnection if isinstance(error, aiohttp.ClientConnectorError) else Unavailable
        raise fault(_without_address(error)) from None


async def _follow(session: aiohttp.ClientSession, url: str, known: Known, allow_private: bool) -> Fetched:
    """Follows redirects; a name and password go only to the host that they were given for."""
    address, login = without_login(url)
    host, remark = urlsplit(address).netloc, ""
    for _ in range(REDIRECTS_MAX + 1):
        proxy = proxy_of(address)
        if not proxy and not allow_private:
            _check_literal(urlsplit(address).hostname or "")
        headers = {"Accept": "text/calendar, */*;q=0.1", "User-Agent": "adjutant-ics", **known.validators}
        headers |= {"Authorization": login} if login and urlsplit(address).netloc == host else {}
        async with session.get(address, headers=headers, proxy=proxy, allow_redirects=False) as response:
            if response.status not in _REDIRECTS or "Location" not in response.headers:
                return await _taken(response, known, remark)
            remark = remark or (
                "it has moved for good: take its new address" if response.status in _FOR_GOOD else ""
            )
            address = _next(address, response.headers["Location"])
    raise Unavailable(f"it redirects more than {REDIRECTS_MAX} times")


def _next(address: str, location: str) -> str:
    """The target of a redirect. Errors: Unavailable."""
    following, _ = without_login(urljoin(address, location))
    scheme = urlsplit(following).scheme
    if scheme not in ("http", "https"):
        raise Unavailable("it redirects to something that is not a web address")
    if scheme == "http" and urlsplit(address).scheme == "https":
        raise Unavailable("it redirects from https to http, where everybody on the way reads along")
    return following


async def _taken(response: aiohttp.ClientResponse, known: Known, remark: str) -> Fetched:
    """Errors: Unavailable."""
    if response.status == 304 and known.fetched is not None:
        return known.fetched
    if response.status in _WAITS:
        wait_s = retry_after_s(response.headers.get("Retry-After", ""))
        known.not_before_s = time.monotonic() + wait_s
        raise Unavailable(
            f"the server has too much to do ({response.status}), and is left alone until {_clock(wait_s)}"
        )
    if response.status != 200:
        why = _WHY.get(response.status, "it cannot be fetched")
        raise Unavailable(f"{why} (the server says {response.status})")
    data = bytearray()
    async for chunk in response.content.iter_chunked(2**16):  # counted after decompression
        data += chunk
        if len(data) > BYTES_MAX:
            raise Unavailable(f"it is larger than {BYTES_MAX >> 20} MiB")
    fetched = Fetched(bytes(data), response.charset, remark)
    pairs = (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"))
    known.validators = {ask: response.headers[said] for ask, said in pairs if said in response.headers}
    known.fetched = fetched if known.validators else None
    return fetched


def retry_after_s(said: str) -> float:
    """Seconds, from a number or a date; a minute if it is neither."""
    try:
        wait_s = float(said) if said.strip().isdigit() else _until(parsedate_to_datetime(said))
    except (ValueError, TypeError, OverflowError):
        wait_s = 60.0
    return min(max(wait_s, 1.0), WAIT_MAX_S)


def _until(when: datetime) -> float:
    when = when.replace(tzinfo=when.tzinfo or UTC)
    return (when - datetime.now(UTC)).total_seconds()


def _clock(wait_s: float) -> str:
    return f"{datetime.now(UTC) + timedelta(seconds=wait_s):%H:%M} UTC"


def without_login(url: str) -> tuple[str, str]:
    """The address, and what is said to log in: in UTF-8 (RFC 7617), whatever letters a password has."""
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, ""
    user, _, password = login.partition(":")
    said = aiohttp.encode_basic_auth(unquote(user), unquote(password))
    return urlunsplit(parts._replace(netloc=host)), said


def proxy_of(address: str) -> str | None:
    """The proxy of the environment (https_proxy, http_proxy, all_proxy, no_proxy). Errors: Unavailable."""
    parts = urlsplit(address)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or (parts.hostname and proxy_bypass(parts.hostname)):
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    if not proxy.startswith(("http://", "https://")):
        raise Unavailable(
            f"the environment names a proxy of a kind that is not known: {shown(proxy.partition(':')[0])}"
        )
    return proxy


class _Resolver(AbstractResolver):
    """Resolves hosts, and refuses addresses that are not public, unless all are allowed.

    It resolves and checks in one place, because a name may have another address a moment later.
    """

    def __init__(self, allow_private: bool) -> None:
        self._allow_private, self._resolver = allow_private, DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Errors: OSError."""
        found = await self._resolver.resolve(host, port, family)
        proxied = {urlsplit(proxy).hostname for proxy in getproxies().values()}
        if not self._allow_private and host not in proxied:
            for one in found:
                if not _is_public(one["host"]):
                    raise _IsPrivate(one["host"])
        return found

    async def close(self) -> None:
        await self._resolver.close()


def _check_literal(host: str) -> None:
    """Errors: Unavailable, for a number that is not public; names are looked up later."""
    try:
        public = _is_public(host)
    except ValueError:
        return
    if not public:
        raise Unavailable(_PRIVATE.format(shown(host)))


def _is_public(address: str) -> bool:
    """Errors: ValueError."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_global and not found.is_multicast


def _without_address(error: Exception) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, _IsPrivate):
            return _PRIVATE.format(shown(str(cause)))
        cause = cause.__cause__
    match error:
        case aiohttp.InvalidURL():
            return "its address is not valid"
        case aiohttp.ClientConnectorCertificateError():
            return "its certificate cannot be trusted: it may be another server than it should be"
        case aiohttp.ClientConnectorError():
            return f"no connection: {unquote(error.strerror or 'unknown host')}"
        case aiohttp.ClientHttpProxyError():
            return f"the proxy says {error.status}"
        case _:
            return f"it cannot be fetched: {type(error).__name__}"
