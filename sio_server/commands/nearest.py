"""The commands that somebody may have meant by another word: by its letters, or because others call it so."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

NEAREST = 3
ALIKE = 0.7
"""How near the letters are (difflib): of four, one may be another or two may have changed places."""
LONGER = 2
"""Letters by which a slip makes a word longer or shorter."""


def nearest(word: str, commands: Mapping[str, Sequence[str]]) -> list[str]:
    """The commands, of these with their synonyms, that the word may stand for or be a misspelling of, the
    likeliest first."""
    plain = unicodedata.normalize("NFKD", word[:40]).lower()
    known = {command: [command] for command in commands}
    for command, synonyms in commands.items():
        for other in synonyms:
            known.setdefault(other, []).append(command)
    if plain in known:
        return known[plain][:NEAREST]
    begun = [command for command in commands if plain and command.startswith(plain)]
    near = [
        one for one in get_close_matches(plain, known, NEAREST, ALIKE) if abs(len(one) - len(plain)) <= LONGER
    ]
    return list(dict.fromkeys([*begun, *(command for one in near for command in known[one])]))[:NEAREST]
