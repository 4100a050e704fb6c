"""What sources state about people, grouped by person.

Entries that share an address are one person; one without any belongs to the only person of its full name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sio_server.people.names import straight, words_of


@dataclass(frozen=True)
class Entry:
    """One source's statement about one person."""

    source: str
    names: tuple[str, ...]
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Person:
    """`name` is what they are called, `names` are all."""

    name: str
    names: tuple[str, ...]
    addresses: tuple[str, ...]


def groups_of(entries: list[Entry]) -> Iterator[list[Entry]]:
    """The entries of each person, in the order of the first."""
    shared = _shared_mailboxes(entries)
    leads = [*range(len(entries))]

    def lead(number: int) -> int:
        while leads[number] != number:
            leads[number] = leads[leads[number]]
            number = leads[number]
        return number

    by_address: dict[str, int] = {}
    for number, entry in enumerate(entries):
        for address in {one.casefold() for one in entry.addresses} - shared:
            first = lead(by_address.setdefault(address, number))
            low, high = sorted((first, lead(number)))
            leads[high] = low
    by_name = _by_full_name(entries, [lead(number) for number in range(len(entries))])
    for number, entry in enumerate(entries):
        if lead(number) == number and not entry.addresses:
            known = {other for name in entry.names for other in by_name.get(words_of(straight(name)), ())}
            known -= {number}
            if len(known) == 1 and not any(entries[other].source == entry.source for other in known):
                leads[number] = lead(next(iter(known)))
    groups: defaultdict[int, list[Entry]] = defaultdict(list)
    for number, entry in enumerate(entries):
        kept = tuple(one for one in entry.addresses if one.casefold() not in shared)
        if kept or not entry.addresses:
            groups[lead(number)].append(Entry(entry.source, entry.names, kept))
    return iter(groups.values())


def _by_full_name(entries: Sequence[Entry], leads: Sequence[int]) -> dict[tuple[str, ...], set[int]]:
    found: defaultdict[tuple[str, ...], set[int]] = defaultdict(set)
    for number, entry in enumerate(entries):
        for name in entry.names:
            words = words_of(straight(name))
            if len(words) > 1 and entry.addresses:
                found[words].add(leads[number])
    return found


def _shared_mailboxes(entries: Iterable[Entry]) -> set[str]:
    """Addresses shared by several people, whose names have no word in common."""
    names: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    for entry in entries:
        for address in entry.addresses:
            names[address.casefold()].update(words_of(straight(name)) for name in entry.names)
    return {
        address for address, some in names.items() if _are_strangers([one for one in some if len(one) > 1])
    }


def _are_strangers(names: list[tuple[str, ...]]) -> bool:
    """Whether three of the names have pairwise no word in common."""
    apart: list[set[str]] = []
    for name in sorted(names):
        if all(other.isdisjoint(name) for other in apart):
            apart.append(set(name))
    return len(apart) > 2


def person_of(entries: Sequence[Entry]) -> Person:
    said: Counter[str] = Counter()
    for entry in entries:
        names = [name for one in entry.names if words_of(name := straight(one))]
        said.update([*names, *names[:1]])  # the first is the source's name for them
    addresses = tuple(dict.fromkeys(address for entry in entries for address in entry.addresses))
    names = sorted(said, key=lambda name: (-_fullness(name), -said[name], name))
    return Person(next(iter(names), addresses[0] if addresses else ""), tuple(names), addresses)


def _fullness(name: str) -> int:
    """Ranks a name: a full name over a short one, that over an address or handle."""
    if "@" in name or any(mark.isdigit() for mark in name):
        return 0
    return 2 if " " in name else 1
