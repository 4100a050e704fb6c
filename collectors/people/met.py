"""The people whom a source names: by address, those first who are named most often, within bounds."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from collectors.identity import stable_id
from collectors.texts import fitted, one_line
from collectors.types import Finding, Kind, NoneLeft
from models.people import ADDRESS_MAX, NAME_MAX, NAMES_MAX, GivenPerson

PEOPLE_MAX = 2_000
"""Whom a source tells of: who is named less often is hardly on anybody's board."""
_ADDRESSES_MAX = 50_000  # counted in one run, of which the 2,000 most frequent are sent
_NAMES_HELD = 50  # written forms of one person
_WRITTEN = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>\s@]+@[^<>\s@]+)>\s*")
_ADDRESS = re.compile(r"[^<>\s@]+@[^<>\s@]+")


class Met:
    """Gathers names by address."""

    def __init__(self) -> None:
        self._names: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._often: Counter[str] = Counter()
        self._too_many = 0

    def meet(self, written: str, times: int = 1) -> None:
        """Takes note of somebody who is written as `Name <address>`; of a name alone nothing can be told."""
        found = _WRITTEN.fullmatch(written)
        if found is None or len(found["address"]) > ADDRESS_MAX:
            return
        address = found["address"].casefold()
        if address not in self._often and len(self._often) >= _ADDRESSES_MAX:
            self._too_many += times
            return
        self._often[address] += times
        names = self._names[address]
        for name in names_within([found["name"]]):
            if name in names or len(names) < _NAMES_HELD:
                names[name] += times

    def people(self) -> Iterator[GivenPerson | Finding | NoneLeft]:
        """Those who have a name, the most frequent first."""
        named = [address for address, _ in self._often.most_common() if self._names[address]]
        for address in named[:PEOPLE_MAX]:
            names = tuple(name for name, _ in self._names[address].most_common(NAMES_MAX))
            yield GivenPerson(id=stable_id("person", address), names=names, addresses=(address,))
        more = max(0, len(named) - PEOPLE_MAX) + self._too_many
        if more:
            why = f"{more:,} people who are named less often are not sent to the directory"
            yield Finding(Kind.NOTE, "", why)
        if not named:
            yield NoneLeft("people")


def names_within(names: Iterable[str]) -> list[str]:
    """The names as the directory takes them, each once; an address is none."""
    plain = (fitted(one_line(name).strip("\"' ,;"), NAME_MAX) for name in names)
    kept = (name for name in plain if any(mark.isalpha() for mark in name) and "@" not in name[1:])
    return list(dict.fromkeys(kept))[:NAMES_MAX]


def addresses_within(addresses: Iterable[str]) -> list[str]:
    """The addresses as the directory takes them, each once."""
    plain = (one_line(address).removeprefix("mailto:") for address in addresses)
    kept = (one for one in plain if len(one) <= ADDRESS_MAX and _ADDRESS.fullmatch(one))
    return list(dict.fromkeys(kept))[:NAMES_MAX]
