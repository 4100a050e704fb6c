"""The page in headless Chromium: time to first data, latency of changes, bytes loaded, memory."""

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
from dashboard import build
from tests.dashboard.browsing import chromium, chromium_path, driving, morning

FILES = 100
WITHIN_S = 240.0
IN_FLIGHT = 20
ON_SCREEN_WITHIN_S = 15.0
SLOWER = 4.0
WIDTHS = (1440, 1024, 390)
PHONE = 720
SETTLED_MS = 500
STATE = "the state, by websocket"
LATER = "scripts for later, when the first screen is drawn"
KINDS = {"Document": "the page", "Script": "scripts", "Stylesheet": "styles", "Font": "font"}
# [titles to see, those of them that are not whole]
CUT = """() => {
    const shown = [...document.querySelectorAll("#page .title")].filter((one) => one.checkVisibility());
    const isCut = (one) => one.closest(".opener.over") || one.scrollWidth > one.clientWidth + 1
        && getComputedStyle(one).display !== "inline";
    return [shown.length, shown.filter(isCut).length];
}"""

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
class Cut:
    """Titles on a page of this width, and how many of them are not whole to see."""

    width: int
    titles: int
    cut: int


@dataclass(frozen=True)
class Held:
    """What the page holds after so many patches, with the garbage collected."""

    patches: int
    heap_bytes: int
    nodes: int
    listeners: int


@dataclass
class Seen:
    """All measurements."""

    loads: Loads
    slow: Loads
    cut: list[Cut] = field(default_factory=list)
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
    """Loads the page several times, then changes it at a fixed pace, then as fast as possible."""
    build.main()
    with chromium() as address:
        async with serving(folder) as server, driving(address) as browser:
            writer = await connect(server.port, client="bench")
            await seed.fill(writer, events, priorities)
            seen = Seen(
                await _loads(browser, server.url, loads), await _loads(browser, server.url, loads, SLOWER)
            )
            page = await _open(browser, server.url)
            await page.locator("#priorities .row").nth(priorities - 1).wait_for(state="attached")
            seen.late_s = await _changes(page, writer, changes, per_s)
            session = await page.context.new_cdp_session(page)
            await _flood(page, writer, max(10, patches // 10))  # warms up
            seen.held.append(await _held(session, 0))
            await _flood(page, writer, patches)
            seen.held.append(await _held(session, patches))
            writer.close()
            seen.cut = await titles_cut(browser, folder / "titles")
    return seen


async def _open(browser: Browser, url: str, slower: float = 1) -> Page:
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    await page.add_init_script(PAINTED)
    await page.goto(url)
    await page.evaluate("paintedMs")
    return page


async def titles_cut(browser: Browser, folder: Path) -> list[Cut]:
    """Of a full day, and of priorities and promises that say as much."""
    found = []
    async with serving(folder) as server:
        writer = await connect(server.port, client="bench")
        # A day is as full as this only where it is early.
        now = morning()
        await writer.request("calendar:put", {"items": seed.busy_day(now)})
        today = now.date().isoformat()
        long = [{"id": f"p{n}", "title": title, "due_date": today} for n, title in enumerate(seed.TITLES)]
        await writer.request("priorities:put", {"items": long})
        owed = [
            {"id": f"m{n}", "description": title, "direction": "owe", "assignee": f"Person {n}"}
            for n, title in enumerate(seed.TITLES)
        ]
        await writer.request("commitments:put", {"items": owed})
        for width in WIDTHS:
            context = await browser.new_context(
                viewport={"width": width, "height": 900}, timezone_id=str(now.tzinfo)
            )
            page = await context.new_page()
            await page.goto(server.url)
            await page.wait_for_selector("#calendar .ev")
            titles = cut = 0
            for tab in ("today", "list"):
                if width <= PHONE:
                    await page.click(f".tabs [data-name={tab}]")
                    await page.wait_for_selector(f".tabs .on[data-name={tab}]")
                elif tab == "list":
                    break
                await page.wait_for_timeout(SETTLED_MS)
                more, of_them = await page.evaluate(CUT)
                titles, cut = titles + more, cut + of_them
            found.append(Cut(width, titles, cut))
            await context.close()
        writer.close()
    return found


async def _loads(browser: Browser, url: str, times: int, slower: float = 1) -> Loads:
    painted_s = []
    for _ in range(times):
        page = await _open(browser, url, slower)
        painted_s.append(await page.evaluate("paintedMs") / 1000)
        await page.context.close()
    return Loads(painted_s, await weigh(browser, url))


async def weigh(browser: Browser, url: str) -> Counter[str]:
    """Bytes of a first load by their kind, headers included; the board has to have a priority.

    What the page loads once the browser has time is waited for, and told apart.
    """
    # The worker loads copies of all the files: what it had first the page would take from it.
    context = await browser.new_context(service_workers="block")
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    kinds: dict[str, str] = {}
    weights: Counter[str] = Counter()
    all_there = asyncio.Event()

    def responded(event: dict[str, Any]) -> None:
        is_later = "/later-" in event["response"]["url"]
        kinds[event["requestId"]] = LATER if is_later else KINDS.get(event["type"], "icons and manifest")

    def loaded(event: dict[str, Any]) -> None:
        kind = kinds.get(event["requestId"], "other")
        weights[kind] += int(event["encodedDataLength"])
        if kind == LATER:
            all_there.set()

    def received(event: dict[str, Any]) -> None:
        weights[STATE] += len(event["response"]["payloadData"].encode())

    session.on("Network.responseReceived", responded)
    session.on("Network.loadingFinished", loaded)
    session.on("Network.webSocketFrameReceived", received)
    await session.send("Network.enable")
    await page.goto(url)
    await page.wait_for_selector("#priorities .row")
    async with asyncio.timeout(ON_SCREEN_WITHIN_S):
        await all_there.wait()
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
    """Sends requests, each a patch of its own; returns when the page has drawn the last one."""
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
            ("the same, with a processor four times slower", *_times(seen.slow.painted_s)),
            ("a change of another client, on the screen", *_times(late)),
        ],
        ("good:", "", "", "1000, 1500, 100", ""),
        (
            "The board has 1,000 events and 500 priorities; changes come 20 a second, and each counts until",
            "the frame after it is on the page.",
        ),
    )
    first = sum(size for kind, size in seen.loads.bytes.items() if kind not in (STATE, LATER))
    loaded = Table(
        "dashboard: bytes of the first load, as they come over the network",
        ("what", "KB"),
        [
            *((kind, f"{size / 1000:.1f}") for kind, size in sorted(seen.loads.bytes.items())),
            ("the first screen without the state", f"{first / 1000:.1f}"),
        ],
        ("good:", "the first screen < 150"),
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
    titles = Table(
        "dashboard: titles that are not whole to see, on a full day",
        ("width", "titles", "cut", "percent"),
        [
            (count(row.width), count(row.titles), count(row.cut), f"{100 * row.cut / row.titles:.1f}")
            for row in seen.cut
        ],
        ("good:", "", "", "10, 15, 20"),
        ("Each of them is whole when it is pointed at or has the focus.",),
    )
    return times, loaded, titles, held


def _times(took_s: Sequence[float]) -> tuple[str, str, str, str]:
    return count(len(took_s)), ms(quantile(took_s, 0.5)), ms(quantile(took_s, 0.99)), ms(max(took_s))


async def run(folder: Path) -> Sequence[Table]:
    """At full size; without Chromium there is nothing to measure."""
    if chromium_path() is None:
        return [Table("dashboard: left out, Chromium is not installed", (), (), ())]
    return tables(await measure(folder))
