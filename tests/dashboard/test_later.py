"""What the first screen does not show comes in a file of its own, when it is wanted or there is time."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Response, expect

from tests.dashboard.conftest import Look, priority
from tests.line import LineBetween
from tests.running import WAIT_S, PythonClient, RunningServer, until

LATER = re.compile(r"/later-\w+\.js$")
# A browser that never has time for anything.
BUSY = "globalThis.requestIdleCallback = () => 1;"
LOADED = "performance.getEntriesByType('resource').some(({ name }) => /.later-\\w+.js$/.test(name))"


class CutsOff(LineBetween):
    """Ends all connections when the browser has the first bytes of the file, once."""

    has_cut, is_asked = False, False

    def __init__(self, server: RunningServer) -> None:
        super().__init__(server)
        self.has_begun = asyncio.Event()  # to be set when the browser has them

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gate: asyncio.Event
    ) -> None:
        while data := await reader.read(65_536):
            if self.is_asked and not self.has_cut and b"200 OK" in data and b"javascript" in data:
                self.has_cut = True
                writer.write(data[: data.index(b"\r\n\r\n") + 100])
                await writer.drain()
                await asyncio.wait_for(self.has_begun.wait(), WAIT_S)
                self.cut()
                return
            self.is_asked |= b"/later-" in data
            writer.write(data)
        writer.close()


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
    # What could not be saved now is not loaded before somebody asks for it.
    await sight.page.click(".settings-open")
    await sight.see(".banner[role=alert]", "not loaded yet")
    sight.forgive()


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


async def test_where_the_connection_breaks_off_in_the_middle_the_next_who_asks_gets_them(
    look: Look, server: RunningServer
) -> None:
    failed: list[str] = []
    sight = await look()
    async with CutsOff(server) as line:

        def note(answer: Response) -> None:
            if LATER.search(answer.url):
                line.has_begun.set()

        sight.page.on("response", note)
        sight.page.on("requestfailed", lambda asked: failed.append(asked.url))
        await sight.page.goto(line.url)
        await until(lambda: [url for url in failed if LATER.search(url)], "the cut")
        await sight.stage("connected")
        await sight.page.click(".sources-open")
        await sight.see("#sources")
