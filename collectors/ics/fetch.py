"""Fetches a web calendar: politely, and only from where it is meant to."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import aiohttp

from adjutant_client.reasons import plainly
from collectors.texts import clock, shown
from sio_server import outgoing

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
        raise Unavailable(f"the server asks to be left alone until {clock(time.time() + wait_s)}")
    timeout = aiohttp.ClientTimeout(total=FETCH_S, sock_connect=SILENCE_S, sock_read=SILENCE_S)
    jar = aiohttp.CookieJar(unsafe=True)  # for one fetch, also of an address without a name
    connector = aiohttp.TCPConnector(resolver=outgoing.PublicResolver(lambda host: allow_private))
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
            outgoing.refuse_private(urlsplit(address).hostname or "")
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
        until = clock(time.time() + wait_s)
        raise Unavailable(
            f"the server has too much to do ({response.status}), and is left alone until {until}"
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
    """The proxy of the environment. Errors: Unavailable."""
    try:
        return outgoing.proxy_of(address)
    except ValueError as error:
        raise Unavailable(shown(str(error))) from None


def _without_address(error: Exception) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, outgoing.NotPublic):
            return _PRIVATE.format(shown(str(cause)))
        cause = cause.__cause__
    match error:
        case aiohttp.InvalidURL():
            return "its address is not valid"
        case aiohttp.ClientConnectorCertificateError():
            return plainly(error)
        case aiohttp.ClientConnectorError():
            return f"no connection: {plainly(error)}"
        case aiohttp.ClientHttpProxyError():
            return f"the proxy says {error.status}"
        case _:
            return f"it cannot be fetched: {plainly(error)}"
