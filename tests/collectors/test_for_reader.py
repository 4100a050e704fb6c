"""Proposals of mails name people as the board's reader sees them (collectors/actions/reading)."""

from __future__ import annotations

import pytest

from collectors.actions.reading import for_reader
from tests.collectors.test_said import talk, told


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "Could you send me the signed headcount sheet by Friday?",
            "add owe Bo: send the signed headcount sheet by 2026-11-27",
        ),
        ("Please sign it and send it back to me.", "add owe Bo: sign it and send it back"),
        ("I'll send you the updated forecast.", "add owed Bo: send the updated forecast"),
        ("Please send me my contract.", "add owe Bo: send me my contract"),
    ],
)
def test_me_and_you_of_the_sender_are_left_out_of_a_proposal(text: str, line: str) -> None:
    assert told(text, talk()) == [f"? {line}"]


@pytest.mark.parametrize(
    "what",
    [
        "tell me about the plan",
        "give me a call",
        "send me back to school",
        "ask me when it is done",
        "send my regards to me and Cy",
        "bring the keys to me",
    ],
)
def test_what_is_not_sure_stays_as_it_was_said(what: str) -> None:
    assert for_reader(what) == what
