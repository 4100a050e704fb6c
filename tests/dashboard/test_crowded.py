"""Days that are fuller or emptier than most: many meetings at once, free time, and nothing at all."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.dashboard.browsing import Sight
from tests.dashboard.conftest import Look, in_minutes
from tests.dashboard.full_day import BROWSER, NOW, FullDay, at, full_day
from tests.running import PythonClient

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
# Of all blocks of the day: the least room for a title, in px.
NARROWEST = """() => {
    const blocks = [...document.querySelectorAll("#calendar .ev")];
    return Math.min(...blocks.map((one) => one.clientWidth));
}"""


def meeting(number: int, begin: int = 60, end: int = 105, **fields: Any) -> dict[str, Any]:
    """One of that day, so many minutes from now."""
    times = {"start": in_minutes(begin), "end": in_minutes(end)}
    return {"id": f"n{number}", "title": f"Meeting {number}", **times} | fields


@pytest.fixture
async def nine(ana: PythonClient) -> None:
    """Nine at once, of which one is declined, and one after them."""
    crowd = [meeting(number) for number in range(1, 9)]
    declined = meeting(9, answer="declined", title="Not this one")
    await ana.done("calendar:put", items=[*crowd, declined, meeting(10, 130, 160)])


@pytest.mark.parametrize("options", [DESK, PHONE, DESK | {"viewport": {"width": 1024, "height": 768}}])
@pytest.mark.usefixtures("nine")
async def test_of_nine_at_once_each_title_has_room_and_the_rest_are_counted_in_a_list(
    look: Look, options: dict[str, Any]
) -> None:
    sight = await look(**options)
    await sight.see("#calendar .pile", "+7 more")
    assert await sight.page.evaluate(NARROWEST) >= 80
    await sight.see("#calendar .pile", "Meeting 3")
    shown = await sight.page.locator("#calendar .ev[data-code]").count()
    assert shown == 3  # two of the nine, and the one after them
    await sight.see("#now .clash", "8 at once today")
    pile = sight.page.locator("#calendar .pile .opener")
    if options is PHONE:
        await pile.tap()
    else:
        await pile.click()
    entries = sight.page.locator("#menu [role=menuitem]")
    await expect(entries).to_have_count(7)
    await expect(entries.last).to_contain_text("Not this one")  # what one does not go to comes last
    await entries.filter(has_text="Meeting 8").click()
    await sight.see("#item .headline")
    assert await sight.page.locator("#item .headline").input_value() == "Meeting 8"


@pytest.mark.usefixtures("nine")
async def test_by_keys_the_list_of_those_at_once_opens_and_leads_back(look: Look) -> None:
    sight = await look()
    await sight.see("#calendar .pile", "+7 more")
    await sight.page.focus('#calendar .opener[tabindex="0"]')
    await sight.press("Home", "ArrowDown", "ArrowDown", "Enter")
    await sight.see("#menu [role=menuitem]", "Meeting 3")
    await sight.press("Escape")
    await sight.until('document.activeElement.closest(".pile")')
    await sight.press("Enter", "ArrowDown", "Enter")
    await sight.see("#item .headline")
    assert await sight.page.locator("#item .headline").input_value() == "Meeting 4"


@pytest.mark.usefixtures("nine")
async def test_the_week_too_has_two_columns_at_most(look: Look) -> None:
    sight = await look()
    await sight.see("#calendar .pile")
    await sight.type("week")
    await sight.see(".week-board .pile", "+8 more")
    assert await sight.page.evaluate(NARROWEST) >= 50


async def _open(browser: Browser, server: FullDay, path: str = "/", **options: Any) -> Sight:
    context = await browser.new_context(**BROWSER | DESK | options)
    sight = Sight(await context.new_page())
    await sight.page.clock.set_fixed_time(NOW)
    return await sight.open(server.url + path)


async def _days(server: FullDay, *events: dict[str, Any]) -> None:
    calendar = await PythonClient(source="ics:work", client="ics:work").connect(server.url)
    await calendar.done("calendar:put", items=list(events), mode="replace", allow_empty=True)
    await calendar.disconnect()


def _event(ident: str, start: str, end: str, day: int = 30, **fields: Any) -> dict[str, Any]:
    return {"id": ident, "title": ident, "start": at(start, day), "end": at(end, day)} | fields


async def test_free_time_is_named_where_it_is_to_be_seen(browser: Browser, tmp_path: Any) -> None:
    async with full_day(tmp_path / "day") as server:
        declined = _event("press", "11:00", "12:00", answer="declined")
        covered = _event("visit", "14:00", "15:00", status="cancelled")
        await _days(
            server,
            _event("first", "10:00", "11:00"),
            declined,
            _event("noon", "13:00", "14:00"),
            covered,
            _event("late", "15:00", "15:30"),
        )
        sight = await _open(browser, server)
        gaps = sight.page.locator("#calendar .gap > :last-child")
        await expect(gaps).to_have_text(["2 h free from 11:00", "1 h free", "1 h 30 free"])
        # What is cancelled covers all of an hour: it is said all the same, to whoever listens.
        assert [("vh" in (await gap.get_attribute("class") or "")) for gap in await gaps.all()] == [
            False,
            True,
            False,
        ]
        block = await sight.page.locator("#calendar .ev.declined").bounding_box()
        label = await gaps.first.bounding_box()
        assert block is not None
        assert label is not None
        assert label["y"] >= block["y"] + block["height"] - 4
        await sight.page.context.close()
        wall = await _open(browser, server, "/#wall")
        await wall.see(".wfree", "Free 11:00 to 13:00 and 14:00 to 15:00")
        await wall.page.context.close()


async def test_a_day_without_meetings_names_the_next_one(browser: Browser, tmp_path: Any) -> None:
    async with full_day(tmp_path / "day") as server:
        await _days(server, _event("Board", "10:00", "11:00", day=32))
        sight = await _open(browser, server)
        await sight.see("#now .eyebrow", "Monday 30 November")
        await sight.see("#now h2", "No meetings today.")
        await sight.see("#now .line", "Next: Board, Wed 2 Dec at 10:00.")
        await sight.page.context.close()
        german = await _open(browser, server, locale="de-DE")
        await german.see("#now h2", "Heute keine Termine.")
        await german.page.context.close()
        await _days(server)
        quiet = await _open(browser, server)
        await quiet.see("#now h2", "Nothing ahead.")
        await quiet.page.context.close()
