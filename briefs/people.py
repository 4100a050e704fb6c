"""Who is meant: attendees are names or addresses, assignees whatever somebody typed."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache, lru_cache

_ADDRESS = re.compile(r"(?<![^\s<>@])<?([^\s<>@]++)@[^\s<>@]+>?")  # begins at a word: else it is quadratic
_BETWEEN = re.compile(r"[^\w]+|_+")
_KEPT = 4_096  # names cached: the people of a large board


@lru_cache(_KEPT)
def names_in(person: str) -> frozenset[str]:
    """The words that a person goes by: `Ana Lopez <ana.lopez@example.org>` goes by ana and lopez."""
    address = _ADDRESS.search(person)
    text = _ADDRESS.sub(" ", person) + (" " + address[1] if address else "")
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(mark for mark in plain if not unicodedata.combining(mark))
    return frozenset(word for word in _BETWEEN.split(kept) if word)


def is_same(one: str, other: str) -> bool:
    """Whether both may be the same person: all that the shorter name says is in the longer one."""
    first, second = names_in(one), names_in(other)
    return bool(first and second) and (first <= second or second <= first)


def one_of(people: Iterable[str]) -> Callable[[str | None], bool]:
    """Whether somebody may be one of these people (`is_same`). Cost: hardly of how many they are, and nothing
    for somebody asked again."""
    having: dict[str, list[frozenset[str]]] = defaultdict(list)
    led_by: dict[str, list[frozenset[str]]] = defaultdict(list)
    for names in dict.fromkeys(map(names_in, people)):
        for word in names:
            having[word].append(names)
        if names:
            led_by[max(names, key=len)].append(names)

    @cache
    def may_be(person: str | None) -> bool:
        own = names_in(person or "")
        longer = min((having.get(word, []) for word in own), key=len, default=[])
        shorter = (names for word in own for names in led_by.get(word, ()))
        return any(own <= names for names in longer) or any(names <= own for names in shorter)

    return may_be


def telling_name(person: str) -> str:
    """The one name that is most likely only theirs: the longest."""
    return max(sorted(names_in(person)), key=len, default="")


def quotable(person: str) -> str:
    """The name as a search takes it in quotation marks."""
    return " ".join(shown(person).replace('"', " ").split())


def shown(person: str) -> str:
    """The name without the address, where there is one."""
    name = re.sub(r"\s*<[^<>]*>\s*", " ", person).strip(" \"'")
    return name or person.strip("<> ") or person
