"""Sentences of mails and chats that ask for something or promise it, and others."""

import pytest

from collectors.actions.intent import asks_or_promises


@pytest.mark.parametrize(
    "sentence",
    [
        "Please send me the numbers.",
        "Could you call Bo?",
        "Let me know what you think.",
        "Let's talk tomorrow",
        "I'll send you the draft tonight.",
        "I will get back to you on Monday",
        "We need to discuss the budget.",
        "Call me when you get a chance.",
        "Ana, forward the mail to Bo",
        "It would be great if you could join us",
        "What about lunch on Friday",
        "Don\u2019t hesitate to call",
        "Review the attached contract",
        "Keep me posted",
        "We can meet the targets in a few days",
        "An e-mail now and then would be helpful",
        "I would like to hear more",
        "I suggest that you do it in writing",
        "Don't change anything for now",
        "If you get a chance, shoot me a line",
    ],
)
def test_what_asks_or_promises(sentence: str) -> None:
    assert asks_or_promises(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "Thanks for the mail.",
        "I look forward to seeing you",
        "The meeting was on Friday.",
        "Bo has sent the numbers",
        "Click here to unsubscribe",
        "You receive this because you do not want to receive our news",
        "My address is new",
        "See you on Sunday",
        "To ensure delivery, please add us to your contacts",
        "x" * 1_000_000,
    ],
    ids=range(11),
)
def test_what_does_neither(sentence: str) -> None:
    assert not asks_or_promises(sentence)
