"""The page in headless Chromium: how soon it shows data, how soon a change, what it loads and holds."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, CDPSession, Page

from bench import seed
from bench.client import Client, LoadError, connect
from bench.server import serving
from bench.table import Table, count, mb, ms, quantile
from tests.dashboard.browsing import chromium, chromium_path, driving

FILES = 100
WITHIN_S = 240.0
IN_FLIGHT = 20
ON_SCREEN_WITHIN_S = 15.0

# When the first row stands in the document, the frame that has it is painted before the next begins.
PAINTED = """
    globalThis.paintedMs = new Promise((resolve) => {
        new MutationObserver((_, observer) => {
            if (!document.querySelector("#calendar .row, #priorities .row")) return;
            observer.disconnect();
            requestAnimationFrame(() => resolve(performance.now()));
        }).observe(document, { subtree: true, childList: true });
    });
"""
# Titles say when their change was asked for; the frame after one stands there, it is on the screen.
LATE = """() => {
    globalThis.lateMs = new Map();
    const sentAt = /sent at ([0-9.]+)/;
    new MutationObserver((changes) => {
        const seen = changes.map(({ target }) => sentAt.exec(target.textContent)?.[1]).filter(Boolean);
        requestAnimationFrame(() => {
            const now = performance.timeOrigin + performance.now();
            for (const sent of seen) if (!lateMs.has(sent)) lateMs.set(sent, now - Number(sent));
        });
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


@dataclass(frozen=True)
class Loads:
    """First loads, nothing cached: ms until data was painted, and bytes as they came over the network."""

    painted_s: list[float]
    bytes: Counter[str]


@dataclass(frozen=True)
class Held:
    """What the page holds after so many patches, with the garbage collected."""

    patches: int
    heap_bytes: int
    nodes: int
    listeners: int


@dataclass
class Seen:
    """All that was measured."""

    loads: Loads
    late_s: list[float] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)


async def measure(
    folder: Path,
    *,
    events: int = 1_000,
    priorities: int = 500,
    loads: int = 7,
    changes: int = 400,
    per_s: float = 20,
    patches: int = 10_000,
) -> Seen:
    """Loads the page some times, then changes it at a pace, then as fast as it goes."""
    with chromium() as address:
        async with serving(folder) as server, driving(address) as browser:
            writer = await connect(server.port, client="bench")
            await seed.fill(writer, events, priorities)
            seen = Seen(await _loads(browser, server.url, loads))
            page = await _open(browser, server.url)
            await page.locator("#calendar .row, #priorities .row").nth(events + priorities - 1).wait_for()
            seen.late_s = await _changes(page, writer, changes, per_s)
            session = await page.context.new_cdp_session(page)
            await _flood(page, writer, max(10, patches // 10))  # warms up
            seen.held.append(await _held(session, 0))
            await _flood(page, writer, patches)
            seen.held.append(await _held(session, patches))
            writer.close()
    return seen


async def _open(browser: Browser, url: str) -> Page:
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    await page.add_init_script(PAINTED)
    await page.goto(url)
    await page.evaluate("paintedMs")
    return page


async def _loads(browser: Browser, url: str, times: int) -> Loads:
    painted_s = []
    for _ in range(times):
        page = await _open(browser, url)
        painted_s.append(await page.evaluate("paintedMs") / 1000)
        await page.context.close()
    return Loads(painted_s, await _weigh(browser, url))


async def _weigh(browser: Browser, url: str) -> Counter[str]:
    context = await browser.new_context()
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    kinds: dict[str, str] = {}
    weights: Counter[str] = Counter()

    def responded(event: dict[str, Any]) -> None:
        path = event["response"]["url"]
        kinds[event["requestId"]] = "socket.io-client" if "/vendor/" in path else event["type"].lower()

    def loaded(event: dict[str, Any]) -> None:
        weights[kinds.get(event["requestId"], "other")] += int(event["encodedDataLength"])

    def received(event: dict[str, Any]) -> None:
        weights["the state, by websocket"] += len(event["response"]["payloadData"].encode())

    session.on("Network.responseReceived", responded)
    session.on("Network.loadingFinished", loaded)
    session.on("Network.webSocketFrameReceived", received)
    await session.send("Network.enable")
    await page.goto(url)
    await page.wait_for_selector("#calendar .row")
    await context.close()
    return weights


async def _changes(page: Page, writer: Client, times: int, per_s: float) -> list[float]:
    await page.evaluate(LATE)
    begun = time.perf_counter()
    asked = []
    for number in range(times):
        await asyncio.sleep(max(0.0, begun + number / per_s - time.perf_counter()))
        title = f"Change {number}, sent at {time.time() * 1000:.3f}"
        # Each another item: of two changes of one within a frame only the last is ever on the screen.
        item = seed.priority(number) | {"title": title}
        asked.append(writer.request("priorities:put", {"items": [item]}))
    await asyncio.gather(*asked)
    async with asyncio.timeout(ON_SCREEN_WITHIN_S):
        while await page.evaluate("lateMs.size") < times:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    late_ms: list[float] = await page.evaluate("[...lateMs.values()]")
    return [late / 1000 for late in late_ms]


async def _flood(page: Page, writer: Client, patches: int) -> None:
    """Each request is a patch of its own; the page has drawn the last one when this returns."""
    for first in range(0, patches, IN_FLIGHT):
        numbers = range(first, min(first + IN_FLIGHT, patches))
        items = [
            seed.priority(number % 500) | {"title": f"Patch {number} of {patches}"} for number in numbers
        ]
        await asyncio.gather(*(writer.request("priorities:put", {"items": [item]}) for item in items))
    last = page.locator("#priorities .title", has_text=f"Patch {patches - 1} of {patches}")
    await last.wait_for(state="attached")
    await page.wait_for_selector(".flash", state="detached")


async def _held(session: CDPSession, patches: int) -> Held:
    for _ in range(3):
        await session.send("HeapProfiler.collectGarbage")
    heap = await session.send("Runtime.getHeapUsage")
    counters = await session.send("Memory.getDOMCounters")
    return Held(patches, int(heap["usedSize"]), counters["nodes"], counters["jsEventListeners"])


def tables(seen: Seen) -> Sequence[Table]:
    """As printed."""
    if not seen.late_s:
        raise LoadError("no change came to the page")
    painted, late = seen.loads.painted_s, seen.late_s
    times = Table(
        "dashboard: from the server to the screen, in headless Chromium",
        ("", "times", "median ms", "p99 ms", "worst ms"),
        [
            ("first paint with data, nothing cached", *_times(painted)),
            ("a change of another client, on the screen", *_times(late)),
        ],
        ("good:", "", "", "1000 and 100", ""),
        (
            "The board has 1,000 events and 500 priorities; changes come 20 a second, and each counts until",
            "the frame after it stands on the page.",
        ),
    )
    loaded = Table(
        "dashboard: bytes of the first load, as they come over the network",
        ("what", "KB"),
        [
            *((kind, f"{size / 1000:.1f}") for kind, size in sorted(seen.loads.bytes.items())),
            ("together", f"{seen.loads.bytes.total() / 1000:.1f}"),
        ],
        ("good:", "without the state < 100"),
    )
    held = Table(
        "dashboard: what the page holds, garbage collected",
        ("after patches", "heap MB", "nodes", "listeners"),
        [
            (count(row.patches), mb(row.heap_bytes), count(row.nodes), count(row.listeners))
            for row in seen.held
        ],
        ("good: the same in", "each", "row", ""),
    )
    return times, loaded, held


def _times(took_s: Sequence[float]) -> tuple[str, str, str, str]:
    return count(len(took_s)), ms(quantile(took_s, 0.5)), ms(quantile(took_s, 0.99)), ms(max(took_s))


async def run(folder: Path) -> Sequence[Table]:
    """At full size; without Chromium there is nothing to measure."""
    if chromium_path() is None:
        return [Table("dashboard: left out, Chromium is not installed", (), (), ())]
    return tables(await measure(folder))
