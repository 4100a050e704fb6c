"""Where a calendar comes from: a file or a web address, its bytes, and the name it goes by.

An address is a secret as a rule (whoever has it reads the calendar), so only its host is ever shown.
"""

import asyncio
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiohttp

from collectors.folders import Unreadable, called, read_bytes

BYTES_MAX = 10 * 2**20
FETCH_S = 30.0
REDIRECTS_MAX = 5
_SCHEMES = {"http": "http", "https": "https", "webcal": "https", "webcals": "https"}


class Unavailable(Exception):
    """The bytes cannot be had; the message says why, as a clause."""


class CalendarSource:
    """One FILE_OR_URL of the command line.

    Errors: ValueError for an address that is none.
    """

    def __init__(self, given: str) -> None:
        scheme, _, rest = given.partition("://")
        self.url = f"{_SCHEMES[scheme.lower()]}://{rest}" if rest and scheme.lower() in _SCHEMES else None
        if self.url is None and re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", given):
            raise ValueError(f"{given!r}: only files, http:, https: and webcal: addresses can be read")
        self.path = Path(given) if self.url is None else None
        self.shown, self.stem = called(Path(given)), Path(given).stem
        if self.url is not None:
            parts = urlsplit(self.url)
            if not parts.hostname:
                raise ValueError(f"{given!r} is no web address")
            self.shown, self.stem = f"{parts.scheme}://{parts.hostname}/…", parts.hostname

    async def read(self) -> bytes:
        """Errors: Unavailable."""
        if self.url is not None:
            return await _fetch(self.url)
        assert self.path is not None
        return await asyncio.to_thread(_load, self.path)


def _load(path: Path) -> bytes:
    try:
        return read_bytes(path, BYTES_MAX)
    except Unreadable as error:
        raise Unavailable(str(error)) from None


async def _fetch(url: str) -> bytes:
    timeout = aiohttp.ClientTimeout(total=FETCH_S)
    headers = {"Accept": "text/calendar, */*;q=0.1", "User-Agent": "adjutant-ics"}
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, headers=headers) as session,
            # aiohttp itself follows redirects to http and https only.
            session.get(url, max_redirects=REDIRECTS_MAX) as response,
        ):
            if response.status != 200:
                raise Unavailable(f"it cannot be fetched: the server says {response.status}")
            data = b""
            async for chunk in response.content.iter_chunked(2**16):  # counted after decompression
                data = _bounded(data + chunk)
            return data
    except TimeoutError:
        raise Unavailable(f"it cannot be fetched within {FETCH_S:g} s") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise Unavailable(f"it cannot be fetched: {_without_address(error)}") from None


def _without_address(error: Exception) -> str:
    match error:
        case aiohttp.NonHttpUrlClientError():
            return "it redirects to what is no web address"
        case aiohttp.TooManyRedirects():
            return f"it redirects more than {REDIRECTS_MAX} times"
        case aiohttp.InvalidURL():
            return "its address is not valid"
        case aiohttp.ClientConnectorError():
            return f"no connection: {unquote(error.strerror or 'unknown host')}"
        case _:
            return type(error).__name__


def _bounded(data: bytes) -> bytes:
    if len(data) > BYTES_MAX:
        raise Unavailable(f"it is larger than {BYTES_MAX >> 20} MiB")
    return data
