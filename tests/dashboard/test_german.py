"""What the German page knows of the server's sentences is what the server says."""

from __future__ import annotations

from tests.dashboard.german import occurs, translated, without_german


def test_each_sentence_that_has_german_is_still_said() -> None:
    assert len(translated()) > 30
    assert [said for said in translated() if not occurs(said)] == []


def test_a_sentence_that_nobody_says_is_found() -> None:
    assert not occurs("The server is not stopping at all.")
    assert not occurs("Marks items as done; accepts proposal.")


def test_the_refusals_without_german_are_listed_with_their_values_left_out() -> None:
    listed = without_german()
    assert len(listed) > 20
    assert not {*listed} & {*translated()}
    assert any("…" in said for said in listed)
