"""The person the board is for: tells my items from others'."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from collectors.actions.words import EVERYBODY

_WITH_ADDRESS = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>\s*")


class Me:
    """A person by names, handles and addresses; without any, nobody that a text names is this person."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._whole: set[str] = set()
        self._known: set[str] = set()
        for name in names:
            for plain in filter(None, map(_plain, _forms(name))):
                self._whole.add(plain)
                self._known |= {plain, plain.split()[0], plain.partition("@")[0]} - {""}

    def __bool__(self) -> bool:
        return bool(self._known)

    def is_one_of(self, names: Sequence[str]) -> bool:
        """Whether these names include this person, or mean everybody."""
        plain = [_plain(name) for name in names]
        return any(name in self._known or name in EVERYBODY for name in plain)

    def is_meant(self, written: str) -> bool:
        """Whether `Ana Silva <ana@example.org>` is this person: by the address, or by the whole name where it
        has none, or none is known."""
        name, address = _forms(written)
        if address and any("@" in known for known in self._whole):
            return _plain(address) in self._whole
        return _plain(name or address) in self._whole


NOBODY = Me()


def _forms(written: str) -> tuple[str, str]:
    found = _WITH_ADDRESS.fullmatch(written)
    if found is not None:
        return found["name"].strip(" \"'"), found["address"]
    return ("", written) if "@" in written[1:] else (written, "")


def _plain(name: str) -> str:
    return " ".join(name.strip().lstrip("@").casefold().split())
