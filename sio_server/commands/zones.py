"""Time zones as people type them: `Tokyo`, `new york` or `America/New_York`."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache
from zoneinfo import available_timezones

from sio_server.registry.errors import bad_request

_BETWEEN = re.compile(r"\s*[,;]\s*|\s+(?:\+|and)\s+", re.IGNORECASE)
_NOT_A_PLACE = ("Etc/", "SystemV/", "posix/", "right/", "US/")


def zones_in(text: str) -> list[str]:
    """The IANA names of the zones, each once.

    Errors: bad_request, with the nearest name.
    """
    return [*dict.fromkeys(zone for part in _BETWEEN.split(text.strip(" ,;")) for zone in _zones(part))]


def _zones(said: str) -> list[str]:
    """One zone, or several with nothing but spaces between them."""
    whole = _zone(said)
    found = [whole] if whole else [zone for word in said.split() if (zone := _zone(word))]
    if whole or (found and len(found) == len(said.split())):
        return found
    near = get_close_matches(_plain(said), _known(), 1, 0.6)
    hint = f"Did you mean {_known()[near[0]]}?" if near else "Write it like Europe/Berlin, or name its city."
    raise bad_request(f"There is no time zone “{said[:40]}”. {hint}")


def _zone(said: str) -> str | None:
    return _known().get(_plain(said))


def _plain(said: str) -> str:
    return "_".join(said.casefold().split())


@cache
def _known() -> dict[str, str]:
    """The zones by their names, and by their cities; of two with one city, the one with the shorter name."""
    names = sorted(available_timezones(), key=lambda name: (name.startswith(_NOT_A_PLACE), len(name), name))
    known = {_plain(name): name for name in names}
    for name in names:
        if not name.startswith(_NOT_A_PLACE):
            known.setdefault(_plain(name.rpartition("/")[2]), name)
    return known
