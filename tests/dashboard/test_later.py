"""What the first screen does not show comes in a file of its own, when it is wanted or there is time."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from tests.dashboard.conftest import Look, priority
from tests.running import PythonClient, RunningServer

CODE = re.compile(r"/chunk-\w+\.js$")
LATER = re.compile(r"/later-\w+\.js$")
# A browser that never has time for anything.
BUSY = "globalThis.requestIdleCallback = () => 1;"
LOADED = "performance.getEntriesByType('resource').some(({ name }) => /.later-\\w+.js$/.test(name))"


async def test_a_page_that_has_been_open_for_a_moment_has_them_without_the_server(
    look: Look, server: RunningServer, ana: PythonClient
) -> None:
    await ana.done("priorities:put", items=[priority(1)])
    sight = await look()
    await sight.until(LOADED)
    await sight.page.wait_for_load_state("networkidle")
    await server.kill()
    await sight.stage("offline")
    await sight.page.click("#priorities .opener")
    await sight.see("#item", "Priority 1")
    await sight.page.click(".sources-open")
    await sight.see("#sources")
    sight.forgive()


async def test_without_a_worker_the_settings_are_loaded_when_there_is_time(
    look: Look, server: RunningServer, ana: PythonClient
) -> None:
    await ana.done("priorities:put", items=[priority(1)])
    sight = await look()
    # As on plain HTTP from another machine.
    await sight.page.add_init_script("delete Navigator.prototype.serviceWorker")
    await sight.page.reload()
    await sight.until(LOADED.replace("later", "settings"))
    await sight.page.wait_for_load_state("networkidle")
    await server.kill()
    await sight.stage("offline")
    await sight.page.click(".settings-open")
    await sight.see("#settings")
    sight.forgive()


async def test_a_page_whose_script_cannot_be_had_says_so_in_both_languages(look: Look) -> None:
    sight = await look()
    await sight.gone(".late")
    await sight.page.route(CODE, lambda route: route.abort())
    await sight.page.reload()
    await sight.see("#page", "reload it")
    await sight.see("#page", "laden Sie sie neu")
    sight.forgive()


async def test_without_scripts_the_page_says_what_to_do(browser: Browser, server: RunningServer) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(server.url)
    assert await page.locator(".banner:visible").all_inner_texts() == [
        "This page needs JavaScript; ./adjutant shows the same board in a terminal. "
        "Diese Seite braucht JavaScript; ./adjutant zeigt dieselbe Tafel im Terminal."
    ]
    await context.close()


@pytest.mark.parametrize("key", [False, True])
async def test_what_is_wanted_before_there_was_time_comes_at_once(look: Look, key: bool) -> None:
    sight = await look()
    await sight.page.add_init_script(BUSY)
    await sight.page.reload()
    await sight.stage("connected")
    await sight.see(".settings-open")
    if key:
        await sight.page.focus(".settings-open")
        await sight.press("Enter")
        await expect(sight.page.locator("#settings-title")).to_be_focused()
    else:
        await sight.page.click(".settings-open")
    await sight.see("#settings")


async def test_where_they_cannot_be_had_the_page_says_so_and_tries_again(look: Look) -> None:
    sight = await look()
    await sight.page.add_init_script(BUSY)
    await sight.page.route(LATER, lambda route: route.abort())
    await sight.page.reload()
    await sight.stage("connected")
    await sight.page.click(".sources-open")
    await sight.see(".banner[role=alert]", "not loaded yet")
    await sight.page.unroute(LATER)
    await sight.page.click(".sources-open")
    await sight.page.click(".sources-open")
    await sight.see("#sources")
    await sight.gone(".banner[role=alert]")
    sight.forgive()
