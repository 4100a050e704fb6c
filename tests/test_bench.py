"""Each table of the benchmarks can still be made: tiny, and without looking at the clock."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bench import (
    abuses,
    abusing,
    accounts,
    actions,
    boards,
    briefs,
    commands,
    corpus,
    dashboard,
    durable,
    fanout,
    flood,
    lighthouse,
    memory,
    messages,
    nodes,
    reconnect,
    rolling,
    search,
    search_tables,
    seed,
)
from bench.__main__ import main
from bench.client import Frames
from bench.peers import acks, adapters, patches, peer, rounds, slow
from bench.peers.peer import ADJUTANT, FLOOR, NODE, checkout, left_out, peers
from bench.server import MeasuredServer
from bench.table import Table, quantile
from examples.cluster import SYSTEM
from tests import postgres
from tests.collectors.mail_server import NEEDS_DOVECOT
from tests.dashboard.browsing import require_chromium
from tests.forked import ForkedServer, completed, create_subprocess_exec
from tests.node.driver import require_node
from tests.postgres import MISSING, programs
from tests.running import ROOT, WAIT_S


@pytest.fixture(autouse=True)
def forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a bench starts is forked here, as all that the tests start."""
    for module in (asyncio, peer):
        monkeypatch.setattr(module, "create_subprocess_exec", create_subprocess_exec)
    monkeypatch.setattr(MeasuredServer, "_launch", ForkedServer._launch)


def assert_fits(table: Table, rows: int) -> None:
    assert len(table.rows) == rows
    assert {len(row) for row in (*table.rows, table.good)} == {len(table.columns)}


async def test_flood_measures_one_client_alone_and_beside_a_flood(tmp_path: Path) -> None:
    alone, flooded = await flood.measure(tmp_path, 0.2, settle_s=0.5, repeats=1)
    assert alone.took_s
    assert flooded.took_s
    assert flooded.done
    assert_fits(flood.table(alone, flooded), 2)


async def test_abuses_measures_one_client_alone_and_beside_each_kind_of_abuse(tmp_path: Path) -> None:
    rows = await abuses.measure(tmp_path, 0.2, settle_s=0.5, repeats=1)
    assert [row.name for row in rows] == [*abusing.KINDS]
    assert all(row.alone_s[0] and row.beside_s[0] and row.done + row.refused for row in rows)
    assert_fits(abuses.table(rows), len(rows))


async def test_messages_measures_the_steps_of_the_loop(tmp_path: Path) -> None:
    rows = await messages.measure(tmp_path, ["command:suggest", "seen:set"], tries=1)
    assert {row.event for row in rows} == {"command:suggest", "seen:set"}
    assert all(row.step_s for row in rows)
    assert_fits(messages.table(rows), 2)


@pytest.mark.parametrize("hour", range(24))
def test_a_day_has_just_begun_in_the_zone_of_the_table_of_briefs(hour: int) -> None:
    now = datetime(2026, 12, 1, hour, 59, tzinfo=UTC)
    assert now.astimezone(ZoneInfo(seed.zone_after_midnight(now))).hour == 0


async def test_briefs_are_made_beside_records_that_are_made_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "DATA", tmp_path / "nowhere")
    assert_fits(await briefs.measure(tmp_path, 300, 3), 6)


@NEEDS_DOVECOT
async def test_accounts_measures_messages_and_runs(tmp_path: Path) -> None:
    said_s, runs = await accounts.measure(tmp_path, 3, 60, 20)
    assert [run.known for run in runs[1:]] == [60, 60, 61, 20, 20, 20]
    soon, large = accounts.tables(said_s, runs)
    assert [len(took) for took in said_s.values()] == [3, 3, 3]
    assert_fits(soon, 3)
    assert_fits(large, 7)


@pytest.mark.skipif(
    programs() is None or shutil.which("haproxy", path=SYSTEM) is None, reason=f"{MISSING}, or HAProxy"
)
async def test_rolling_restarts_three_nodes_under_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rolling, "STEADY_S", 0.2)
    monkeypatch.setattr(rolling, "WRITES_EVERY_S", 0.2)
    monkeypatch.setattr(rolling, "IN_STEP_WITHIN_S", WAIT_S)
    found = await rolling.measure(tmp_path, watchers=6, writers=3)
    assert (len(found.restarts_s), found.modes[rolling.OTHER_HISTORY], found.lost, found.behind) == (
        3,
        0,
        0,
        0,
    )
    # No snapshot either, where the machine does not starve a node of what others have written.
    assert found.modes.total() >= 6  # each watcher's node was restarted
    assert_fits(rolling.table(found), 1)


async def test_boards_measures_many_beside_one_and_the_opening(tmp_path: Path) -> None:
    loads = await boards.measure(tmp_path, 3, 1)
    assert [(load.boards, load.clients, load.sent) for load in loads] == [(3, 15, 15), (1, 15, 15)]
    assert_fits(boards.table(loads), 2)
    found = await boards.measure_openings(tmp_path, 2, 10)
    assert len(found.opened_s) == 2
    assert_fits(boards.opening_table(found), 1)


@pytest.mark.skipif(not corpus.DATA.is_dir(), reason="the folder of real data is not here")
async def test_search_measures_indexing_queries_a_storm_and_the_opening(tmp_path: Path) -> None:
    indexing, kinds, storm, briefs, opening = await search.measure(
        tmp_path, 1_000, each=2, times=1, changes=20, settle_s=0
    )
    assert indexing.records > 500
    assert min(indexing.ours, indexing.plain) > 0
    assert all(len(kind.ours_s) == len(kind.plain_s) == len(kind.questions) for kind in kinds)
    assert len(storm.idle_s) == len(storm.storm_s) == search_tables.DASHBOARDS * 18
    assert opening.ready_s > 0
    asked = sum(bool(kind.questions) for kind in kinds)
    for table, rows in zip(
        search_tables.tables(indexing, kinds, storm, briefs, opening), (1, asked, 8, 3, 1), strict=True
    ):
        assert_fits(table, rows)


@pytest.mark.skipif(not corpus.DATA.is_dir(), reason="the folder of real data is not here")
def test_actions_are_scored_beside_labels_and_timed() -> None:
    minutes, mails, times = actions.measure(minutes=3, nasty_chars=500)
    assert_fits(minutes, 2)
    assert_fits(mails, 4)
    assert_fits(times, 3 + actions.NASTY_SHOWN)
    for half in actions.halves():
        score = half.score
        for hits, least in (
            (score.marked, 0.92),
            (score.sure, 0.88),
            (score.owners, 0.9),
            ([*score.marked, *score.said], 0.75),
            (score.likely, 0.6),
            (half.dates, 0.9),
        ):
            assert sum(hits) >= least * len(hits) > 0
    f1 = {(part, rule): one.f1 for part, rule, one in actions.mails()}
    for part in ("developed on", "kept aside"):
        assert f1[part, "asks_or_promises"] > f1[part, "question mark or please"] + 0.15


async def test_fanout_measures_patches_that_do_not_grow_with_the_state(tmp_path: Path) -> None:
    rows = await fanout.measure(tmp_path, sizes=(5, 50), dashboards=3, changes=4)
    small, large = rows
    assert 100 < small.patch_bytes <= large.patch_bytes <= 1_024
    assert large.snapshot_bytes > 5 * small.snapshot_bytes
    assert len(small.latencies_s) == 3 * 4
    assert_fits(fanout.table(rows, 3), 2)


@pytest.mark.skipif(postgres.programs() is None, reason=postgres.MISSING)
async def test_nodes_measures_a_change_at_the_other_node(tmp_path: Path) -> None:
    rows = await nodes.measure(tmp_path, clients=2, changes=2, rounds=1)
    assert [row.name for row in rows] == [*nodes.KINDS]
    assert all(len(row.latencies_s) == 4 for row in rows)
    assert_fits(nodes.table(rows, 2), 3)


async def test_durable_measures_loads_beside_bare_commits(tmp_path: Path) -> None:
    loads = (durable.Load(2, 2), durable.Load(1, 2, with_op=True), durable.Load(2, 1, in_state=True))
    rows = await durable.measure(tmp_path, loads, seconds=0.1, warm_up_s=0)
    assert len(rows) == len(loads) + len(durable.GROUPS)
    assert all(row.batch >= 1 and row.per_s > 0 for row in rows)
    assert_fits(durable.table(rows, tmp_path), len(rows))


async def test_commands_measures_suggestions_lines_and_histories(tmp_path: Path) -> None:
    loads = tuple(replace(load, clients=min(load.clients, 2), in_flight=1) for load in commands.LOADS)
    suggested = await commands.measure_suggest(tmp_path, sizes=(4, 40), times=3)
    done = await commands.measure_lines(tmp_path / "lines", loads, seconds=0.1, warm_up_s=0)
    past = await commands.measure_history(tmp_path / "history", changes=4, times=3)
    assert all(len(row.inside_s) == len(row.took_s) == 3 for row in suggested)
    assert all(row.took_s and row.per_s > 0 for row in (*done, *past))
    assert_fits(commands.suggest_table(suggested), 2 * len(commands.TYPED))
    assert_fits(commands.lines_table(done), len(loads))
    assert_fits(commands.history_table(past), 2)


async def test_reconnect_measures_all_forms_of_sync(tmp_path: Path) -> None:
    rows = await reconnect.measure(tmp_path, clients=4, events=3)
    assert [row.modes for row in rows] == [Counter(delta=2, current=2), Counter(snapshot=4)]
    assert all(len(row.waits_s) == 4 for row in rows)
    assert_fits(reconnect.table(rows, 4, 3), 2)


async def test_memory_measures_the_state_and_the_clients(tmp_path: Path) -> None:
    rows = await memory.measure(tmp_path, events=3, clients=2, idle_clients=4, changes=2)
    assert all(row.rss_bytes > 10_000_000 for row in rows)
    assert_fits(memory.table(rows), 4)


def test_lighthouse_tells_the_median_of_each_preset() -> None:
    def report(score: float) -> lighthouse.Report:
        audits = {name: {"numericValue": 1_000 * score} for name in lighthouse.TIMES}
        categories = {name: {"score": score} for name in lighthouse.CATEGORIES}
        environment = {"benchmarkIndex": 1_500}
        told = {"audits": audits, "categories": categories, "environment": environment}
        return lighthouse.Report.of(json.dumps(told))

    reports = [report(0.9), report(1.0), report(0.2)]
    made = lighthouse.table({"desk": reports, "phone": reports})
    assert_fits(made, 2)
    assert made.rows[0] == ("desk", "3", "90", "90", "90", "900", "900", "900", "1,500")


async def test_dashboard_measures_the_page_in_chromium(tmp_path: Path) -> None:
    require_chromium()
    seen = await dashboard.measure(tmp_path, events=3, priorities=3, loads=1, changes=3, per_s=20, patches=30)
    assert len(seen.loads.painted_s) == 1
    assert len(seen.late_s) == 3
    assert seen.loads.bytes["scripts"] > 10_000
    assert [held.patches for held in seen.held] == [0, 30]
    for table, rows in zip(dashboard.tables(seen), (3, len(seen.loads.bytes) + 1, 3, 2), strict=True):
        assert_fits(table, rows)


async def test_rounds_measure_the_same_of_each_server_in_turn(tmp_path: Path) -> None:
    size = rounds.Size(seconds=0.1, changes=4, clients=3, askers=2)
    other = checkout(ROOT)
    found = await rounds.measure(tmp_path, [ADJUTANT, other, FLOOR], 2, size)
    assert [*found.by_peer] == [ADJUTANT.name, other.name, FLOOR.name]
    figures = found.by_peer[ADJUTANT.name][0].keys()
    for one in found.by_peer.values():
        assert [each.keys() for each in one] == [figures, figures]
    assert_fits(rounds.table(found), len(figures) - len(rounds.ACKS))


async def test_peers_are_sent_every_patch_and_each_delivery_is_counted(tmp_path: Path) -> None:
    loads = (patches.Load(2, 200, 5), patches.Load(4, 100, 5))
    connected, delivered = await patches.measure(tmp_path, peers(), loads)
    assert [len(row.waits_s) for row in connected] == [4] * len(peers())
    for row in delivered:
        assert len(row.latencies_s) == row.load.clients * patches.changes_for(row.peer, row.load)
    ours = [row for row in delivered if row.peer is ADJUTANT]
    sizes = {row.patch_bytes for row in delivered if row.peer is not ADJUTANT}
    assert sizes == {ours[0].patch_bytes, 140}
    *by_number, connects = patches.tables(connected, delivered)
    assert [table.title for table in by_number] == [
        f"peers-patches: {clients} websocket clients in one room" for clients in (2, 4)
    ]
    for table in by_number:
        assert_fits(table, 2 * len(peers()) - 1)
    assert_fits(connects, len(peers()))


async def test_peers_ack_as_many_bytes_as_the_server_does(tmp_path: Path) -> None:
    rows = await acks.measure(tmp_path, peers(), clients=2, seconds=0.1)
    assert all(row.took_s and row.per_s > 0 for row in rows)
    assert len({row.ack_bytes for row in rows}) == 2
    assert_fits(acks.table(rows, 2), 4 * len(peers()))


async def test_slow_measures_those_who_read_and_the_one_who_does_not(tmp_path: Path) -> None:
    rows = await slow.measure(tmp_path, clients=4, per_s=100, seconds=0.3)
    assert all(row.latencies_s and row.heard_share > 0 for row in rows)
    end = rows[1].end
    assert end is not None
    assert (end.lagged, end.why) == (False, "")
    assert_fits(slow.table(rows, 4, 0.3), 2)


@pytest.mark.skipif(programs() is None, reason=MISSING)
async def test_peers_nodes_measures_a_change_at_the_other_server(tmp_path: Path) -> None:
    rows = await adapters.measure(tmp_path, changes=2, rounds=1)
    there = [kind for kind in adapters.KINDS if kind.adapter not in adapters.missing()]
    assert [row.kind for row in rows] == there
    assert all(len(row.acks_s) == len(row.patches_s) == 2 for row in rows)
    assert_fits(adapters.table(rows), len(there))


def test_what_is_missing_for_peers_nodes_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(adapters, "NPM", tmp_path)
    assert adapters.missing().keys() == {"postgres", "redis"}
    assert any("not set up" in note for note in adapters.table([]).notes)
    (tmp_path / "node_modules" / adapters.NEEDED).mkdir(parents=True)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("bench.peers.adapters.node_binary", lambda: "node")
    assert adapters.missing() == {"redis": "redis-server is not installed"}


def test_node_is_among_the_peers_where_it_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    require_node()
    assert NODE in peers()
    assert left_out() == []
    monkeypatch.setattr("bench.peers.peer.node_binary", lambda: None)
    assert NODE not in peers()
    assert "Node" in left_out()[0]


def test_an_unknown_table_is_named_and_nothing_is_begun() -> None:
    done = completed("-m", "bench", "fanuot")
    assert done.returncode == 2
    assert "unknown table fanuot" in done.stderr
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


async def _raises(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("takes", "within_s", "said"),
    [
        (lambda: asyncio.sleep(60), 0.01, "memory was not done within 0 s"),
        (partial(_raises, TimeoutError("no answer to GET / within 5 s")), 60.0, "no answer to GET /"),
        (partial(_raises, TimeoutError()), 60.0, "memory broke off: _raises (test_bench.py, line"),
    ],
    ids=["all of it", "a step that says so", "a step that does not"],
)
def test_what_took_too_long_is_said(
    takes: Callable[[], Awaitable[None]],
    within_s: float,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def run(_: Path) -> Table:
        await takes()
        raise AssertionError

    monkeypatch.setattr(memory, "run", run)
    monkeypatch.setattr(memory, "WITHIN_S", within_s, raising=False)
    assert main(["memory"]) == 1
    assert said in capsys.readouterr().err
