"""A store opens when it is whole, and only then (log/whole, log/sums): whatever bit is flipped in its files,
whichever program copied or wrote them, what it serves is what was written."""

from __future__ import annotations

import asyncio
import random
import shutil
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from handlers import REGISTRY
from sio_server.log import sums
from sio_server.log.base import LogError
from sio_server.log.sqlite import SqliteLog
from sio_server.registry.roles import Principal, Role
from sio_server.state.state import State
from tests.core.seats import DAY_S, Core
from tests.examples import USUAL
from tests.running import ROOT

TABLES = (
    "items",
    "changes",
    "ops",
    "resting",
    "former",
    "texts",
    "item_changes",
    "runs",
    "heads",
    "profiles",
)
ANA = Principal("local", "ana", Role.EDITOR, whose="name:ana")
FILES = ("adjutant.db", "adjutant.db-wal")
FLIPS = 75 * settings().max_examples // USUAL
"""In each kind of store: more in a long run (tests/examples.py)."""
Rows = dict[str, list[Any]]

# Python's own SQLite, in a process of its own: in ours, each connection would verify and write checksums.
COPY = "import sqlite3, sys; a, b = map(sqlite3.connect, sys.argv[1:]); a.backup(b); b.close(); a.close()"
INTO = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('VACUUM INTO ?', sys.argv[2:])"
LOOK = "import sqlite3, sys; a = sqlite3.connect(sys.argv[1]); a.execute('SELECT 1 FROM items'); a.close()"


async def plain_sqlite(program: str, *files: Path) -> None:
    run = await asyncio.create_subprocess_exec(sys.executable, "-c", program, *map(str, files))
    assert await run.wait() == 0


class Work:
    """Changes of every kind, and what the store holds after each, by position."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.rows: dict[int, list[Rows]] = {}
        self._count = 0

    async def go_on(self, steps: int) -> None:
        """Puts, typed lines, undone ones, ops, dropped items, codes given on."""
        seat = await self.core.sit(who=ANA)
        for _ in range(steps):
            self._count += 1
            number = self._count
            given = [{"id": f"i{number % 7}", "title": f"Pay {number} to Ana", "note": "x" * 40 * number}]
            await seat.done("priorities:put", items=given, op=f"put{number}")
            self._note()
            await seat.done("command:run", text=f"add priority Call {number}")
            self._note()
            await seat.done("prefs:set", set={"name": f"Ana {number}"})
            self._note()
            if number % 2:
                await seat.done("command:run", text="undo")
                self._note()
            if number % 3 == 0:
                await seat.done("priorities:drop", ids=[f"i{number % 7}"])
                self._note()

    @property
    def last(self) -> tuple[int, Rows]:
        """The position and the rows at the end."""
        seq = max(self.rows)
        return seq, self.rows[seq][-1]

    def _note(self) -> None:
        self.rows.setdefault(self.core.state.seq, []).append(rows_of(self.core.sqlite))


def rows_of(log: SqliteLog) -> Rows:
    """What the store holds, but for the total."""
    rows = ((table, log._rows(f"SELECT {sums.COLUMNS[table]} FROM {table}")) for table in TABLES)
    return {table: sorted(found, key=str) for table, found in rows}


def new(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def copy_files(core: Core, to: Path) -> None:
    """The files as a `kill -9` at this moment leaves them."""
    await cp(*core.folder.glob("adjutant.*"), new(to))


async def cp(*files: Path) -> None:
    """In a process of its own: who closes a file of the store in ours lets go of SQLite's locks on it."""
    run = await asyncio.create_subprocess_exec("cp", *map(str, files))
    assert await run.wait() == 0


def opened(folder: Path) -> tuple[int, Rows] | str:
    """The position and the rows of a store that opens, or the one sentence with which it is refused."""
    try:
        log = SqliteLog(folder, 50_000, DAY_S)
    except LogError as error:
        sentence = str(error)
    else:
        try:
            state = State(REGISTRY, log.epoch)
            log.load(state)
            return state.seq, rows_of(log)
        finally:
            log.close()
    assert "\n" not in sentence
    assert str(folder) in sentence
    return sentence


def flip(path: Path, chance: random.Random) -> None:
    """One bit somewhere."""
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


@pytest.mark.parametrize("writer", ["Adjutant", "another SQLite"])
async def test_a_flipped_bit_serves_nothing_else_after_a_stop(tmp_path: Path, writer: str) -> None:
    async with Core(new(tmp_path / "good")) as core:
        work = Work(core)
        await work.go_on(12)
    good = tmp_path / "good" / "adjutant.db"
    if writer != "Adjutant":
        await plain_sqlite(COPY, good, tmp_path / "copy.db")
        (tmp_path / "copy.db").replace(good)
    seq, rows = work.last
    chance = random.Random(7)
    found = []
    for number in range(FLIPS):
        folder = tmp_path / str(number)
        shutil.copytree(tmp_path / "good", folder)
        flip(folder / "adjutant.db", chance)
        found.append(opened(folder))
    assert [one for one in found if not isinstance(one, str) and one != (seq, rows)] == []
    assert sum(isinstance(one, str) for one in found) > 10


async def test_a_flipped_bit_serves_nothing_else_after_a_crash(tmp_path: Path) -> None:
    """In the WAL it takes back what came after it; then the position tells (test_common_past)."""
    async with Core(new(tmp_path / "live")) as core:
        work = Work(core)
        await work.go_on(4)
        core.sqlite._writer.wal_checkpoint()
        await work.go_on(6)
        await copy_files(core, tmp_path / "good")
        epoch = core.log.epoch
    chance = random.Random(7)
    found = []
    for number in range(FLIPS):
        folder = tmp_path / str(number)
        shutil.copytree(tmp_path / "good", folder)
        flip(folder / FILES[number % 2], chance)
        one = opened(folder)
        found.append(one)
        if isinstance(one, str):
            continue
        seq, rows = one
        assert rows in work.rows[seq]
        if seq < max(work.rows):
            log = SqliteLog(folder, 50_000, DAY_S)
            assert log.epoch != epoch
            log.close()
    served = {one[0] for one in found if not isinstance(one, str)}
    assert len(served) > 5
    assert any(isinstance(one, str) for one in found)


async def by_backup(core: Core, to: Path) -> None:
    to.mkdir()
    await plain_sqlite(COPY, core.folder / "adjutant.db", to / "adjutant.db")


async def by_vacuum(core: Core, to: Path) -> None:
    to.mkdir()
    await plain_sqlite(INTO, core.folder / "adjutant.db", to / "adjutant.db")


async def by_a_look_after_a_crash(core: Core, to: Path) -> None:
    await copy_files(core, to)
    await plain_sqlite(LOOK, to / "adjutant.db")
    assert not (to / "adjutant.db-wal").exists()


@pytest.mark.parametrize("how", [by_backup, by_vacuum, by_a_look_after_a_crash])
async def test_what_another_sqlite_made_at_any_moment_opens_by_itself(
    tmp_path: Path, how: Callable[[Core, Path], Awaitable[None]], caplog: pytest.LogCaptureFixture
) -> None:
    copies: list[Path] = []
    async with Core(new(tmp_path / "live")) as core:
        work = Work(core)
        working = asyncio.create_task(work.go_on(25))
        while not working.done():
            copies.append(tmp_path / str(len(copies)))
            await how(core, copies[-1])
        await working
    for folder in copies:
        caplog.clear()
        one = opened(folder)
        assert not isinstance(one, str), one
        seq, rows = one
        assert seq == 0 or rows in work.rows[seq]
        # The copy may be of a moment between a commit and the note of it: then it also has another past.
        said = len(caplog.records)
        assert said <= 2
        assert opened(folder) == one  # as any other store from then on
        assert len(caplog.records) == said
    assert any("unaltered, and the pages are written anew" in line for line in caplog.messages)


async def test_pages_of_two_moments_do_not_pass_for_one(tmp_path: Path) -> None:
    """A copy by `cp` while the server writes, and a copy put beside the WAL of what came after it: each page
    is as it was once, and as a whole they never were."""
    mixed, found = [], []
    async with Core(new(tmp_path / "live")) as core:
        work = Work(core)
        for number in range(12):
            await work.go_on(2)
            old = tmp_path / f"old{number}"
            await by_backup(core, old)
            await work.go_on(2)
            if number % 2:
                core.sqlite._writer.wal_checkpoint()
                await work.go_on(1)
            await cp(core.folder / "adjutant.db-wal", old)
            half, later = tmp_path / f"half{number}", tmp_path / f"later{number}"
            await copy_files(core, half)
            await work.go_on(2)
            core.sqlite._writer.wal_checkpoint()
            await copy_files(core, later)
            (half / "adjutant.db-wal").unlink(missing_ok=True)
            was, now = ((folder / "adjutant.db").read_bytes() for folder in (half, later))
            middle = len(was) // 2 // 4096 * 4096
            (half / "adjutant.db").write_bytes(was[:middle] + now[middle:])
            mixed += [old, half]
    for folder in mixed:
        one = opened(folder)
        found.append(one)
        if not isinstance(one, str):
            assert one[1] in work.rows[one[0]]
    assert any(isinstance(one, str) and "does not add up" in one for one in found)


@pytest.mark.parametrize("before", ["files.write_anew", "shutil.copymode", "files.sync_folder"])
async def test_a_crash_while_checksums_are_written_anew_changes_nothing(tmp_path: Path, before: str) -> None:
    async with Core(new(tmp_path / "live")) as core:
        work = Work(core)
        await work.go_on(3)
        await by_a_look_after_a_crash(core, tmp_path / "copy")
    crashing = (
        "import os, sys; from pathlib import Path; from sio_server.log import sqlite, whole;"
        f" whole.{before} = lambda *_: os._exit(7); sqlite.SqliteLog(Path(sys.argv[1]), 50_000, 1.0)"
    )
    words = (sys.executable, "-c", crashing, str(tmp_path / "copy"))
    run = await asyncio.create_subprocess_exec(*words, cwd=ROOT)
    assert await run.wait() == 7
    assert opened(tmp_path / "copy") == work.last
    assert not (tmp_path / "copy" / "adjutant.restoring").exists()


async def test_a_store_from_before_the_sums_gets_them(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        work = Work(core)
        await work.go_on(5)
        core.log.probe()
        writer = core.sqlite._writer
        for table in sums.COLUMNS:
            writer.execute(f"ALTER TABLE {table} DROP COLUMN sum")
        writer.execute("ALTER TABLE heads DROP COLUMN total")
        writer.pragma("user_version", 4)
        core.sqlite._broken = True  # its own look at the rows would find none
    assert opened(tmp_path) == work.last
    async with Core(tmp_path) as core:
        core.log.probe()
        await Work(core).go_on(3)
    assert not isinstance(opened(tmp_path), str)
