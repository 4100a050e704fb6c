"""The page's screens on one full day, as the pictures in docs/screenshots/ show them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page

from tests.dashboard.browsing import Sight
from tests.dashboard.full_day import BROWSER, NOW, FullDay, full_day

DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
TABLET: dict[str, Any] = {"viewport": {"width": 1024, "height": 768}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
WALL: dict[str, Any] = {"viewport": {"width": 1920, "height": 1080}, "color_scheme": "dark"}
NAMES = (
    "desk",
    "desk-dark",
    "item",
    "palette",
    "search",
    "week",
    "settings",
    "tablet",
    "phone",
    "phone-list",
    "phone-people",
    "wall",
    "first-run",
)


async def screens(browser: Browser, folder: Path) -> AsyncIterator[tuple[str, Page]]:
    """Each of NAMES with a page that shows it."""
    async with full_day(folder / "day") as server:
        async with _page(browser, server, DESK) as sight:
            yield "desk", sight.page
            await sight.page.click('#priorities [data-code="P4"] .opener')
            await sight.see("#item .past li")
            await sight.page.click('#item .value[data-word="due"]')
            await sight.see("#item .edit-in")
            yield "item", sight.page
            await sight.press("Escape")
            await sight.gone("#item .edit-in")
            await sight.press("Escape")
            await sight.gone("#item")
            await sight.page.keyboard.type(
                "done P1 | snooze P2 fri 9:00 | add owe Marcus: the cap by 2026-12-02"
            )
            await sight.see("#plan .step >> nth=2")
            yield "palette", sight.page
            await sight.press("Escape")
            await sight.page.keyboard.type("clause")
            await sight.see("#found .record")
            yield "search", sight.page
            await sight.press("Escape")
            await sight.type("week")
            await sight.see(".week-board .ev")
            yield "week", sight.page
            await sight.type("day")
            await sight.see(".day .ev")
            await sight.page.click(".settings-open")
            await sight.see("#settings")
            yield "settings", sight.page
        for name, options in (("desk-dark", DESK | {"color_scheme": "dark"}), ("tablet", TABLET)):
            async with _page(browser, server, options) as sight:
                yield name, sight.page
        async with _page(browser, server, PHONE) as sight:
            yield "phone", sight.page
            await sight.page.tap(".tabs [data-name=list]")
            await sight.see("#priorities .row")
            yield "phone-list", sight.page
            await sight.page.tap(".lists [data-name=people]")
            await sight.see(".person")
            yield "phone-people", sight.page
        async with _page(browser, server, WALL, "/#wall") as sight:
            yield "wall", sight.page
    async with full_day(folder / "new", empty=True) as server, _page(browser, server, DESK) as sight:
        yield "first-run", sight.page


@asynccontextmanager
async def _page(
    browser: Browser, server: FullDay, options: dict[str, Any], path: str = "/"
) -> AsyncIterator[Sight]:
    """Nina's, at that moment."""
    context = await browser.new_context(**(BROWSER | {"service_workers": "block"} | options))
    await context.add_init_script(
        """localStorage.setItem("adjutant.name", "dashboard-nina");
        // A page that is closed after a while has been seen: here each one is a first look.
        Object.defineProperty(document, "hidden", { get: () => false });"""
    )
    page = await context.new_page()
    await page.clock.set_fixed_time(NOW)
    sight = await Sight(page).open(server.url + path)
    await sight.see("[data-code^=C], .stepcard")
    if await page.locator(".stepcard").count() == 0 and path == "/" and not options.get("is_mobile"):
        await sight.see("#changes")
        await sight.see(".two-zones")
    await page.evaluate("document.fonts.ready")
    yield sight
    await context.close()


async def whole(page: Page) -> None:
    """Returns when all rows of all lists are drawn."""
    await page.wait_for_selector("[data-list][aria-busy]", state="detached")


async def picture(page: Page) -> bytes:
    """The PNG of what is to be seen, once nothing lights up or fades any more."""
    await whole(page)
    await page.wait_for_selector(".flash", state="detached")
    await page.wait_for_timeout(300)
    return await page.screenshot(animations="disabled", caret="hide")
