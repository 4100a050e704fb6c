"""Which parts of a text somebody wrote as prose (language/passages)."""

from __future__ import annotations

import pytest

from sio_server.language.passages import Passage, end_of_own_words, passage_at, passages

NOTE = """\
# Budget review

Some words first,
that go on here.

## Decisions

- We agreed on the budget for the lab,
  after a long talk.
- [ ] Ana sends the budget
- TODO: check the budget
- AI(Bo): print the budget

| what | budget |
| ---- | ------ |

**Next steps**

- Bo draws up the budget.

Budget of the year
------------------

```
budget = read("budget.txt")
```

> The budget that was quoted is not ours.

1. Parent item
    * The nested budget is too high.
"""


def of(text: str, words: str) -> Passage | None:
    return passage_at(text, text.index(words))


def test_a_paragraph_and_an_item_are_told_whole_with_what_stands_above() -> None:
    assert of(NOTE, "that go on") == Passage("Some words first, that go on here.", ("Budget review",))
    assert of(NOTE, "after a long") == Passage(
        "We agreed on the budget for the lab, after a long talk.", ("Decisions",)
    )
    nested = of(NOTE, "nested budget")
    assert nested is not None
    assert (nested.text, nested.headings[0]) == ("The nested budget is too high.", "1. Parent item")


NO_PROSE = {
    "a heading": "Budget review",
    "a box": "Ana sends",
    "a task": "check the budget",
    "an action item": "print the budget",
    "a row of a table": "budget |",
    "what stands below next steps": "Bo draws",
    "an underlined heading": "Budget of the year",
    "code": "budget = read",
    "a quotation": "that was quoted",
}


@pytest.mark.parametrize("words", NO_PROSE.values(), ids=NO_PROSE)
def test_what_is_no_prose_is_no_passage(words: str) -> None:
    assert of(NOTE, words) is None


LOGS = [
    "2026-11-23T09:00:00Z budget service is down",
    "[2026-11-23 09:00] budget service is down",
    "ERROR: the budget could not be read",
    "09:00:01 budget was loaded",
    "$ cat budget.txt",
    "budget[231]: it was started",
    "npm run budget && echo done",
]


@pytest.mark.parametrize("line", LOGS)
def test_a_log_and_a_command_are_no_passage(line: str) -> None:
    assert of(f"They are below.\n\n{line}\n", "budget") is None


OTHERS_WORDS = {
    "a reply": "I agree.\n\nOn Mon, 23 Nov 2026, Bo wrote:\n> The budget",
    "a German reply": "I agree.\n\nAm 23.11.2026 um 09:00 schrieb Bo Chen:\n> Das Budget",
    "a French reply": "I agree.\n\nLe 23 nov. 2026 à 09:00, Bo a écrit :\nLe budget",
    "a Spanish reply": "I agree.\n\nEl lun, 23 nov 2026, Bo escribió:\nEl presupuesto",
    "a forwarded mail": "I agree.\n\n-----Original Message-----\nFrom: Bo\nThe budget",
    "a head": "I agree.\n\nFrom: Bo\nSent: Monday\nThe budget",
    "a signature": "I agree.\n\n-- \nAna Lopez, Budget Office",
    "a greeting": "I agree.\n\nBest regards,\nAna Lopez\nBudget Office",
    "a German greeting": "I agree.\n\nMit freundlichen Grüßen\nAna Lopez",
    "a French greeting": "I agree.\n\nCordialement,\nAna Lopez",
    "a Spanish greeting": "I agree.\n\nSaludos,\nAna Lopez",
    "a phone": "I agree.\n\nSent from my telephone",
}


@pytest.mark.parametrize("text", OTHERS_WORDS.values(), ids=OTHERS_WORDS)
def test_own_words_end_where_others_or_a_signature_begin(text: str) -> None:
    assert text[: end_of_own_words(text)].strip() == "I agree."


def test_the_first_passages_of_a_text_come_in_their_order() -> None:
    assert [one.text for one in passages(NOTE, 2)] == [
        "Some words first, that go on here.",
        "We agreed on the budget for the lab, after a long talk.",
    ]
