"""The search on the page: while one types, and as a line."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.dashboard.browsing import Sight
from tests.dashboard.conftest import Look, priority
from tests.running import PythonClient


@pytest.fixture
async def sight(look: Look, ana: PythonClient) -> Sight:
    """A board with something to find on it and beside it."""
    await ana.done("priorities:put", items=[priority(1, title="Sign the budget"), priority(2)])
    records = [
        {
            "id": f"r{number}",
            "title": f"Mail {number}",
            "text": f"\U0001f600 the contract and the budget, part {number} <b>bold</b>",
            "at": "2026-01-02T09:00:00Z",
            "meta": {"author": "Grace <i>"},
        }
        for number in range(30)
    ]
    await ana.done("records:put", records=records)
    return await look()


async def test_a_word_that_is_half_typed_finds_already(sight: Sight) -> None:
    await sight.press("/")
    await sight.page.keyboard.type("budg")
    await sight.see("#found .on-board", "Sign the budget")
    await sight.see("#found .record", "Mail")
    await sight.see("#found .none", "30 in the records")


async def test_a_hit_says_who_when_and_where_and_its_marks_are_on_the_words(sight: Sight) -> None:
    await sight.type("search budget")
    await sight.see("#found .record .code", "S1")
    await sight.see("#found .record .source", "Grace <i>")
    await sight.see("#found .record .source", "local")
    assert set(await sight.shown("#found .record mark")) == {"budget"}
    assert await sight.page.locator("#found b b, #found i").count() == 0


async def test_a_hit_is_named_in_the_next_line(sight: Sight, ana: PythonClient) -> None:
    await sight.press("/")
    await sight.page.keyboard.type("contract")
    await sight.press("Enter")
    await sight.see("#found .record .code", "S1")
    await sight.type("add owe S1")
    await sight.see("#commitments .person", "Grace")
    (owed,) = (await ana.state())["commitments"]["owe"]
    assert owed["evidence"]["file"].startswith("records/local/")


async def test_there_is_more_than_one_page_of_hits(sight: Sight) -> None:
    await sight.type("search contract")
    await sight.see("#found .record .code", "S1")
    await sight.page.click("#found .further")
    await expect(sight.page.locator("#found .record")).to_have_count(30)
    await expect(sight.page.locator("#found .further")).to_be_hidden()


async def test_a_search_among_other_steps_shows_its_hits(sight: Sight) -> None:
    await sight.type("done P2 | search contract")
    await sight.see('#priorities [data-code="P2"].done')
    await sight.see("#found .record .code", "S1")
    await sight.see("#answer", "30 in the records")


async def test_a_bar_after_a_search_is_part_of_the_line(sight: Sight) -> None:
    await sight.type("search budget |")
    await sight.see("#answer .step", "search budget")
