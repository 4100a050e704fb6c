"""The dashboard in a real Chromium, looked at and used as a person would."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Page,
    WebSocketRoute,
    async_playwright,
    expect,
)

from tests.running import WAIT_S, until_found

# The shell is the same engine without the browser around it, and uses a third less CPU. By its full path:
# Debian's command of that name is a shell script that does not hand on the signal to end.
NAMES = (
    "/usr/lib/chromium/chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
)
# What Chromium and its driver write to the console while the server is away, or of what a test leaves out.
EXPECTED = (
    "WebSocket connection to",
    "net::ERR_CONNECTION_",  # refused, reset, closed
    "net::ERR_EMPTY_RESPONSE",
    "net::ERR_CONTENT_LENGTH_MISMATCH",  # in the middle of a file
    "net::ERR_INCOMPLETE_CHUNKED_ENCODING",
    "net::ERR_SOCKET_NOT_CONNECTED",
    "Service Worker registration blocked by Playwright",
    "WebSocket is already in CLOSING or CLOSED state",  # of `--slow-page`, at the end of a page
)
# `--slow-page`: how much longer the page takes for everything, and how late each message is.
SLOWER = 4
LATER_S = 0.2

expect.set_options(timeout=WAIT_S * 1000)


def morning(now: datetime | None = None) -> datetime:
    """Now, in a zone where it is past ten in the morning: there, what is soon is today, whatever the hour."""
    now = now or datetime.now(UTC)
    east = (10 - now.hour + 12) % 24 - 12
    # These zones are named by the hours that they are behind.
    return now.astimezone(ZoneInfo(f"Etc/GMT{-east:+d}" if east else "Etc/UTC"))


def chromium_path() -> str | None:
    """The system's Chromium."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def require_chromium() -> str:
    """The path of Chromium; else skips the test (under CI: fails it)."""
    if path := chromium_path():
        return path
    reason = "Chromium is not installed: the dashboard's tests need it (on Debian: apt-get install chromium)"
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@contextmanager
def chromium() -> Iterator[str]:
    """The system's Chromium, headless, in a process of its own: the address at which it is driven."""
    path = require_chromium()
    # No sandbox: it does not start for root, and it only ever opens pages of our own here.
    flags = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run")
    with TemporaryDirectory(prefix="adjutant-chromium-", ignore_cleanup_errors=True) as folder:
        command = (path, *flags, "--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank")
        with subprocess.Popen(
            command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        ) as process:
            try:
                yield _address(process)
            finally:
                process.terminate()
                process.communicate(timeout=WAIT_S)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if found := re.search(r"DevTools listening on (ws://\S+)", line):
            return found[1]
    raise AssertionError(f"Chromium did not start: {said}")


@asynccontextmanager
async def driving(address: str) -> AsyncIterator[Browser]:
    """The Chromium at this address."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.connect_over_cdp(address)
        yield browser
        await browser.close()


async def slow_down(page: Page) -> None:
    """As on a machine that has much else to do: the page is SLOWER, and each message comes LATER_S later.

    What a test assumes to be done by now then is not (`pytest --slow-page tests/dashboard`).
    """
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})

    async def hand_on(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        for side, other in ((route, server), (server, route)):
            waiting: asyncio.Queue[str | bytes] = asyncio.Queue()
            side.on_message(waiting.put_nowait)
            tasks.add(asyncio.ensure_future(_hand_on(waiting, other)))

    tasks: set[asyncio.Future[None]] = set()
    page.on("close", lambda _: _cancel(tasks))
    await page.route_web_socket("**", hand_on)


def _cancel(tasks: set[asyncio.Future[None]]) -> None:
    for task in tasks:
        task.cancel()


async def _hand_on(waiting: asyncio.Queue[str | bytes], side: WebSocketRoute) -> None:
    while True:
        message = await waiting.get()
        await asyncio.sleep(LATER_S)
        side.send(message)


class Sight:
    """One page that a person looks at, and what went wrong in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []
        page.set_default_timeout(WAIT_S * 1000)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", self._listen)

    async def open(self, url: str, stage: str = "connected") -> Sight:
        """Loads the page and waits until it has come to this stage; itself, for chaining."""
        await self.page.goto(url)
        await self.stage(stage)
        return self

    async def stage(self, stage: str) -> None:
        """Returns when the page says that the connection is so."""
        await self.page.wait_for_selector(f'html[data-link="{stage}"]')

    async def see(self, selector: str, text: str | None = None) -> None:
        """Returns when it is there, with this in its text."""
        place = self.page.locator(selector).first
        await expect(place).to_be_visible()
        if text is not None:
            await expect(place).to_contain_text(text)

    async def gone(self, selector: str) -> None:
        """Returns when there is none."""
        await expect(self.page.locator(selector)).to_have_count(0)

    async def until(self, expression: str) -> None:
        """Returns when this JavaScript expression is true."""
        # Playwright evaluates a bare expression anew each time, which the policy of the page forbids.
        await self.page.wait_for_function(f"() => {expression}")

    async def shown(self, selector: str) -> list[str]:
        """The texts of all that match."""
        texts: list[str] = await self.page.locator(selector).all_inner_texts()
        return texts

    async def shows(self, selector: str, texts: Sequence[str]) -> None:
        """Returns when these are the texts of all that match."""

        async def are_these() -> bool:
            return await self.shown(selector) == [*texts]

        await until_found(are_these, f"{selector} with {texts}")

    async def press(self, *keys: str) -> None:
        """Presses keys, one after the other."""
        for key in keys:
            await self.page.keyboard.press(key)

    async def type(self, line: str) -> None:
        """Types, and presses Enter."""
        await self.page.keyboard.type(line)
        await self.press("Enter")

    async def sources(self) -> None:
        """Opens the list of the sources."""
        await self.page.click(".sources-open")
        await self.see("#sources")

    async def brief(self) -> None:
        """Opens the brief."""
        await self.page.click("[data-act=brief]")
        await self.see("#brief")

    async def line(self, *keys: str) -> None:
        """Opens the command line, and presses keys in it."""
        await self.press("Control+k", *keys)

    async def focused(self) -> Any:
        """The id, code or text of what has the focus."""
        return await self.page.evaluate(
            """() => {
                const at = document.activeElement;
                if (at.closest("#now")) return at.textContent.trim();
                return at.closest("[data-code]")?.dataset.code ?? (at.id || at.textContent.trim());
            }"""
        )

    async def has_focus(self, what: str | None) -> None:
        """Returns when this has the focus; `what` is as of `focused`."""

        async def is_there() -> bool:
            return bool(await self.focused() == what)

        await until_found(is_there, f"the focus on {what}")

    def forgive(self) -> None:
        """What went wrong so far, and what the browser itself says of refused requests, was meant to."""
        self.wrong.clear()
        self.page.remove_listener("console", self._listen)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(known in message.text for known in EXPECTED):
            self.wrong.append(message.text)
