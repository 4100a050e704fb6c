"""What one needs next is at hand: how to begin a line, the way back and forth, what is news."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import expect

from tests.conftest import Connect
from tests.dashboard.conftest import Look, commitment, priority
from tests.proxy import ReverseProxy
from tests.running import PythonClient, RunningServer

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# The page's own count of a day's free minutes, with the working hours that the server takes.
FREE = """async ([items, day]) => {
    const { liveIn } = await import("/js/dates.js");
    const { timeline, workFrom } = await import("/js/model/day.js");
    liveIn("UTC");
    workFrom(9, 17, (weekday) => (weekday < 5 ? [9, 17] : null));
    return timeline(items, day, Date.now()).freeMs / 60_000;
}"""


async def test_an_empty_line_offers_what_is_done_most_and_enter_does_none_of_it(
    look: Look, ana: PythonClient
) -> None:
    sight = await look()
    await sight.line()
    await sight.see("#options [role=option]", "brief daily")
    await sight.press("Enter")
    await expect(sight.page.locator("#palette")).to_have_attribute("open", "")
    await sight.gone("#brief")
    option = sight.page.locator("#options [role=option]", has_text="add priority")
    await option.click()
    await expect(sight.page.locator("#line")).to_have_value("add priority ")
    await sight.type("Sign the lease")
    await sight.see("#priorities", "Sign the lease")
    await sight.line("ArrowDown")
    await expect(sight.page.locator("#options [aria-selected=true]")).to_contain_text("brief daily")


async def test_the_phones_search_begins_with_them_too(look: Look) -> None:
    sight = await look(**PHONE)
    await sight.page.tap(".tabs [data-name=search]")
    await sight.page.tap("#options [role=option]:has-text('search')")
    await expect(sight.page.locator("#line")).to_have_value("search ")


@pytest.mark.parametrize("by_key", [True, False])
async def test_what_was_taken_back_is_brought_again_by_its_button_and_its_key(
    look: Look, ana: PythonClient, by_key: bool
) -> None:
    await ana.done("priorities:put", items=[priority(1)])
    sight = await look()
    row = sight.page.locator('#priorities [data-code="P1"]')

    async def go(keys: str, label: str) -> None:
        button = sight.page.locator("#answer .undo")
        await expect(button).to_contain_text(label)
        if by_key:
            await sight.press(keys)
        else:
            await button.click()

    await sight.see('#priorities [data-code="P1"]')
    await sight.type("update P1 Sign the lease")
    await expect(row).to_contain_text("Sign the lease")
    await go("Control+z", "Undo")
    await expect(row).to_contain_text("Priority 1")
    await go("Control+Shift+Z", "Redo")
    await expect(row).to_contain_text("Sign the lease")
    await go("Control+z", "Undo")
    await expect(row).to_contain_text("Priority 1")
    await sight.see("#answer .undo", "Redo")
    await sight.press("Control+z")
    await sight.see("#answer [data-state=refused]", "no line of this page to undo")


async def test_redo_does_not_wait_for_the_answer_to_undo_and_goes_on_to_the_undo_before(
    look: Look, ana: PythonClient
) -> None:
    await ana.done("priorities:put", items=[priority(1)])
    sight = await look()
    await sight.see('#priorities [data-code="P1"]')
    for title in ("Sign the lease", "Call the bank"):
        await sight.type(f"update P1 {title}")
        await sight.see('#priorities [data-code="P1"]', title)
    for key in ("Control+z", "Control+z", "Control+Shift+Z", "Control+Shift+Z"):
        await sight.page.keyboard.press(key)
    await sight.see("#answer", "redo")
    await sight.until("document.querySelectorAll('#answer [data-state=done]').length >= 1")
    await sight.see('#priorities [data-code="P1"]', "Call the bank")
    [item] = (await ana.state())["priorities"]
    assert item["title"] == "Call the bank"
    await sight.type("redo")
    await sight.see("#answer [data-state=refused]", "nothing to redo")


async def test_as_many_steps_as_were_taken_back_are_brought_again(
    look: Look, ana: PythonClient, server: RunningServer
) -> None:
    await ana.done("priorities:put", items=[priority(number) for number in (1, 2, 3)])
    done = [f'#priorities [data-code="P{number}"].done' for number in (1, 2, 3)]
    async with ReverseProxy(server) as proxy:
        sight = await look(url=proxy.url.rstrip("/"))
        for number in (1, 2, 3):
            await sight.type(f"done P{number}")
            await sight.see("#answer .step", f"done P{number}")
        await sight.press(*["Control+z"] * 3)
        for row in done:
            await sight.gone(row)
        await sight.press(*["Control+Shift+Z"] * 2)
        for row in done[:2]:
            await sight.see(row)
        await sight.gone(done[2])
        await sight.see("#answer .step", "redo")
        # Also of what is only now being taken back, and of what that brings.
        proxy.hold_acks = True
        await sight.press("Control+z", "Control+Shift+Z", "Control+Shift+Z")
        proxy.hold_acks = False
        for row in done:
            await sight.see(row)
        await sight.press("Control+Shift+Z")
        await sight.see("#answer [data-state=refused]", "nothing to redo")
    left = [item["status"] for item in (await ana.state())["priorities"]]
    assert left == ["done"] * 3


async def test_a_line_after_it_leaves_nothing_to_bring_again(look: Look, ana: PythonClient) -> None:
    await ana.done("priorities:put", items=[priority(1)])
    sight = await look()
    await sight.see('#priorities [data-code="P1"]')
    await sight.type("update P1 Sign the lease")
    await sight.see("#answer .undo", "Undo")
    await sight.type("undo")
    await sight.see("#answer .undo", "Redo")
    await sight.type("update P1 Call the bank")
    await sight.see("#answer .undo", "Undo")
    await sight.type("redo")
    await sight.see("#answer [data-state=refused]", "nothing to redo")
    await sight.see('#priorities [data-code="P1"]', "Call the bank")


async def test_commands_in_an_answer_are_no_backticks(look: Look, ana: PythonClient) -> None:
    day = (datetime.now(UTC) + timedelta(days=2)).date()
    await ana.done("priorities:put", items=[priority(1, due_date=day.isoformat())])
    sight = await look()
    await sight.type(f"day {day.isoformat()}")
    await sight.see("#answer .text code", "takes P1 45 min")
    assert "`" not in (await sight.shown("#answer"))[0]


@pytest.mark.parametrize("width", [1440, 1280])
async def test_an_answer_lies_over_the_list_and_not_over_the_people(
    look: Look, ana: PythonClient, width: int
) -> None:
    await ana.done("commitments:put", items=[commitment(n, assignee=f"Person {n}") for n in range(20)])
    sight = await look(viewport={"width": width, "height": 800})
    await sight.see("#commitments .person")
    await sight.type("add priority Sign the lease")
    await sight.see("#answer .toast")
    answer = await sight.page.locator("#answer .toast").bounding_box()
    people = await sight.page.locator("#commitments").bounding_box()
    assert answer is not None
    assert people is not None
    assert answer["x"] + answer["width"] <= people["x"]


async def test_the_head_of_the_settings_stays_in_sight_on_a_phone(look: Look) -> None:
    sight = await look(**PHONE)
    await sight.page.tap(".settings-open")
    await sight.page.locator("#settings .pref").last.scroll_into_view_if_needed()
    await sight.until("document.querySelector('#settings').scrollTop > 0")
    await expect(sight.page.locator("#settings-title")).to_be_in_viewport(ratio=1)
    await sight.page.tap("#settings .close")
    await sight.gone("#settings")


async def test_a_whole_calendar_that_came_in_is_one_piece_of_news(
    look: Look, connect: Connect, ana: PythonClient
) -> None:
    nina = await connect(client="nina", person="local")
    await nina.done("seen:set", seq=(await nina.done("state:get", sections=["system"]))["seq"])
    work = await connect(source="ics:work")
    await work.done("source:hello", ttl_s=600)
    start = datetime.now(UTC) + timedelta(days=1)
    await work.done(
        "calendar:put",
        items=[
            {"id": f"e{n}", "title": f"Meeting {n}", "start": (start + timedelta(hours=n)).isoformat()}
            for n in range(120)
        ],
    )
    await ana.done("priorities:put", items=[priority(1), priority(2)])
    sight = await look()
    await expect(sight.page.locator("#changes li")).to_have_count(3)
    news = await sight.shown("#changes li")
    assert sum("120 events" in one for one in news) == 1
    assert sum("Priority" in one for one in news) == 2
    await sight.see("#changes .sum", "122")


async def test_the_hours_that_are_free_are_those_of_the_terminal(look: Look, ana: PythonClient) -> None:
    """Working hours that nothing takes, whatever overlaps, is off, is declined or takes whole days."""
    today = datetime.now(UTC).date()
    wednesday = today + timedelta(days=(2 - today.weekday()) % 7 + 7)

    def event(id: str, start: str, end: str, **more: Any) -> dict[str, Any]:
        span = {"start": f"{wednesday}T{start}:00Z", "end": f"{wednesday}T{end}:00Z"}
        return {"id": id, "title": id, **span, **more}

    items = [
        event("early", "07:00", "09:20"),
        event("one", "10:00", "11:30"),
        event("beside", "11:00", "12:00"),
        event("off", "13:00", "14:00", status="cancelled"),
        event("no", "14:00", "15:00", answer="declined"),
        event("open", "15:00", "15:30", busy=False),
        event("late", "16:45", "18:00"),
    ]
    sight = await look()
    for more in (
        [],
        [{"id": "x", "title": "Away", "start": f"{wednesday}", "end": f"{wednesday + timedelta(days=1)}"}],
    ):
        await ana.done("calendar:put", items=[*items, *more])
        for later in range(-1, 6):
            day = (wednesday + timedelta(days=later)).isoformat()
            server = await ana.done("day:get", date=day)
            calendar = (await ana.state())["calendar"]
            assert await sight.page.evaluate(FREE, [calendar, day]) == server["free_min"], (day, more)
