"""Sentences that begin with a pronoun for something said before (language/resting)."""

from __future__ import annotations

import pytest

from sio_server.language.resting import with_what_it_rests_on

BEFORE = "We still wait for the signed headcount sheet."


@pytest.mark.parametrize(
    "said",
    [
        "Without it I can't close the quarter.",
        "It has to be signed by Friday.",
        "She will sign the lease on Friday.",
        "That would be too late for the board.",
        "Without that we cannot go on.",
        "But they have not answered us yet.",
    ],
)
def test_what_rests_on_a_pronoun_is_told_with_the_sentence_before_or_not_at_all(said: str) -> None:
    assert with_what_it_rests_on(said, [BEFORE]) == f"{BEFORE} {said}"
    assert with_what_it_rests_on(said, []) == ""
    assert with_what_it_rests_on(said, [BEFORE, "It is late."]) == ""
    assert with_what_it_rests_on(said, ["word " * 100]) == ""


@pytest.mark.parametrize(
    "said",
    [
        "This quarter is the best of all.",
        "It is important to sign the lease by Friday.",
        "The board has it since Monday.",
        "That office has room for forty people.",
        "For the lease we need a signature.",
    ],
)
def test_what_stands_by_itself_is_told_alone(said: str) -> None:
    assert with_what_it_rests_on(said, [BEFORE]) == said
