"""`python -m collectors.ics FILE_OR_URL...`: the events of calendars, on the board.

The flow of a run: fetch the bytes, read them (each calendar in a process of its own), and put all items at
once as one source. Whatever cannot be read keeps its old events on the board.
"""

import asyncio
import io
import json
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from collectors.calendar_file import Reading, merge
from collectors.calendar_item import Item
from collectors.calendar_source import CalendarSource, Unavailable
from collectors.client import Connection, Refused, Unreachable
from collectors.confined import read_confined
from collectors.findings import Kind, shown
from collectors.ical_text import UnreadableCalendar
from collectors.ics_options import Options, parse_options
from collectors.ics_progress import Progress
from collectors.ics_report import Report, count
from collectors.recurrence import Window
from collectors.watching import next_change

ITEMS_MAX, PUT_BYTES_MAX = 5_000, 2 * 2**20 - 4_096
_LAST_WORD_S = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse_options(sys.argv[1:] if arguments is None else arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # titles hold what some terminals cannot show
    try:
        return asyncio.run(_run(options))
    except KeyboardInterrupt:  # before the signal handlers stood
        return 0 if options.watch else 130


async def _run(options: Options) -> int:
    work = asyncio.ensure_future(_watch(options) if options.watch else _once(options))
    loop = asyncio.get_running_loop()
    for signal_no in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_no, work.cancel)
    try:
        return await work
    except asyncio.CancelledError:
        return 0 if options.watch else 130
    except (Refused, Unreachable) as error:
        print(f"collectors.ics: {error}", file=sys.stderr)
        return 3


async def _once(options: Options) -> int:
    async with _connection(options, options.wait_s) as server:
        report = await _collect(server, options)
    _print(report.lines())
    return report.exit_status


async def _watch(options: Options) -> int:
    """Collects at every change, at every interval, and when the server is back after it was gone."""
    paths = [source.path for source in options.sources if source.path is not None]
    told: list[str] = []
    async with _connection(options, None) as server, next_change(paths) as changed:
        while True:
            changed.clear()
            lines = await _lines_of_a_run(server, options)
            if lines != told:
                _print((f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}", *lines))
                told = lines
            await _first_of(changed, server.lost, options.every_s)


def _print(lines: Iterable[str]) -> None:
    try:
        print(*lines, sep="\n", flush=True)
    except BrokenPipeError:
        # Nobody reads it any more, as with `| head`; Python would complain once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


async def _lines_of_a_run(server: Connection, options: Options) -> list[str]:
    try:
        return list((await _collect(server, options)).lines())
    except Refused as refusal:
        if refusal.code in ("unauthorized", "forbidden"):
            raise
        return [f"{options.source} was refused: {refusal}"]


async def _first_of(changed: asyncio.Event, lost: asyncio.Event, at_most_s: float) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in (changed, lost)]
    try:
        await asyncio.wait(waits, timeout=at_most_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


def _connection(options: Options, patience_s: float | None) -> Connection:
    return Connection(
        options.server,
        client=options.source,
        source=options.source,
        token=options.token,
        patience_s=patience_s,
    )


async def _collect(server: Connection, options: Options) -> Report:
    """One run. Errors: Refused, Unreachable."""
    begun = f"{options.source}: reading {count(len(options.sources), 'calendar')}"
    try:
        await _tell(server, "COLLECTING", 0, begun)
        with Progress(options.source, len(options.sources)) as progress:
            report = await _read_and_push(server, options, progress)
    except Refused as refusal:
        await _tell(server, "ERROR", 0, f"{options.source}: {refusal}")
        raise
    except asyncio.CancelledError:
        if not server.lost.is_set():
            with suppress(TimeoutError, Unreachable):
                async with asyncio.timeout(_LAST_WORD_S):
                    await _tell(server, "IDLE", 0, f"{options.source}: stopped")
        raise
    with suppress(Unreachable):
        status, percent = ("ERROR", 0) if report.ack is None else ("IDLE", 100)
        await _tell(server, status, percent, report.summary)
    return report


async def _tell(server: Connection, status: str, percent: int, message: str) -> None:
    """Says on the board what this collector is doing; not being allowed to is no fault."""
    with suppress(Refused):
        await server.request("system:set", {"status": status, "progress": percent, "message": shown(message)})


async def _read_and_push(server: Connection, options: Options, progress: Progress) -> Report:
    zone = ZoneInfo(options.tz)
    window = Window.around(datetime.now(UTC), options.days_back, options.days_ahead, zone)
    at_once = asyncio.Semaphore(os.cpu_count() or 1)
    async with asyncio.TaskGroup() as tasks:
        reads = [
            tasks.create_task(_read(one, window, options.tz, at_once, progress)) for one in options.sources
        ]
    outcomes = [(shown(one.shown), read.result()) for one, read in zip(options.sources, reads, strict=True)]
    readings = [(name, outcome) for name, outcome in outcomes if isinstance(outcome, Reading)]
    unreadable = [f"{name}: {outcome}" for name, outcome in outcomes if isinstance(outcome, str)]
    items, doubles = merge(reading for _, reading in readings)
    findings = [(name, finding) for name, reading in readings for finding in reading.findings]
    findings += [("", finding) for finding in doubles]
    complete = not any(finding.kind is Kind.SKIPPED for _, finding in findings)
    not_pushed = _why_not(items, unreadable, options.allow_empty and complete)
    progress.pushing(len(items))
    ack = None if not_pushed else await _push(server, items, complete, options.allow_empty)
    return Report(
        source=options.source,
        window=f"{window.start:%Y-%m-%d} to {window.end - timedelta(days=1):%Y-%m-%d} ({options.tz})",
        calendars=len(readings),
        events=sum(reading.events for _, reading in readings),
        cancelled=sum(reading.cancelled for _, reading in readings),
        items=items,
        unreadable=unreadable,
        findings=findings,
        ack=ack,
        not_pushed=not_pushed,
        complete=complete,
    )


async def _read(
    source: CalendarSource, window: Window, tz: str, at_once: asyncio.Semaphore, progress: Progress
) -> Reading | str:
    """What the calendar gives, or why it gives nothing."""
    async with at_once:
        progress.reading(source.shown)
        try:
            return await read_confined(await source.read(), window, tz)
        except (Unavailable, UnreadableCalendar) as fault:
            return str(fault)
        finally:
            progress.step()


def _why_not(items: list[Item], unreadable: list[str], may_be_empty: bool) -> str:
    """Why nothing is pushed; empty when all is well."""
    if unreadable:
        return f"{count(len(unreadable), 'calendar')} could not be read, so the old events stay"
    if not items and not may_be_empty:
        return "there are no events, so the old ones stay (--allow-empty removes them)"
    if len(items) > ITEMS_MAX:
        return f"there are {len(items):,} events, and {ITEMS_MAX:,} fit (--days-ahead takes fewer)"
    size = len(json.dumps(items, separators=(",", ":")))
    if size > PUT_BYTES_MAX:
        return f"the events take {size:,} bytes, and {PUT_BYTES_MAX:,} fit (--days-ahead takes fewer)"
    return ""


async def _push(
    server: Connection, items: list[Item], complete: bool, allow_empty: bool
) -> dict[str, object]:
    put: dict[str, object] = {"items": items, "mode": "replace"}
    if not complete:
        put["complete"] = False
    if allow_empty:
        put["allow_empty"] = True
    return await server.request("calendar:put", put)


if __name__ == "__main__":
    sys.exit(main())
