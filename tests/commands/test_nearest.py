"""What is said of a word that is no command (commands/nearest, handlers/synonyms)."""

from __future__ import annotations

import pytest

from handlers import REGISTRY
from handlers.command import verbs
from handlers.synonyms import SYNONYMS
from sio_server.commands.nearest import nearest

COMMANDS = {word: SYNONYMS.get(word, "").split() for verb in verbs(REGISTRY) for word in verb.words}


def test_synonyms_are_of_commands_and_none_is_one() -> None:
    assert SYNONYMS.keys() <= COMMANDS.keys()
    assert not {other for said in SYNONYMS.values() for other in said.split()} & COMMANDS.keys()


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("remind", ["snooze"]),
        ("Finish", ["done"]),
        ("delete", ["drop"]),
        ("delet", ["drop"]),
        ("open", ["reopen", "show"]),
        ("agenda", ["day"]),
        ("brif", ["brief"]),
        ("approveP1", ["approve"]),
        # Alike in some letters only, or much longer.
        ("residue", []),
        ("redistribute", []),
        ("", []),
    ],
)
def test_what_is_meant_is_near_in_letters_and_length_or_a_synonym(word: str, meant: list[str]) -> None:
    assert nearest(word, COMMANDS) == meant
