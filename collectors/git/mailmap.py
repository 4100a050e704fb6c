"""A `.mailmap`: who people are by now, as `git log` reads it (gitmailmap(5)).

The library's own reader compares letter by letter, takes a name alone for a person, and gives up at a line
that it does not understand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

_NAMED = re.compile(rb"([^<]*)<([^>]*)>")
Named = tuple[bytes, bytes]
"""A name and an address as they stand in a commit."""


class Mailmap:
    """What several files say, later ones over earlier ones."""

    def __init__(self, files: Iterable[bytes] = ()) -> None:
        self._of: dict[tuple[bytes, bytes | None], Named] = {}
        for file in files:
            for line in file.split(b"\n"):
                if not line.startswith(b"#"):
                    self._add(_NAMED.findall(line)[:2])

    def __call__(self, name: bytes, email: bytes) -> Named:
        """The name and the address that this person goes by."""
        address = email.lower()
        now = self._of.get((address, name.lower()), self._of.get((address, None), (b"", b"")))
        return now[0] or name, now[1] or email

    def _add(self, people: list[Named]) -> None:
        match [(name.strip(), email.strip()) for name, email in people]:
            case [(name, email)] if email:
                self._put((email, None), (name, b""))
            case [(name, email), (old_name, old_email)] if email:
                self._put((old_email, old_name or None), (name, email))

    def _put(self, old: tuple[bytes, bytes | None], now: Named) -> None:
        key = (old[0].lower(), old[1].lower() if old[1] is not None else None)
        before = self._of.get(key, (b"", b""))
        self._of[key] = (now[0] or before[0], now[1] or before[1])


Mapped = Callable[[bytes, bytes], Named]


def unmapped(name: bytes, email: bytes) -> Named:
    """As the commit says it."""
    return name, email
