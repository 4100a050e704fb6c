"""Each table of the benchmarks can still be made: tiny, and without looking at the clock."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path

from bench import durable, fanout, memory, reconnect, seed
from bench.client import Frames
from bench.table import Table, quantile
from tests.running import ROOT


def assert_fits(table: Table, rows: int) -> None:
    assert len(table.rows) == rows
    assert {len(row) for row in (*table.rows, table.good)} == {len(table.columns)}


async def test_fanout_measures_patches_that_do_not_grow_with_the_state(tmp_path: Path) -> None:
    rows = await fanout.measure(tmp_path, sizes=(5, 50), dashboards=3, changes=4)
    small, large = rows
    assert 100 < small.patch_bytes <= large.patch_bytes <= 1_024
    assert large.snapshot_bytes > 5 * small.snapshot_bytes
    assert len(small.latencies_s) == 3 * 4
    assert_fits(fanout.table(rows, 3), 2)


async def test_durable_measures_loads_beside_bare_commits(tmp_path: Path) -> None:
    loads = (durable.Load(2, 2), durable.Load(1, 2, with_op=True), durable.Load(2, 1, in_state=True))
    rows = await durable.measure(tmp_path, loads, seconds=0.1, warm_up_s=0)
    assert len(rows) == len(loads) + len(durable.GROUPS)
    assert all(row.batch >= 1 and row.per_s > 0 for row in rows)
    assert_fits(durable.table(rows, tmp_path), len(rows))


async def test_reconnect_measures_all_forms_of_sync(tmp_path: Path) -> None:
    rows = await reconnect.measure(tmp_path, clients=4, events=3)
    assert [row.modes for row in rows] == [Counter(delta=2, current=2), Counter(snapshot=4)]
    assert all(len(row.waits_s) == 4 for row in rows)
    assert_fits(reconnect.table(rows, 4, 3), 2)


async def test_memory_measures_the_state_and_the_clients(tmp_path: Path) -> None:
    rows = await memory.measure(tmp_path, events=3, clients=2, idle_clients=4, changes=2)
    assert all(row.rss_bytes > 10_000_000 for row in rows)
    assert_fits(memory.table(rows), 4)


def test_an_unknown_table_is_named_and_nothing_is_begun() -> None:
    command = [sys.executable, "-m", "bench", "fanuot"]
    done = subprocess.run(
        command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "there is no table fanuot" in done.stderr
    assert done.stdout == ""


def test_frames_are_found_wherever_the_network_cuts_them() -> None:
    sizes = (0, 1, 125, 126, 4_095, 4_096, 4_097, 70_000)
    stream = b"".join(_frame(size) for size in sizes)
    for step in (1, 2, 3, 1_000, 4_096, 5_000, len(stream)):
        found: list[tuple[int, int]] = []
        frames = Frames(partial(_note, found))
        for at in range(0, len(stream), step):
            frames.take(stream[at : at + step])
        assert found == [(min(size, 4_096), size) for size in sizes]


def test_a_quantile_is_one_of_the_values() -> None:
    assert [quantile([3, 1, 2, 4], part) for part in (0, 0.5, 0.51, 0.99, 1)] == [1, 2, 3, 4, 4]


def test_the_seeded_change_moves_an_event() -> None:
    assert seed.event(7) == seed.event(7)
    assert all(seed.event(7, change) != seed.event(7, change + 1) for change in range(100))


def _note(found: list[tuple[int, int]], opcode: int, head: bytes, size: int) -> None:
    assert opcode == 0x81
    found.append((len(head), size))


def _frame(size: int) -> bytes:
    if size < 126:
        return bytes((0x81, size)) + b"x" * size
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2) + b"x" * size
    return b"\x81\x7f" + size.to_bytes(8) + b"x" * size
