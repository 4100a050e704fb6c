"""Accounts: how soon a change there is on the board, and what a large mailbox and a large calendar take.

The servers are those of the tests: Dovecot, Radicale, and one of our own that speaks as Slack does.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sqlite3
import sys
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path

import psutil

from bench.server import MeasuredServer, serving
from bench.table import Table, count, mb, ms, quantile
from tests.collectors.calendar_server import USER as DAV_USER
from tests.collectors.calendar_server import Radicale
from tests.collectors.calendars import calendar, event
from tests.collectors.mail_server import DOVECOT, USER, MailServer
from tests.collectors.programs import PASSWORD
from tests.collectors.slack_server import TOKENS, Slack
from tests.running import ROOT, PythonClient, until

FILES = 200
WITHIN_S, FULL_WITHIN_S = 900.0, 5_400.0
MESSAGES, MAILS, EVENTS = 100, 5_000, 2_000
FULL_MESSAGES, FULL_MAILS, FULL_EVENTS = 200, 50_000, 10_000  # what the collectors are made for
_LOOK_S = 0.05
_SYNC = b'<sync-collection xmlns="DAV:"><sync-token/><prop><getetag/></prop></sync-collection>'


@dataclass(frozen=True)
class Run:
    """One run of a collector: how long, how much processor time (with that of the processes it waited for),
    how much memory at most, and what is known after it."""

    name: str
    took_s: float
    cpu_s: float
    peak_bytes: int
    known: int


async def measure(
    folder: Path, messages: int = MESSAGES, mails: int = MAILS, events: int = EVENTS
) -> tuple[dict[str, list[float]], list[Run]]:
    """The seconds from each change to the board, by what it is, and the runs."""
    runs, said_s = list[Run](), dict[str, list[float]]()
    async with serving(folder / "slack") as server:
        said_s["a Slack message (Socket Mode)"] = await _slack(server, folder, messages)
    if DOVECOT is not None:
        async with serving(folder / "imap") as server:
            runs += await _imap(server, folder, mails)
        async with serving(folder / "idle") as server:
            said_s["a mail (IDLE, Dovecot)"] = await _idle(server, folder / "idle", messages)
    async with serving(folder / "caldav") as server:
        runs += await _caldav(server, folder, events)
    async with serving(folder / "every") as server:
        said_s["a changed event (CalDAV, asked every 25 s)"] = await _every(
            server, folder / "every", messages
        )
    return said_s, runs


async def _idle(server: MeasuredServer, folder: Path, mails: int) -> list[float]:
    """Mails that come one after the other, at random moments."""
    dovecot, took_s, chance = MailServer(), list[float](), random.Random(1)
    await dovecot.start()
    where = (USER, "--host", "127.0.0.1", "--port", dovecot.port, "--security", "none", "--me", USER)
    more = (*where, "--password-file", _secret(folder / "password", PASSWORD), "--watch")
    board = await PythonClient(client="bench").connect(server.url)
    process = await _started("imap", server, folder, *more)
    try:
        box = dovecot.box()
        words = "thing to begin with"
        box.append("INBOX", _asking(words))
        await until(partial(_is_told, board, words), words)
        await asyncio.sleep(5.0)  # it listens by then
        for number in range(mails):
            await asyncio.sleep(chance.uniform(0.0, 2.0))
            board.events.clear()
            words = f"thing number {number} of the bench"
            box.append("INBOX", _asking(words))
            began = time.perf_counter()
            await until(partial(_is_told, board, words), words)
            took_s.append(time.perf_counter() - began)
    finally:
        process.terminate()
        await process.wait()
        await board.disconnect()
        await dovecot.remove()
    return took_s


async def _every(server: MeasuredServer, folder: Path, events: int) -> list[float]:
    """Events that are changed at random moments of some rounds, whether the ones before are here or not."""
    dav, chance, changed_s = Radicale(folder / "dav"), random.Random(1), dict[str, float]()
    await dav.start()
    await dav.ask("MKCALENDAR", "work/")
    day = datetime.now(UTC) + timedelta(days=1)
    board = await PythonClient(client="bench").connect(server.url)
    more = (dav.url, DAV_USER, "--password-file", _secret(folder / "password", PASSWORD), "--watch")
    process = await _started("caldav", server, folder, *more)
    took_s = dict[str, float]()

    def look() -> None:
        now_s, told = time.perf_counter(), " ".join(map(str, board.received("state:patch")))
        board.events.clear()
        for room in changed_s.keys() - took_s.keys():
            if room in told:
                took_s[room] = now_s - changed_s[room]

    try:
        await until(lambda: _known(folder, "caldav", "SELECT count(*) FROM calendars") > 0, "a run")
        for number in range(events):
            room = f"Room {number + 1000}"
            await dav.ask("PUT", f"work/{number}.ics", _event(number, day, f"LOCATION:{room}"))
            changed_s[room] = time.perf_counter()
            ends_s = time.perf_counter() + chance.uniform(0.0, 1.5)
            while time.perf_counter() < ends_s:
                look()
                await asyncio.sleep(_LOOK_S)
        while changed_s.keys() - took_s.keys():
            look()
            await asyncio.sleep(_LOOK_S)
    finally:
        process.terminate()
        await process.wait()
        await board.disconnect()
        await dav.stop()
    return list(took_s.values())


def _asking(words: str) -> bytes:
    head = f"From: Bo <bo@example.org>\r\nTo: Ana <{USER}>\r\nSubject: {words}\r\n"
    at = format_datetime(datetime.now(UTC))
    return f"{head}Date: {at}\r\nMessage-ID: <{words.replace(' ', '.')}@x>\r\n\r\nTODO: {words}\r\n".encode()


async def _slack(server: MeasuredServer, folder: Path, messages: int) -> list[float]:
    slack, took_s = Slack(), list[float]()
    await slack.start()
    board = await PythonClient(client="bench").connect(server.url)
    more = ("acme", "--api", slack.api, "--tokens-file", _secret(folder / "tokens", TOKENS), "--watch")
    process = await _started("slack.live", server, folder, *more)
    try:
        await until(lambda: slack.listeners == 1 and slack.calls["conversations.history"], "the history")
        await asyncio.sleep(1.0)
        for number in range(messages):
            began = time.perf_counter()
            words = f"thing number {number} of the bench"
            await slack.say(f"TODO: {words}")
            await until(partial(_is_told, board, words), words)
            took_s.append(time.perf_counter() - began)
            board.events.clear()
    finally:
        process.terminate()
        await process.wait()
        await board.disconnect()
        await slack.stop()
    return took_s


def _is_told(board: PythonClient, words: str) -> bool:
    return any(words in str(patch) for patch in board.received("state:patch"))


async def _imap(server: MeasuredServer, folder: Path, mails: int) -> list[Run]:
    dovecot = MailServer()
    inbox = dovecot.folder / "mail" / USER / "cur"
    await asyncio.to_thread(_fill, inbox, mails)
    if os.getuid() == 0:
        await asyncio.to_thread(_give_away, dovecot.folder / "mail")
    await dovecot.start()
    where = (USER, "--host", "127.0.0.1", "--port", dovecot.port, "--security", "none", "--me", USER)
    more = (*where, "--password-file", _secret(folder / "mail-password", PASSWORD))
    sql = "SELECT count(*) FROM copies"
    try:
        killed = await _run("first run, killed", "imap", server, folder, sql, *more, kill_at=mails // 3)
        rest = await _run("and resumed", "imap", server, folder, sql, *more)
        same = await _run("nothing new", "imap", server, folder, sql, *more)
        dovecot.box().append("INBOX", _mail(mails))
        one = await _run("one new mail", "imap", server, folder, sql, *more)
    finally:
        await dovecot.remove()
    return [killed, rest, same, one]


async def _caldav(server: MeasuredServer, folder: Path, events: int) -> list[Run]:
    dav = Radicale(folder / "dav")
    place = folder / "dav" / "storage" / "collection-root" / DAV_USER / "work"
    day = datetime.now(UTC) + timedelta(days=1)
    await asyncio.to_thread(_fill_calendar, place, events, day)
    await dav.start()
    more = (dav.url, DAV_USER, "--password-file", _secret(folder / "dav-password", PASSWORD))
    sql = "SELECT count(*) FROM objects"
    try:
        # Radicale reads files that it did not write only once, all of them now.
        await dav.ask("REPORT", "work/", _SYNC, 207, within_s=FULL_WITHIN_S)
        first = await _run("first run", "caldav", server, folder, sql, *more)
        same = await _run("nothing new", "caldav", server, folder, sql, *more)
        await dav.ask("PUT", "work/7.ics", _event(7, day, "SEQUENCE:1", "LOCATION:Room 7"))
        one = await _run("one changed event", "caldav", server, folder, sql, *more)
    finally:
        await dav.stop()
    return [first, same, one]


async def _run(
    name: str,
    collector: str,
    server: MeasuredServer,
    folder: Path,
    sql: str,
    *more: object,
    kill_at: int | None = None,
) -> Run:
    """With `kill_at`, kill -9 when so much is known."""
    began = time.perf_counter()
    process = await _started(collector, server, folder, *more)
    watched, peak, cpu_s = psutil.Process(process.pid), 0, 0.0
    while process.returncode is None:
        try:
            peak, cpu_s = max(peak, _peak(watched)), sum(watched.cpu_times()[:4])
        except psutil.Error:
            break
        if kill_at is not None and _known(folder, collector, sql) >= kill_at:
            process.kill()
        await asyncio.sleep(_LOOK_S)
    status = await process.wait()
    assert status == 0 or kill_at is not None, f"{collector} ended with {status}"
    known = _known(folder, collector, sql)
    run = Run(f"{collector}: {name}", time.perf_counter() - began, cpu_s, peak, known)
    print(f" {run.name} {run.took_s:.1f} s ...", end="", flush=True, file=sys.stderr)
    return run


def _peak(process: psutil.Process) -> int:
    """The most memory that it ever held, where the system counts that; else what it holds now."""
    with suppress(OSError):
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) << 10
    return int(process.memory_info().rss)


async def _started(
    collector: str, server: MeasuredServer, folder: Path, *more: object
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"collectors.{collector}", "--url", server.url, *map(str, more)),
        stdout=asyncio.subprocess.DEVNULL,
        cwd=ROOT,
        env=os.environ | {"XDG_STATE_HOME": str(folder / "state")},
    )


def _known(folder: Path, collector: str, sql: str) -> int:
    files = list((folder / "state" / "adjutant").glob(f"{collector}-*.known"))
    if not files:
        return 0
    try:
        with closing(sqlite3.connect(f"file:{files[0]}?mode=ro", uri=True)) as db:
            return int(db.execute(sql).fetchone()[0])
    except sqlite3.OperationalError:  # its tables are being made
        return 0


def _secret(path: Path, text: str) -> Path:
    path.touch(0o600)
    path.write_text(text, encoding="utf-8")
    return path


def _fill(inbox: Path, mails: int) -> None:
    for name in ("cur", "new", "tmp"):
        (inbox.parent / name).mkdir(parents=True, exist_ok=True)
    for number in range(mails):
        (inbox / f"{1_700_000_000 + number}.M{number}.bench:2,S").write_bytes(_mail(number))


def _mail(number: int) -> bytes:
    """Some 3 KB, as people write them; one in fifty asks for something."""
    asks = "Could you send the numbers by Friday?\n\n" if number % 50 == 0 else ""
    body = asks + "".join(f"Line {line} of what mail {number} says about the plan.\n" for line in range(45))
    at = datetime.now(UTC) - timedelta(minutes=10 * number)
    head = f"From: P{number % 300} <p{number % 300}@example.org>\nTo: Ana <{USER}>\nSubject: Mail {number}\n"
    text = f"{head}Date: {format_datetime(at)}\nMessage-ID: <{number}@bench.example>\n\n{body}"
    return text.replace("\n", "\r\n").encode()


def _fill_calendar(place: Path, events: int, day: datetime) -> None:
    place.mkdir(parents=True, exist_ok=True)
    (place / ".Radicale.props").write_text('{"tag": "VCALENDAR", "D:displayname": "Work"}')
    for number in range(events):
        (place / f"{number}.ics").write_bytes(_event(number, day))


def _event(number: int, day: datetime, *more: str) -> bytes:
    """They are spread over 40 days."""
    at = day + timedelta(days=number % 40)
    return calendar(event(f"e{number}", f"{at:%Y%m%d}T100000Z", *more))


def _give_away(folder: Path) -> None:
    for one in (folder, *folder.rglob("*")):
        shutil.chown(one, "dovecot", "dovecot")


def tables(said_s: dict[str, list[float]], runs: list[Run]) -> list[Table]:
    """As they are printed."""
    soon = Table(
        "From a change in an account to the board",
        ("change", "of them", "p50 ms", "p99 ms", "worst ms"),
        [
            (what, count(len(took)), ms(quantile(took, 0.5)), ms(quantile(took, 0.99)), ms(max(took)))
            for what, took in said_s.items()
        ],
        ("", "", "", "< 1000; CalDAV < 30000", ""),
        (
            "The servers are on this machine (Slack's is one of the tests' own): the way to real ones"
            " comes on top.",
            "Of a mail's time 0.50 s are Dovecot's own: a bare connection that idles is told so long after"
            " the mail.",
        ),
    )
    large = Table(
        "Runs over a large mailbox and a large calendar, each a process of its own",
        ("run", "seconds", "CPU s", "peak MB", "known after it"),
        [
            (run.name, f"{run.took_s:.1f}", f"{run.cpu_s:.1f}", mb(run.peak_bytes), count(run.known))
            for run in runs
        ],
        ("", "", "as little as changed", "<= 100 of mail", ""),
        ("The calendar's peak is without the process that reads it, which has bounds of its own.",),
    )
    return [soon, large]


async def run(folder: Path) -> list[Table]:
    """Both tables."""
    return tables(*await measure(folder))


async def run_large(folder: Path) -> list[Table]:
    """The same with as much as the collectors are made for."""
    return tables(*await measure(folder, FULL_MESSAGES, FULL_MAILS, FULL_EVENTS))


async def run_short(folder: Path) -> list[Table]:
    """The same with less of everything."""
    return tables(*await measure(folder, 50, 2_000, 500))
