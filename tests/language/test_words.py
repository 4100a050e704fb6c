"""What a title is about (language/words, language/stop_words)."""

from __future__ import annotations

import pytest

from sio_server.language.words import have_to_do, telling

RELATED = [
    ("Budget review", "Sign the BUDGET", True),
    ("Café opening", "café menu", True),
    ("Weekly sync", "Weekly planning", False),
    ("Review", "Review", False),
    ("Q3 plan 2026", "Q3 party 2026", False),
    ("Budget", "Budgetary", False),
    ("", "", False),
    ("東京オフィス", "東京オフィス", True),
    ("snake_case", "case", True),
    ("Charter review", "Redraw the charts", False),
    ("Leaders", "Leads", False),
    ("New server", "Two servers", True),
    ("Process", "Processes", True),
    ("Verträge", "Vertrag mit Bo", True),
    ("Mitglieder", "Mitglied", True),
]


@pytest.mark.parametrize(("one", "other", "related"), RELATED)
def test_texts_have_to_do_with_each_other_by_a_telling_word(one: str, other: str, related: bool) -> None:
    assert have_to_do(one, other) is have_to_do(other, one) is related


def test_telling_words_come_once_in_their_order() -> None:
    assert telling("Zebra, budget and ZEBRA with Ana: the 12345") == ["zebra", "budget", "ana"]
