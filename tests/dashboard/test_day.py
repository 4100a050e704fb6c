"""The day as a timeline, people and what others changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.conftest import Connect
from tests.dashboard.browsing import Sight, morning
from tests.dashboard.conftest import Look, commitment, in_days, in_minutes, priority
from tests.dashboard.full_day import BROWSER, NOW, full_day
from tests.running import PythonClient


async def test_what_is_open_with_a_person_unfolds_both_ways(look: Look, ana: PythonClient) -> None:
    promises = [
        commitment(1, assignee="Grace", due_date=in_days(1)),
        commitment(2, assignee="grace", direction="owed"),
        commitment(3, assignee="Ben"),
    ]
    await ana.done("commitments:put", items=promises)
    sight = await look()
    await sight.see("#commitments .person", "Grace")
    await sight.see("#commitments .person", "waits for 1, owes 1")
    await sight.gone('#commitments li.row[data-code="M1"]')
    await sight.page.locator("#commitments .person-open", has_text="Grace").click()
    await sight.see('#commitments li.row[data-code="M1"]', "Promise 1")
    await sight.see('#commitments li.row[data-code="M2"]', "Promise 2")
    await sight.shows("#commitments h3", ["Waits for", "Owes you"])
    await sight.page.click('#commitments [data-code="M1"] .check')
    await sight.see('#commitments [data-code="M1"].completed')


async def test_overlaps_stand_side_by_side_and_blocks_are_as_long_as_their_meetings(
    look: Look, ana: PythonClient
) -> None:
    def event(name: str, start: int, end: int) -> dict[str, str]:
        return {"id": name, "title": name, "start": in_minutes(start), "end": in_minutes(end)}

    events = [event("one", 60, 120), event("two", 90, 150), event("three", 180, 240)]
    await ana.done("calendar:put", items=events)
    sight = await look()
    await sight.see('#calendar [data-code="C3"]')
    boxes = [
        await sight.page.locator(f'#calendar [data-code="C{number}"]').bounding_box() for number in (1, 2, 3)
    ]
    one, two, three = [box for box in boxes if box is not None]
    assert one["x"] + one["width"] <= two["x"] + 1
    assert two["y"] < one["y"] + one["height"]
    assert abs(one["height"] - three["height"]) <= 2
    assert three["width"] > one["width"] * 1.8
    await sight.see("#calendar .both")
    await sight.see("#now .clash", "Two at once today")


async def test_the_most_urgent_is_named_unless_it_takes_longer_than_there_is_time(
    look: Look, ana: PythonClient
) -> None:
    call = {"id": "call", "title": "Board call", "start": in_minutes(41), "end": in_minutes(60)}
    await ana.done("calendar:put", items=[call])
    urgent = priority(1, urgency="high")
    await ana.done("priorities:put", items=[urgent, priority(2), priority(3, minutes=20)])
    sight = await look()
    await sight.see("#now", "The most urgent of what you have to decide: P1.")
    await ana.done("command:run", text="takes P1 90 min")
    await sight.see("#now", "The most urgent that fits: P3, 20 min.")
    await ana.done("command:run", text="takes P3 80 min")
    await sight.see("#now", "The most urgent of what you have to decide: P1.")


async def test_another_day_is_a_click_away(look: Look, ana: PythonClient) -> None:
    tomorrow = {"id": "t", "title": "Far call", "start": in_minutes(24 * 60), "end": in_minutes(24 * 60 + 30)}
    await ana.done("calendar:put", items=[tomorrow])
    sight = await look()
    await sight.see("#now", "No meetings today.")
    await sight.see("#now", "Next: Far call, tomorrow at ")
    await sight.gone('#calendar li[data-code="C1"]')
    await sight.page.locator(".days button[data-day]", has=sight.page.locator("svg.fill")).first.click()
    await sight.see('#calendar li[data-code="C1"]', "Far call")
    await sight.see("#calendar h2", "Tomorrow")
    await sight.page.click(".days button:has-text('Today')")
    await sight.gone('#calendar li[data-code="C1"]')


async def test_a_board_with_nothing_on_it_says_what_to_do(look: Look, ana: PythonClient) -> None:
    sight = await look()
    await expect(sight.page.locator(".stepcard")).to_have_count(3)
    await sight.see(".stepcard", "python -m collectors.ics")
    await sight.page.click("text=Type it")
    await expect(sight.page.locator("#line")).to_have_value("add priority Sign the lease by Friday !!")
    await sight.press("Enter")
    await sight.see("#priorities .row", "Sign the lease")
    await sight.gone(".stepcard")


async def test_what_others_changed_is_listed_until_it_is_seen(
    look: Look, ana: PythonClient, connect: Connect
) -> None:
    call = {"id": "call", "title": "Board call", "start": in_minutes(60), "end": in_minutes(90)}
    await ana.done("calendar:put", items=[call])
    # Who uses the page has looked before: at a first visit nothing is told.
    await (await connect(person="local")).done("seen:set", seq=1)
    sight = await look()
    await sight.see('#calendar [data-code="C1"]')
    await ana.done("calendar:put", items=[call | {"start": in_minutes(75)}])
    await sight.see("#changes .moved", "Board call")
    await ana.done("priorities:put", items=[priority(1)])
    await sight.see("#changes .added", "Priority 1")
    await sight.type("add priority My own")
    await sight.see("#priorities", "My own")
    await expect(sight.page.locator("#changes .change")).to_have_count(2)
    await sight.page.click("#changes [data-act=seen]")
    await sight.gone("#changes")


async def test_what_is_moved_cancelled_or_not_answered_says_so_and_asks_for_no_time(
    look: Look, ana: PythonClient
) -> None:
    def event(name: str, start: int, **fields: object) -> dict[str, object]:
        return {
            "id": name,
            "title": name,
            "start": in_minutes(start),
            "end": in_minutes(start + 60),
            **fields,
        }

    await ana.done("calendar:put", items=[event("Moved", 60)])
    later = event("Moved", 120)
    off = event("Off", 125, status="cancelled")
    asked = event("Asked", 240, answer="needs_action")
    await ana.done("calendar:put", items=[later, off, asked])
    sight = await look()
    await sight.see('#calendar [data-code="C1"] .was')
    await sight.see('#calendar [data-code="C2"] .flag', "cancelled")
    await sight.see('#calendar [data-code="C3"]', "not answered")
    await sight.gone("#calendar .both")
    await sight.gone("#now .clash")


async def test_on_the_wall_a_private_meeting_is_busy(look: Look, ana: PythonClient) -> None:
    secret = {
        "id": "s",
        "title": "Dr. Weiss",
        "start": in_minutes(30),
        "end": in_minutes(60),
        "private": True,
    }
    await ana.done("calendar:put", items=[secret | {"attendees": ["Dr. Weiss <w@example.org>"]}])
    sight = await look("/#wall")
    await sight.see(".wstage h2", "Busy")
    assert "Weiss" not in await sight.page.inner_text("body")


@pytest.mark.parametrize("hour", range(24))
def test_somewhere_it_is_morning_at_any_hour(hour: int) -> None:
    now = datetime(2026, 11, 30, hour, 58, tzinfo=UTC)
    there = morning(now)
    assert there == now
    assert there.hour == 10
    assert (there + timedelta(hours=12)).date() == there.date()


async def test_before_the_working_day_the_first_meeting_is_next_and_the_night_is_not_free(
    browser: Browser, tmp_path: Path
) -> None:
    async with full_day(tmp_path / "day") as server:
        context = await browser.new_context(**BROWSER, viewport={"width": 1440, "height": 900})
        sight = Sight(await context.new_page())
        await sight.page.clock.set_fixed_time(NOW.replace(hour=0, minute=13))
        await sight.open(server.url)
        await sight.see("#now .cap", "Next in")
        await sight.see("#now .counter b", "8:17")
        await sight.see("#now h2", "Exec stand-up")
        await sight.see("#calendar .sum", "2 h 05 free")  # from nine o'clock on
        await context.close()


async def test_a_meeting_that_begins_is_now_and_not_nothing_ago(look: Look, ana: PythonClient) -> None:
    start = in_minutes(60)
    await ana.done(
        "calendar:put", items=[{"id": "a", "title": "Call", "start": start, "end": in_minutes(90)}]
    )
    sight = await look()
    begins = datetime.fromisoformat(start)
    await sight.page.clock.set_fixed_time(begins + timedelta(seconds=10))
    await sight.see("#now .counter b", "now")
    await sight.see("#now .counter .cap", "Begins")
    await sight.page.clock.set_fixed_time(begins + timedelta(seconds=70))
    await sight.see("#now .counter .unit", "minute ago")
