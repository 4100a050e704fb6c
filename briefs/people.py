"""Who is meant: attendees are names or addresses, assignees whatever somebody typed."""

from __future__ import annotations

import re
import unicodedata

_ADDRESS = re.compile(r"<?([^\s<>@]+)@[^\s<>@]+>?")
_BETWEEN = re.compile(r"[^\w]+|_+")


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


def telling_name(person: str) -> str:
    """The one name that is most likely only theirs: the longest."""
    return max(sorted(names_in(person)), key=len, default="")


def shown(person: str) -> str:
    """The name without the address, where there is one."""
    name = re.sub(r"\s*<[^<>]*>\s*", " ", person).strip(" \"'")
    return name or person.strip("<> ")
