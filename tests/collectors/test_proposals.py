"""The lines that collectors propose are read by the server as what they were made of."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from collectors.actions.recent import Best
from collectors.proposals import evidence_id, to_add
from handlers import REGISTRY
from handlers.command import kinds, verbs
from models.proposals import GivenProposal
from sio_server.commands.grammar import read
from sio_server.commands.said import Asked, Said, said
from sio_server.registry.registry import Section

MADE = [
    (("owed", "the numbers", "Bo", "2026-12-01"), "add owed Bo: the numbers by 2026-12-01"),
    (("owe", "the draft", "Ana Silva", None), "add owe Ana Silva: the draft"),
    (("owe", "the draft", "Ludwig van der Berg", None), "add owe Ludwig van der Berg: the draft"),
    (("owed", "the draft", "ana", None), "add owed ana: the draft"),
    (("owed", "the draft", "@ana", None), "add owed @ana: the draft"),
    (("owed", "the draft", "ana@example.org", None), "add owed ana@example.org: the draft"),
    (("owed", "the draft", "Ana, Bo", None), "add owed Ana, Bo: the draft"),
    (("owed", "the draft", "王伟", None), "add owed 王伟: the draft"),
    (("owe", "a | b", "Ana", "2026-12-01"), 'add owe Ana: "a | b" by 2026-12-01'),
    (("owe", 'say "yes"', "", None), 'add owe "say \\"yes\\""'),
    (("owe", "Re: the draft", "", None), 'add owe "Re: the draft"'),
    (("owe", "pay by 2026-12-01", "", None), 'add owe "pay by 2026-12-01"'),
    (("priority", "Sign it", "", "2026-12-01T09:00:00Z"), "add priority Sign it by 2026-12-01T09:00:00Z"),
    (("priority", "S1", "", None), 'add priority "S1"'),
    (("priority", "Call Ben tomorrow", "", None), 'add priority "Call Ben tomorrow"'),
    (("priority", "Now !!", "", "2026-12-01"), 'add priority "Now !!" by 2026-12-01'),
    (("owe", "@ana the draft", "", None), 'add owe "@ana the draft"'),
    (("owe", "the draft by Friday", "Bo", None), 'add owe Bo: "the draft by Friday"'),
]


@pytest.mark.parametrize(("given", "line"), MADE, ids=[line for _, line in MADE])
def test_a_line_is_read_as_what_it_was_made_of(given: tuple[str, str, str, str | None], line: str) -> None:
    word, what, who, due = given
    assert to_add(word, what, who, due) == line  # type: ignore[arg-type]
    [phrase] = read(line, verbs(REGISTRY))
    assert (phrase.verb.words[0], phrase.word) == ("add", word)
    section = REGISTRY.sections[kinds(REGISTRY)[word][0]]
    text = phrase.text or ""
    quoted = not line.endswith(text)
    told = Said(text) if quoted else said(text, _asked(section))
    assert (told.what, told.who or "", told.due) == (what, who, due)


def _asked(section: Section[Any]) -> Asked:
    fields = {field.word for field in section.fields}
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    return Asked(bool(section.who), bool(section.due), "urgency" in fields, "assign" in fields, now, UTC)


def test_a_name_that_would_not_be_read_as_one_stays_in_the_words() -> None:
    assert to_add("owed", "the draft", "the people of the third floor") == (
        "add owed the draft (the people of the third floor)"
    )
    assert to_add("priority", "the draft", "Ana") == "add priority the draft (Ana)"


def test_an_id_is_that_of_the_words_however_they_are_written() -> None:
    once = evidence_id("mail:work/1", "Bo will send the numbers.")
    assert once == evidence_id("mail:work/1", "- bo will send **the numbers**")
    assert once != evidence_id("mail:work/2", "Bo will send the numbers.")


def test_what_two_notes_say_is_proposed_once_and_by_the_newer() -> None:
    best = Best()
    for day, line in enumerate(("add priority Old", "add priority New"), 1):
        made = {
            "id": "p",
            "line": line,
            "why": "It was said.",
            "evidence": {"quote": line, "file": "notes.md"},
        }
        best.add(GivenProposal.model_validate(made), date(2026, 11, day))
    assert [one.line for one in best.proposals() if isinstance(one, GivenProposal)] == ["add priority New"]
