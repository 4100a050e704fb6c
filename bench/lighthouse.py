"""Lighthouse's scores of the page with data, on a desk and on a phone; npm brings it at the first run."""

from __future__ import annotations

import json
from asyncio.subprocess import PIPE, create_subprocess_exec
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench import seed
from bench.client import LoadError, connect
from bench.packages import fetched, place
from bench.server import serving
from bench.table import Table, count, quantile
from dashboard import build
from tests.dashboard.browsing import chromium, chromium_path
from tests.node.driver import node_binary

FILES = 100
WITHIN_S = 900.0  # with the first installation
NPM = Path(__file__).parent / "npm"
PROGRAM = place(NPM, "lighthouse") / "cli" / "index.js"
RUNS = 5  # Lighthouse's own advice: one run says little
CATEGORIES = ("performance", "accessibility", "best-practices")
# A phone is Lighthouse's usual preset: a processor four times slower, and a slow network.
PRESETS = {"desk": ("--preset=desktop",), "phone": ()}
TIMES = ("first-contentful-paint", "largest-contentful-paint", "total-blocking-time")


@dataclass(frozen=True)
class Report:
    """One run: scores of 100 by category, times in ms, and how fast Lighthouse found the machine to be."""

    scores: dict[str, float]
    times_ms: dict[str, float]
    machine: float

    @classmethod
    def of(cls, told: str) -> Report:
        """Reads what Lighthouse printed as JSON."""
        report = json.loads(told)
        scores = {name: 100.0 * (report["categories"][name]["score"] or 0) for name in CATEGORIES}
        times_ms = {name: report["audits"][name].get("numericValue") or 0.0 for name in TIMES}
        return cls(scores, times_ms, report["environment"]["benchmarkIndex"])


async def measure(
    folder: Path, *, events: int = 1_000, priorities: int = 500, runs: int = RUNS
) -> dict[str, list[Report]]:
    """By preset. Errors: LoadError."""
    build.main()
    found: dict[str, list[Report]] = {name: [] for name in PRESETS}
    with chromium() as address:
        async with serving(folder) as server:
            writer = await connect(server.port, client="bench")
            await seed.fill(writer, events, priorities)
            for _ in range(runs):
                for name, flags in PRESETS.items():
                    found[name].append(await _report(server.url, urlsplit(address).port, flags))
            writer.close()
    return found


async def _report(url: str, port: int | None, flags: Sequence[str]) -> Report:
    node = node_binary()
    assert node is not None
    usual = ("--output=json", "--quiet", "--no-enable-error-reporting", f"--port={port}")
    only = f"--only-categories={','.join(CATEGORIES)}"
    lighthouse = await create_subprocess_exec(
        node, str(PROGRAM), url, *usual, only, *flags, stdout=PIPE, stderr=PIPE
    )
    try:
        told, wrong = await lighthouse.communicate()
    finally:
        if lighthouse.returncode is None:
            lighthouse.kill()
    if lighthouse.returncode != 0:
        raise LoadError(f"Lighthouse ended with {lighthouse.returncode}: {wrong.decode()[-500:]}")
    return Report.of(told.decode())


def table(found: dict[str, list[Report]]) -> Table:
    """As printed: the median of each."""
    rows = []
    for name, reports in found.items():
        scores = [_median([report.scores[one] for report in reports]) for one in CATEGORIES]
        times = [_median([report.times_ms[one] for report in reports]) for one in TIMES]
        machine = _median([report.machine for report in reports])
        rows.append((name, *(count(round(one)) for one in (len(reports), *scores, *times, machine))))
    return Table(
        "lighthouse: the page with 1,000 events and 500 priorities",
        ("", "runs", "performance", "accessible", "practices", "FCP ms", "LCP ms", "TBT ms", "machine"),
        rows,
        ("good:", "", "95", "95", "95", "", "", "", "> 1,000"),
        (
            "Scores are of 100. The last column is Lighthouse's own measure of the machine while it ran:",
            "below 1,000 something else is running, and the performance score is of that.",
        ),
    )


def _median(values: Sequence[float]) -> float:
    return quantile(values, 0.5)


async def run(folder: Path) -> Table:
    """At full size; without Chromium, or without npm, there is nothing to measure."""
    if why := await _missing():
        return Table(f"lighthouse: left out, {why}", (), (), ())
    return table(await measure(folder))


async def _missing() -> str:
    """Installs what is missing; why that cannot be, or ""."""
    if chromium_path() is None:
        return "Chromium is not installed"
    return await fetched(NPM, "lighthouse", "Lighthouse (180 MB)")
