"""Everything that can be done, done by keyboard alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from tests.dashboard.browsing import Sight
from tests.dashboard.conftest import Look, commitment, priority
from tests.running import PythonClient


@pytest.fixture
async def sight(look: Look, ana: PythonClient) -> Sight:
    """A board with some of each, and the focus on nothing."""
    start = (datetime.now(UTC) + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    await ana.done("calendar:put", items=[{"id": "call", "title": "Board call", "start": start}])
    await ana.done("priorities:put", items=[priority(number) for number in range(1, 5)])
    await ana.done("commitments:put", items=[commitment(number) for number in range(1, 4)])
    sight = await look()
    await sight.see('#commitments [data-code="M3"]')
    return sight


async def tab_to(sight: Sight, what: str) -> None:
    """Presses Tab until this has the focus."""
    for _ in range(30):
        if await sight.focused() == what:
            return
        await sight.press("Tab")
    raise AssertionError(f"Tab never comes to {what}")


async def choose(sight: Sight, name: str) -> None:
    """Opens the menu of the item that has the focus, and chooses this action with the arrow keys."""
    await sight.press(".")
    await sight.see("#menu")
    for _ in range(12):
        if name in str(await sight.page.evaluate("document.activeElement.textContent")):
            await sight.press("Enter")
            return
        await sight.press("ArrowDown")
    raise AssertionError(f"there is no action {name}")


async def test_the_tab_key_stops_at_the_command_line_and_once_in_each_panel(sight: Sight) -> None:
    stops = []
    for _ in range(40):
        await sight.press("Tab")
        stops.append(await sight.focused())
        if stops[-1] == "M1":
            break
    ask = "Type a command, a name or a codeCtrl K"
    places = [ask, "C1", "P1", "M1"]
    assert [stop for stop in stops if stop in places] == places
    assert stops[0] == "To the board"
    assert "P2" not in stops


async def test_arrows_go_from_item_to_item_and_from_panel_to_panel(sight: Sight) -> None:
    await tab_to(sight, "P1")
    await sight.press("ArrowDown", "ArrowDown")
    await sight.has_focus("P3")
    await sight.press("End")
    await sight.has_focus("P4")
    await sight.press("Home")
    await sight.has_focus("P1")
    await sight.press("ArrowRight")
    await sight.has_focus("M1")
    await sight.press("ArrowLeft", "ArrowLeft")
    await sight.has_focus("C1")


async def test_done_reopen_remove_and_undo_from_the_item(sight: Sight) -> None:
    await tab_to(sight, "P1")
    await sight.press("Control+Enter")
    await sight.see('[data-code="P1"].done')
    await sight.has_focus("P1")  # it went to the end of the list, and the focus with it
    await sight.press("Control+Enter")
    await sight.gone('[data-code="P1"].done')
    await sight.press("Delete")
    await sight.gone('#priorities [data-code="P1"]')
    await sight.has_focus("P2")
    await sight.press("Control+z")
    await sight.see('#priorities [data-code="P1"]')
    await tab_to(sight, "M1")
    await sight.press("Control+Enter")
    await sight.see('[data-code="M1"].completed')


async def test_each_action_of_the_menu(sight: Sight) -> None:
    await tab_to(sight, "P1")
    await choose(sight, "Snooze for 2 hours")
    await sight.see('[data-code="P1"].snoozed')
    await sight.has_focus("P1")
    await choose(sight, "Reopen")
    await sight.gone('[data-code="P1"].snoozed')
    await choose(sight, "Snooze until tomorrow")
    await sight.see('[data-code="P1"].snoozed', "tomorrow 09:00")
    await choose(sight, "Reopen")
    await sight.gone('[data-code="P1"].snoozed')
    await choose(sight, "Snooze until …")
    await sight.type("mon 14:30")
    await sight.see('[data-code="P1"].snoozed', "14:30")
    await sight.press("Escape")
    await tab_to(sight, "M1")
    await choose(sight, "Done")
    await sight.see('[data-code="M1"].completed')
    await choose(sight, "Remove")
    await sight.gone('#commitments [data-code="M1"]')
    await sight.press(".")
    await sight.see("#menu")
    await sight.press("Escape")
    await expect(sight.page.locator("#menu")).to_be_hidden()


async def test_the_text_of_an_item_is_changed_where_it_stands(sight: Sight) -> None:
    await tab_to(sight, "C1")
    await sight.press("F2")
    await expect(sight.page.locator("#calendar .edit-in")).to_have_value("Board call")
    await sight.press("End")
    await sight.type(" at noon")
    await sight.see('#calendar [data-code="C1"]', "Board call at noon")
    await tab_to(sight, "P1")
    await sight.press("ArrowDown", "F2")
    await sight.see(".words", "update P2")
    await sight.page.keyboard.type("Not this")
    await sight.press("Escape")
    await sight.gone(".edit-in")
    await sight.see('#priorities [data-code="P2"]', "Priority 2")
    await sight.has_focus("P2")


async def test_a_brief_of_a_meeting_is_asked_for_from_the_meeting(sight: Sight) -> None:
    await tab_to(sight, "C1")
    await choose(sight, "Brief me")
    await sight.see("#answer", "brief C1")


async def test_an_item_is_opened_read_and_left_again(sight: Sight) -> None:
    await tab_to(sight, "M1")
    await sight.press("ArrowDown", "Enter")
    await sight.see("#item .headline", "Promise 2")
    await sight.has_focus("item-title")
    await sight.see("#item .past li", "added it")
    await sight.page.focus("#item .actions button")
    await sight.press("Enter")
    await sight.see("#item .actions", "Reopen")
    await sight.has_focus("M2")  # the focus stays among the actions
    await sight.press("Escape")
    await expect(sight.page.locator("#item")).to_be_hidden()


async def test_any_letter_a_slash_and_a_question_mark_do_what_they_say(sight: Sight) -> None:
    await tab_to(sight, "P1")
    await sight.page.keyboard.type("Snooze")
    await expect(sight.page.locator("#line")).to_have_value("Snooze")
    await sight.press("Escape", "Escape")
    assert await sight.focused() != "line"
    await sight.press("/")
    await expect(sight.page.locator("#line")).to_have_value("search ")
    await sight.page.keyboard.type("promise")
    await sight.see("#found .on-board", "Promise 1")
    await sight.press("Escape")
    await expect(sight.page.locator("#palette")).to_be_hidden()
    await sight.press("?")
    await sight.see("#help", "snooze CODE WHEN")
    await sight.press("Escape")
    await expect(sight.page.locator("#palette")).to_be_hidden()
    await sight.type("aprove P1")
    await sight.see("#answer .said")
    await sight.press("Escape")
    await expect(sight.page.locator("#answer")).to_be_empty()


async def test_a_letter_alone_stands_for_a_command_and_enter_does_it(sight: Sight) -> None:
    await sight.press("b")
    await sight.see("#found .hit", "brief C1")
    await sight.gone("#answer .said")
    await sight.press("Enter")
    await sight.see("#brief", "Board call")


async def test_a_name_that_is_typed_is_found_and_enter_opens_it(sight: Sight) -> None:
    await sight.page.keyboard.type("promise 3")
    await sight.see("#found .hit", "Promise 3")
    await sight.press("Enter")
    await sight.see("#item .headline", "Promise 3")


async def test_the_buttons_of_the_page_are_reached_and_pressed(sight: Sight) -> None:
    await tab_to(sight, "No sources yet")
    await sight.press("Enter")
    await sight.see("#sources")
    for name in ("Refresh", "Quick", "Full"):
        await tab_to(sight, name)
        await sight.press("Enter")
        await sight.see("#answer", name.lower())
    await sight.press("Escape", "Escape")
    await sight.type("brief")
    await sight.see("#brief")
    await tab_to(sight, "Week")
    await sight.press("Enter")
    await sight.see("#answer", "brief weekly")
