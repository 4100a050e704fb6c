"""A long list is drawn in steps, and is whole for who prints it, searches it or goes through it by keys."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from tests.dashboard.browsing import Sight
from tests.dashboard.conftest import Look, priority
from tests.running import PythonClient

MANY = 300
# A browser that never has time for anything.
BUSY = "globalThis.requestIdleCallback = () => 1;"
# Instants every half hour of the days around each change of the clocks, told by the page and by the browser.
TOLD = """async (zone) => {
    const dates = await import("/js/dates.js");
    dates.liveIn(zone);
    const parts = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" };
    const format = new Intl.DateTimeFormat("en-CA", { ...parts, timeZone: zone, hourCycle: "h23" });
    const wrong = [];
    const spring = ["2026-02-14", "2026-03-21", "2026-03-28", "2026-04-04"];
    for (const day of [...spring, "2026-10-03", "2026-10-24", "2011-12-29"]) {
        for (let half = 0; half < 144; half++) {
            const at = Date.parse(`${day}T00:00:00Z`) + half * 1_800_000;
            const said = `${dates.dayOf(at)}, ${dates.clock(at)}`;
            if (said !== format.format(at)) wrong.push([said, format.format(at)]);
        }
    }
    return [dates.zoneName(), wrong];
}"""


async def with_many(look: Look, ana: PythonClient, **options: Any) -> Sight:
    """A page of a board with many priorities."""
    await ana.done("priorities:put", items=[priority(number) for number in range(MANY)])
    return await look(**options)


async def test_a_long_list_is_drawn_a_screenful_first_and_then_whole(look: Look, ana: PythonClient) -> None:
    sight = await with_many(look, ana)
    rows = sight.page.locator("#priorities .row")
    await expect(rows).to_have_count(MANY)
    await sight.page.add_init_script(BUSY)
    await sight.page.reload()
    await sight.see("#priorities .row")
    first = await rows.count()
    end = await rows.last.evaluate("(row) => row.getBoundingClientRect().bottom - innerHeight")
    assert end > 0  # beyond what is in sight
    assert first < MANY
    await sight.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    await expect(rows).to_have_count(MANY)
    assert len(set(await rows.locator(".title").all_text_contents())) == MANY


async def test_keys_reach_the_last_row_of_a_long_list(look: Look, ana: PythonClient) -> None:
    sight = await with_many(look, ana)
    rows = sight.page.locator("#priorities .row")
    await expect(rows).to_have_count(MANY)
    await rows.first.locator(".opener").focus()
    await sight.press("End")
    await sight.has_focus(await rows.last.get_attribute("data-code"))
    await ana.done("priorities:put", items=[priority(MANY)])
    await expect(rows).to_have_count(MANY + 1)
    assert await sight.page.locator("#priorities .opener[tabindex='0']").count() == 1


@pytest.mark.parametrize(
    "zone",
    [
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Africa/Casablanca",
        "Asia/Tehran",
    ],
)
async def test_hours_are_told_as_the_browser_does_around_each_change_of_the_clocks(
    look: Look, zone: str
) -> None:
    sight = await look()
    assert await sight.page.evaluate(TOLD, zone) == [zone, []]
