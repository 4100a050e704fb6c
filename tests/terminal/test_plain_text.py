"""What reaches the terminal is only what can be read."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.plain_text import clip, columns, plain, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred [0m"),
        ("\x1b]0;title\x07x", "]0;title x"),
        ("a\x9b2Jb", "a 2Jb"),
        ("one\r\n\ttwo\x00", "one two"),
        ("\u202edlrow\u202c \u2066x\u2069\u200f", "dlrow x"),
        ("a\u2028b\u2029c", "a b c"),
        ("\ufeffa\u200bb\u00adc\U000e0041\ue000", "abc"),
        ("\u2764\ufe0f", "\u2764"),
        ("e" + "\u0316" * 50, "e" + "\u0316" * 4),
        ("e\u0301", "\u00e9"),
        (None, ""),
        (7, "7"),
    ],
)
def test_what_a_terminal_would_obey_is_taken_out(text: object, shown: str) -> None:
    assert plain(text) == shown


def test_a_very_long_text_is_not_read_to_its_end() -> None:
    assert len(plain("x" * 10_000_000)) < 10_000


@given(st.text())
def test_nothing_invisible_is_left(text: str) -> None:
    assert not [mark for mark in plain(text) if unicodedata.category(mark) in ("Cc", "Cf", "Cs", "Co")]


@given(st.text(st.characters(exclude_categories=["Cf", "Cs", "Co", "Mn", "Mc", "Me"])))
def test_characters_keep_their_places(text: str) -> None:
    assert len(visible(text)) == len(text)


@given(st.text(), st.integers(-5, 40))
def test_a_clipped_text_fits(text: str, width: int) -> None:
    text = plain(text)
    clipped = clip(text, width)
    assert columns(clipped) <= max(0, width)
    assert clipped == text or clipped.endswith("…") or width <= 0
