"""The brief on the page: what the server made, what it rests on, and whether it still holds."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.dashboard.browsing import Sight
from tests.dashboard.conftest import Look, commitment, in_days, priority
from tests.running import PythonClient


@pytest.fixture
async def sight(look: Look, ana: PythonClient) -> Sight:
    """A board on which the server has made the brief of the day."""
    await ana.done(
        "priorities:put", items=[priority(1, title="Sign the budget", due_date=in_days(0)), priority(2)]
    )
    await ana.done("commitments:put", items=[commitment(1, due_date="2020-01-01")])
    sight = await look()
    await sight.type("brief")
    await sight.see("#brief .headline")
    return sight


async def test_a_brief_of_the_server_is_shown_once(sight: Sight) -> None:
    await sight.see("#brief h4", "To decide")
    await sight.gone("#brief .prose")
    said = (await sight.shown("#brief .text"))[0]
    assert said.count("Promise 1") == 1


async def test_the_codes_in_a_brief_open_what_it_rests_on(sight: Sight) -> None:
    assert "commitments/" not in (await sight.shown("#brief"))[0]
    await expect(sight.page.locator("#brief li button.code[data-code=M1]")).to_have_count(1)
    await sight.page.click("#brief li button.code[data-code=M1]")
    await sight.see("#item .headline", "Promise 1")


async def test_a_brief_that_is_outdated_says_so_and_is_made_anew(sight: Sight, ana: PythonClient) -> None:
    await expect(sight.page.locator("#brief .anew")).to_be_hidden()
    await ana.done("commitments:complete", code="M1")
    await sight.see("#brief .note.warn", "outdated")
    await sight.page.click("#brief .anew")
    await sight.gone("#brief .note.warn")
    await expect(sight.page.locator("#brief .anew")).to_be_hidden()


async def test_when_an_item_is_gone_nothing_in_the_brief_opens_it(sight: Sight, ana: PythonClient) -> None:
    await ana.done("commitments:drop", codes=["M1"])
    await sight.gone("#brief button.code[data-code=M1]")
    await sight.see("#brief li:has-text('Promise 1')", "Promise 1")


async def test_records_that_a_brief_rests_on_are_one_sign(look: Look, ana: PythonClient) -> None:
    await ana.done("priorities:put", items=[priority(1)])
    evidence = ["priorities/p1", "records/slack:team/9", "records/mail:inbox/a/b"]
    sections = [
        {"title": "First", "items": [{"text": "They wait for it. P2 does not.", "evidence": evidence}]}
    ]
    await ana.done("brief:set", brief={"sections": sections, "text": "not this"})
    sight = await look()
    await sight.brief()
    await sight.see("#brief li button.code", "P1")
    await expect(sight.page.locator("#brief .evidence")).to_have_count(1)
    sign = sight.page.locator("#brief .evidence")
    await expect(sign).to_have_attribute("title", "Rests on slack:team/9, mail:inbox/a/b")
    await sight.gone("#brief button.code[data-code=P2]")


async def test_on_a_wall_a_brief_is_whole_though_nothing_is_to_press(look: Look, ana: PythonClient) -> None:
    await ana.done("commitments:put", items=[commitment(1, due_date="2020-01-01")])
    await ana.done("brief:generate", kind="daily")
    sight = await look("/#wall")
    await sight.see("html.wall #brief li .code", "M1")
    await expect(sight.page.locator("#brief .make")).to_be_hidden()
