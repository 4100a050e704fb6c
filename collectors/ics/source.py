"""A calendar's source: a file or a web address, its bytes, and its name for people.

An address is usually a secret (whoever has it can read the calendar), so only its host is ever shown.
"""

import asyncio
import re
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from collectors.folders import Unreadable, called, read_bytes
from collectors.ics.address import without_secrets
from collectors.ics.fetch import BYTES_MAX, Known, NoConnection, Unavailable, fetch
from collectors.ics.file import Octets
from collectors.texts import shown

# A webcal: address says nothing of TLS, and old servers have none.
_SCHEMES = {"http": ("http",), "https": ("https",), "webcals": ("https",), "webcal": ("https", "http")}


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
        self._known: dict[str, Known] = {}
        self.path = None if schemes else Path(given)
        self.shown, self.stem = called(Path(given)), Path(given).stem
        self.plain = self.urls[0] if self.urls else ""
        if self.urls:
            parts = urlsplit(self.urls[0])
            if not parts.hostname:
                raise ValueError(f"{given!r} is not a web address")
            self.shown, self.stem = f"{parts.scheme}://{parts.hostname}/…", parts.hostname
            self.plain = without_secrets(self.urls[0])

    async def read(self, *, allow_private: bool = False) -> Octets:
        """Errors: Unavailable."""
        if self.path is not None:
            return Octets(shown(self.shown), await asyncio.to_thread(_load, self.path))
        name = shown(self.shown)
        for url in self.urls[:-1]:
            with suppress(NoConnection):
                return await self._fetched(name, url, allow_private)
        open_to_all = "" if len(self.urls) == 1 else "it was fetched by http: the server does not know https"
        return await self._fetched(name, self.urls[-1], allow_private, open_to_all)

    async def _fetched(self, name: str, url: str, allow_private: bool, remark: str = "") -> Octets:
        found = await fetch(url, self._known.setdefault(url, Known()), allow_private=allow_private)
        return Octets(name, found.data, found.charset, "; ".join(filter(None, (remark, found.remark))))


def _load(path: Path) -> bytes:
    try:
        return read_bytes(path, BYTES_MAX)
    except Unreadable as error:
        raise Unavailable(str(error)) from None
