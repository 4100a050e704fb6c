"""Where a server has its calendars, for an address without a path: `/.well-known/caldav` (RFC 6764).

For a bare domain the library looks there itself.
"""

from __future__ import annotations

from urllib.parse import SplitResult, urljoin, urlsplit

import niquests

_PATH = "/.well-known/caldav"
_SILENCE_S = 10
_REDIRECTS = (301, 302, 303, 307, 308)


def better_address(address: str, *, verify: bool | str) -> str | None:
    """The address to which the server of this one redirects; None for none. It is asked without a password.
    Errors: those of niquests."""
    asked = urlsplit(address)
    if asked.scheme not in ("http", "https") or asked.path not in ("", "/"):
        return None
    where = urljoin(address, _PATH)
    response = niquests.get(where, timeout=_SILENCE_S, verify=verify, allow_redirects=False)
    location = response.headers.get("Location")
    if response.status_code not in _REDIRECTS or not location:
        return None
    found = urljoin(where, str(location))
    return found if _is_trusted(urlsplit(found), asked) else None


def _is_trusted(found: SplitResult, asked: SplitResult) -> bool:
    """Whether the password may go there: to the same host or one below it, and no less safely."""
    host, below = found.hostname or "", f".{asked.hostname}"
    same_way = found.scheme == "https" or found.scheme == asked.scheme
    return same_way and found.username is None and (host == asked.hostname or host.endswith(below))
