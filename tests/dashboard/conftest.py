"""Fixtures: a browser for each test, pages that nothing may have gone wrong in, and somebody else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Browser

from dashboard import build
from tests.conftest import Connect
from tests.dashboard.browsing import Sight, chromium, driving, morning, slow_down
from tests.running import PythonClient, RunningServer

# All groups of the lists are open.
UNFOLD = """localStorage.setItem("adjutant.unfolded", '["later", "snoozed", "done", "kept"]')"""
Look = Callable[..., Awaitable[Sight]]


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    """The page is looked at as people load it."""
    build.main()


@pytest.fixture(scope="session")
def chromium_address() -> Iterator[str]:
    """One Chromium for all tests; each has a context of its own in it."""
    with chromium() as address:
        yield address


@pytest.fixture(scope="module")
async def browser(chromium_address: str) -> AsyncIterator[Browser]:
    """The Chromium, driven from the event loop of a file's tests."""
    async with driving(chromium_address) as driven:
        yield driven


@pytest.fixture
async def look(
    browser: Browser, server: RunningServer, request: pytest.FixtureRequest
) -> AsyncIterator[Look]:
    """Opens pages: `await look("/#wall", url=server.url, viewport=...)`; nothing may go wrong in them."""
    sights: list[Sight] = []

    async def open_page(
        path: str = "/",
        *,
        url: str | None = None,
        stage: str = "connected",
        **options: Any,
    ) -> Sight:
        base = url or server.url
        # Without a service worker, which only the tests of the installed page need.
        usual = {
            "viewport": {"width": 1440, "height": 900},
            "timezone_id": str(morning().tzinfo),
            "service_workers": "block",
        }
        context = await browser.new_context(**usual | options)
        await context.add_init_script(UNFOLD)
        sight = Sight(await context.new_page())
        sights.append(sight)
        if request.config.getoption("--slow-page"):
            await slow_down(sight.page)
        return await sight.open(base + path, stage)

    yield open_page
    for sight in sights:
        await sight.page.context.close()
    assert [wrong for sight in sights for wrong in sight.wrong] == []


@pytest.fixture
async def ana(server: RunningServer, connect: Connect) -> PythonClient:
    """Somebody else who changes the board."""
    return await connect(client="ana")


def in_minutes(minutes: float) -> str:
    """On the wire."""
    return (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def in_days(days: int) -> str:
    """A date on the wire, of the days that the pages show."""
    return (morning() + timedelta(days=days)).date().isoformat()


def priority(number: int, **fields: Any) -> dict[str, Any]:
    """A priority as its sender states it."""
    return {"id": f"p{number}", "title": f"Priority {number}", **fields}


def commitment(number: int, **fields: Any) -> dict[str, Any]:
    """A commitment of one's own."""
    return {"id": f"m{number}", "description": f"Promise {number}", "direction": "owe", **fields}
