"""A section without a panel of its own on the page is shown, found, opened and carried out all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.conftest import Connect
from tests.dashboard.browsing import Sight
from tests.dashboard.conftest import Look
from tests.dashboard.test_keys import choose, tab_to
from tests.forked import ForkedServer
from tests.running import PythonClient, RunningServer


class ServerWithGoals(ForkedServer):
    """One that has a section more."""

    program = (str(Path(__file__).with_name("goals.py")),)


@pytest.fixture
def kind() -> type[RunningServer]:
    """The servers of this module."""
    return ServerWithGoals


@pytest.fixture
async def ana(connect: Connect) -> PythonClient:
    """Who has set three goals."""
    ana = await connect(client="ana")
    goals: list[dict[str, Any]] = [
        {"id": "a", "aim": "Reach the south pole", "due_date": "2199-02-01"},
        {"id": "b", "aim": "Write the book"},
        {"id": "c", "aim": "Learn to sail", "due_date": "2199-01-01"},
    ]
    await ana.done("goals:put", items=goals)
    return ana


@pytest.fixture
async def sight(look: Look, ana: PythonClient) -> Sight:
    """The page, which knows of the goals what the server says."""
    sight = await look()
    await sight.see("#goals h2", "Goals")
    return sight


async def test_its_items_are_listed_in_its_order_and_follow_every_change(
    sight: Sight, ana: PythonClient
) -> None:
    codes = "#goals .row > .code"
    await sight.shows(codes, ["G3", "G1", "G2"])
    await sight.see('#goals [data-code="G3"] .due')
    await ana.done("goals:complete", code="G3")
    await sight.see('#goals [data-code="G3"].done.flash')
    await sight.shows(codes, ["G1", "G2", "G3"])
    await sight.see("#goals .count", "2")


async def test_its_check_mark_its_menu_and_its_text(sight: Sight, ana: PythonClient) -> None:
    await sight.page.click('#goals [data-code="G1"] .check')
    await sight.see('#goals [data-code="G1"].done:not(.doing)')
    await tab_to(sight, "G3")
    await sight.press("End")
    await choose(sight, "Reopen")
    await sight.see('#goals [data-code="G1"]:not(.done):not(.doing)')
    assert {goal["stage"] for goal in (await ana.state())["goals"]} == {"ahead"}
    await sight.press("Home", "F2")
    await expect(sight.page.locator("#goals .edit-in")).to_have_value("Learn to sail")
    await sight.press("End")
    await sight.type(" and to row")
    await sight.see('#goals [data-code="G3"] .title', "Learn to sail and to row")


async def test_its_details_say_all_of_its_fields(sight: Sight) -> None:
    await sight.page.click('#goals [data-code="G1"] .opener')
    await sight.see("#item .headline", "Reach the south pole")
    await sight.see("#item .fields", "Stage")
    await sight.see("#item .fields", "ahead")
    await sight.see("#item .past li", "added it")
    await sight.page.click("#item .actions button:has-text('Done')")
    await sight.see("#item .fields", "reached")


async def test_its_items_are_found_and_suggested(sight: Sight) -> None:
    await sight.type("search pole")
    await sight.see("#found .on-board .hit", "Reach the south pole")
    await sight.press("Escape")
    await sight.page.keyboard.type("done sail")
    await sight.see("#suggestions [role=option]", "done G3")
