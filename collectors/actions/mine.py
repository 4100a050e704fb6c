"""For whom the board is: what is mine to do, and what others owe me."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from collectors.actions.words import EVERYBODY


class Me:
    """A person by names, handles and addresses; without any, nobody that a text names is this person."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._known: set[str] = set()
        for name in names:
            plain = _plain(name)
            if plain:
                self._known |= {plain, plain.split()[0], plain.partition("@")[0]} - {""}

    def is_one_of(self, names: Sequence[str]) -> bool:
        """Whether it is this person's, or everybody's."""
        plain = [_plain(name) for name in names]
        return any(name in self._known or name in EVERYBODY for name in plain)


def _plain(name: str) -> str:
    return " ".join(name.strip().lstrip("@").casefold().split())
