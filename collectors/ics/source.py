"""Where a calendar comes from: a file or a web address, its bytes, and the name it goes by.

An address is a secret as a rule (whoever has it reads the calendar), so only its host is ever shown.
"""

import asyncio
import re
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import aiohttp

from collectors.folders import Unreadable, called, read_bytes
from collectors.ics.address import without_secrets
from collectors.ics.file import Octets
from collectors.texts import shown

BYTES_MAX = 64 << 20
FETCH_S = 30.0
REDIRECTS_MAX = 5
# A webcal: address says nothing of TLS, and old servers have none.
_SCHEMES = {"http": ("http",), "https": ("https",), "webcals": ("https",), "webcal": ("https", "http")}


class Unavailable(Exception):
    """The bytes cannot be had; the message says why, as a clause."""


class _NoConnection(Unavailable):
    pass


class CalendarSource:
    """One FILE_OR_URL of the command line.

    `urls` are tried one after the other; `plain` is the first without its secrets, empty for a file.
    Errors: ValueError for an address that is none.
    """

    def __init__(self, given: str) -> None:
        scheme, _, rest = given.partition("://")
        schemes = _SCHEMES.get(scheme.lower(), ()) if rest else ()
        if not schemes and re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", given):
            raise ValueError(f"{given!r}: only files, http:, https: and webcal: addresses can be read")
        self.urls = tuple(f"{one}://{rest}" for one in schemes)
        self.path = None if schemes else Path(given)
        self.shown, self.stem = called(Path(given)), Path(given).stem
        self.plain = self.urls[0] if self.urls else ""
        if self.urls:
            parts = urlsplit(self.urls[0])
            if not parts.hostname:
                raise ValueError(f"{given!r} is not a web address")
            self.shown, self.stem = f"{parts.scheme}://{parts.hostname}/…", parts.hostname
            self.plain = without_secrets(self.urls[0])

    async def read(self) -> Octets:
        """Errors: Unavailable."""
        if self.path is not None:
            return Octets(shown(self.shown), await asyncio.to_thread(_load, self.path))
        name = shown(self.shown)
        for url in self.urls[:-1]:
            with suppress(_NoConnection):
                return Octets(name, *await _fetch(url))
        open_to_all = "" if len(self.urls) == 1 else "it was fetched by http: the server does not know https"
        return Octets(name, *await _fetch(self.urls[-1]), open_to_all)


def _load(path: Path) -> bytes:
    try:
        return read_bytes(path, BYTES_MAX)
    except Unreadable as error:
        raise Unavailable(str(error)) from None


async def _fetch(url: str) -> tuple[bytes, str | None]:
    """The answer's body, and the charset that it is said to be in."""
    timeout = aiohttp.ClientTimeout(total=FETCH_S)
    jar = aiohttp.CookieJar(unsafe=True)  # for one fetch, also of an address without a name
    headers = {"Accept": "text/calendar, */*;q=0.1", "User-Agent": "adjutant-ics"}
    try:
        address, login = _without_login(url)
        headers |= {"Authorization": login} if login else {}
        async with (
            aiohttp.ClientSession(timeout=timeout, headers=headers, cookie_jar=jar) as session,
            # aiohttp itself follows redirects to http and https only.
            session.get(address, max_redirects=REDIRECTS_MAX) as response,
        ):
            if response.status != 200:
                raise Unavailable(f"it cannot be fetched: the server says {response.status}")
            data = bytearray()
            async for chunk in response.content.iter_chunked(2**16):  # counted after decompression
                data += chunk
                if len(data) > BYTES_MAX:
                    raise Unavailable(f"it is larger than {BYTES_MAX >> 20} MiB")
            return bytes(data), response.charset
    except TimeoutError:
        raise Unavailable(f"it cannot be fetched within {FETCH_S:g} s") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        fault = _NoConnection if isinstance(error, aiohttp.ClientConnectorError) else Unavailable
        raise fault(f"it cannot be fetched: {_without_address(error)}") from None


def _without_login(url: str) -> tuple[str, str]:
    """The address, and what is said to log in: in UTF-8 (RFC 7617), whatever letters a password has."""
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, ""
    user, _, password = login.partition(":")
    said = aiohttp.encode_basic_auth(unquote(user), unquote(password))
    return urlunsplit(parts._replace(netloc=host)), said


def _without_address(error: Exception) -> str:
    match error:
        case aiohttp.NonHttpUrlClientError():
            return "it redirects to something that is not a web address"
        case aiohttp.TooManyRedirects():
            return f"it redirects more than {REDIRECTS_MAX} times"
        case aiohttp.InvalidURL():
            return "its address is not valid"
        case aiohttp.ClientConnectorError():
            return f"no connection: {unquote(error.strerror or 'unknown host')}"
        case _:
            return type(error).__name__
