"""Sources as the board shows them: what they say, what they push, and their time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sio_server.log import sums
from tests.core.oracle import instant
from tests.core.seats import NOON, Core, collector, event
from tests.core.sources import BOTH, JUMPS, WORK, head_line, pass_time, shown

Json = Any


# Hello: the number of the run, and the fence.


async def test_each_hello_gives_the_next_number_and_fences_off_the_runs_before(core: Core) -> None:
    work = await core.sit(who=WORK)
    assert await work.done("source:hello", ttl_s=60) == {"run": 1, "last_hash": None, "me": []}
    assert (await work.done("source:hello", ttl_s=60))["run"] == 2
    for request, payload in (
        ("calendar:put", {"items": [], "run": 1}),
        ("source:progress", {"run": 1, "percent": 5}),
        ("source:finish", {"run": 1, "ok": True}),
    ):
        error = await work.refused(request, **payload)
        assert (error["code"], error["details"]) == ("source_fenced", {"newest": 2})
    await event(work)
    assert (await shown(work, "run", "items")) == (2, 1)


async def test_a_hello_goes_on_after_the_numbers_that_the_source_chose_itself(core: Core) -> None:
    work = await core.sit(who=WORK)
    await work.done("calendar:put", items=[], run=41)
    assert (await work.done("source:hello", ttl_s=60))["run"] == 42


async def test_numbers_of_a_run_end_where_there_is_still_room_to_count(core: Core) -> None:
    work = await core.sit(who=WORK)
    assert (await work.refused("calendar:put", items=[], run=2**52 + 1))["code"] == "bad_request"
    await work.done("calendar:put", items=[], run=2**52)
    assert (await work.done("source:hello", ttl_s=60))["run"] == 2**52 + 1


async def test_a_source_keeps_to_numbers_or_to_texts_until_it_says_hello(core: Core) -> None:
    work = await core.sit(who=WORK)
    await work.done("calendar:put", items=[], run="run-10")
    assert (await work.refused("calendar:put", items=[], run="run-9"))["code"] == "source_fenced"
    assert (await work.refused("calendar:put", items=[], run=1))["code"] == "source_fenced"
    assert (await work.done("source:hello", ttl_s=60))["run"] == 1
    assert (await work.refused("calendar:put", items=[], run="run-11"))["code"] == "source_fenced"
    await work.done("source:progress", run=1, percent=1)


async def test_what_a_good_run_left_is_told_at_the_next_hello(core: Core) -> None:
    work = await core.sit(who=WORK)
    await work.done("source:hello", ttl_s=60)
    await work.done("source:finish", run=1, ok=True, hash="etag-1")
    assert await work.done("source:hello", ttl_s=60) == {"run": 2, "last_hash": "etag-1", "me": []}
    await work.done("source:finish", run=2, ok=False, hash="half")
    assert (await work.done("source:hello", ttl_s=60))["last_hash"] == "etag-1"
    await work.done("source:finish", run=3, ok=True)
    assert (await work.done("source:hello", ttl_s=60))["last_hash"] == "etag-1"


async def test_a_hello_with_the_same_op_is_one_run(core: Core) -> None:
    work = await core.sit(who=WORK)
    first = await work.ask("source:hello", ttl_s=60, op="o")
    assert await work.ask("source:hello", ttl_s=60, op="o") == first | {"replay": True}
    assert await shown(work, "run") == (1,)


async def test_only_a_source_speaks_for_itself(core: Core) -> None:
    person = await core.sit()
    for request, payload in (
        ("source:hello", {"ttl_s": 1}),
        ("source:progress", {"run": 1, "percent": 1}),
        ("source:finish", {"run": 1, "ok": True}),
    ):
        error = await person.refused(request, **payload)
        assert (error["code"], "source" in error["message"]) == ("forbidden", True)
    assert core.state.seq == 0


# What a run comes to.


async def test_a_run_is_opened_by_its_progress_and_ended_by_its_finish(core: Core) -> None:
    work = await core.sit(who=WORK)
    await work.done("source:hello", ttl_s=600, cadence_s=60, modes=["quick"])
    fields = ("status", "run_status", "percent", "message", "cadence_s", "modes")
    assert await shown(work, *fields) == ("online", None, 0, None, 60, ["quick"])
    await work.done("source:progress", run=1, percent=40, message="page 2")
    assert await shown(work, *fields[:4]) == ("online", "running", 40, "page 2")
    await work.done("source:progress", run=1, percent=60)
    assert await shown(work, *fields[:4]) == ("online", "running", 60, "page 2")
    await event(work)
    assert await shown(work, *fields[:4]) == ("online", "running", 60, "page 2")
    core.clock.now_s += 5
    await work.done("source:finish", run=1, ok=True, counts={"events": 3}, hash="h")
    assert await shown(work, *fields[:4]) == ("online", "done", 100, None)
    assert await shown(work, "counts", "last_hash", "last_push_at") == (
        {"events": 3},
        "h",
        instant(NOON + 5),
    )


async def test_a_run_that_failed_shows_why_until_a_good_one_or_a_push(core: Core) -> None:
    work = await core.sit(who=WORK)
    await work.done("source:hello", ttl_s=600)
    await work.done("source:progress", run=1, percent=40)
    await work.done("source:finish", run=1, ok=False, error="401 from the calendar", counts={"events": 0})
    assert await shown(work, "status", "run_status", "message", "last_push_at") == (
        "error",
        "failed",
        "401 from the calendar",
        None,
    )
    assert await head_line(work) == ("ERROR", 0, "ics:work: 401 from the calendar")
    await work.done("source:hello", ttl_s=600)
    await work.done("source:progress", run=2, percent=1)
    assert await shown(work, "status", "run_status", "counts") == ("error", "running", None)
    await event(work)
    assert await shown(work, "status", "run_status") == ("online", "running")
    await work.done("source:finish", run=2, ok=True)
    assert await head_line(work) == ("IDLE", 100, None)


async def test_a_failure_without_words_still_says_something(core: Core) -> None:
    work = await core.sit(who=WORK)
    await work.done("source:finish", run=1, ok=False)
    assert await shown(work, "status", "run", "message") == ("error", 1, "It failed without saying why.")


async def test_a_put_of_a_newer_run_begins_it(core: Core) -> None:
    """What the board shows of the run before is not of this one."""
    work = await core.sit(who=WORK)
    await work.done("source:hello", ttl_s=600)
    await work.done("source:finish", run=1, ok=True, counts={"events": 1})
    core.clock.now_s += 7
    await work.done("calendar:put", items=[], run=2)
    assert await shown(work, "run", "run_at", "run_status", "percent", "counts") == (
        2,
        instant(NOON + 7),
        None,
        0,
        None,
    )


async def test_progress_after_the_end_opens_no_run(core: Core) -> None:
    work = await core.sit(who=WORK)
    await work.done("source:hello", ttl_s=60)
    await work.done("source:finish", run=1, ok=True)
    error = await work.refused("source:progress", run=1, percent=5)
    assert (error["code"], "say hello" in error["message"]) == ("invalid_state", True)
    assert (await head_line(work))[0] == "IDLE"


async def test_a_hello_without_modes_leaves_those_of_another_connection(core: Core) -> None:
    serving, by_hand = await core.sit(who=WORK), await core.sit(who=WORK)
    await serving.done("source:hello", ttl_s=60, modes=BOTH)
    await by_hand.done("source:hello", ttl_s=60)
    assert await shown(serving, "modes") == (BOTH,)
    await by_hand.done("source:hello", ttl_s=60, modes=[])
    assert await shown(serving, "modes") == ([],)


async def test_the_same_put_under_one_op_in_a_later_run_is_a_repeat(core: Core) -> None:
    work = await core.sit(who=WORK)
    put = {"items": [{"id": "e", "title": "Standup", "start": "2026-11-24"}], "op": "once"}
    for run in (1, 2):
        await work.done("source:hello", ttl_s=60)
        ack = await work.ask("calendar:put", **put, run=run)
        assert (ack["ok"], ack.get("replay", False)) == (True, run == 2)
    other = {"items": [{"id": "e", "title": "Review", "start": "2026-11-24"}], "op": "once"}
    assert (await work.refused("calendar:put", **other, run=2))["code"] == "conflict"


# Fresh, stale, back.


async def test_a_push_is_noted_when_it_changed_something_or_a_quarter_of_the_ttl_is_over(core: Core) -> None:
    work = await core.sit(who=WORK)
    await work.done("source:hello", ttl_s=40)
    await event(work)
    seq = core.state.seq
    for after_s, noted in ((9, 0), (2, 11), (9, 11), (1, 21)):
        core.clock.now_s += after_s
        await event(work)
        assert await shown(work, "last_push_at") == (instant(NOON + noted),)
    assert core.state.seq == seq + 2
    core.clock.now_s += 1
    await event(work, title="Run")
    assert await shown(work, "last_push_at") == (instant(NOON + 22),)


async def test_without_a_ttl_an_unchanged_push_is_noted_once_a_minute(core: Core) -> None:
    work = await core.sit(who=WORK)
    await event(work)
    for after_s, noted in ((59, 0), (2, 61)):
        core.clock.now_s += after_s
        await event(work)
        assert await shown(work, "last_push_at") == (instant(NOON + noted),)


async def test_a_source_that_misses_its_time_is_stale_by_a_commit_of_the_server(core: Core) -> None:
    work, wall = await core.sit(who=WORK), await core.sit("sources")
    await work.done("source:hello", ttl_s=60)
    await event(work)
    await pass_time(core, 59)
    assert await shown(work, "status") == ("online",)
    await pass_time(core, 1)
    assert await shown(work, "status", "message") == ("stale", "Nothing was received for more than 60 s.")
    patch = wall.received("sources:patch")[-1]
    assert patch["cause"] == {"actor": "server", "command": "sources:tick"}
    seq = core.state.seq
    await pass_time(core, 60)
    assert core.state.seq == seq
    await event(work)
    assert await shown(work, "status", "message") == ("online", None)


async def test_of_a_source_that_never_pushed_the_hello_counts(core: Core) -> None:
    work = await core.sit(who=WORK)
    await work.done("source:hello", ttl_s=60)
    await pass_time(core, 61)
    assert await shown(work, "status", "last_push_at") == ("stale", None)
    await work.done("source:hello", ttl_s=60)
    assert await shown(work, "status", "message") == ("online", None)


async def test_a_hello_alone_does_not_make_old_items_fresh(core: Core) -> None:
    work = await core.sit(who=WORK)
    await work.done("source:hello", ttl_s=60)
    await event(work)
    await pass_time(core, 120)
    await work.done("source:hello", ttl_s=60)
    assert await shown(work, "status") == ("stale",)
    await work.done("source:progress", run=2, percent=1)
    assert await shown(work, "status") == ("stale",)
    await work.done("source:finish", run=2, ok=True)
    assert await shown(work, "status") == ("online",)


async def test_a_source_without_a_ttl_never_goes_stale(core: Core) -> None:
    work = await core.sit(who=WORK)
    await event(work)
    await pass_time(core, 10 * 86_400)
    assert await shown(work, "status") == ("online",)


async def test_an_error_does_not_become_stale(core: Core) -> None:
    work = await core.sit(who=WORK)
    await work.done("source:hello", ttl_s=60)
    await work.done("source:finish", run=1, ok=False, error="no")
    await pass_time(core, 600)
    assert await shown(work, "status", "message") == ("error", "no")
    await work.done("source:hello", ttl_s=60)
    await work.done("source:progress", run=2, percent=0, message="asking")
    assert await shown(work, "status", "message") == ("error", "no")
    await work.done("source:progress", run=2, percent=1, message="page 1")
    assert await shown(work, "status", "message") == ("error", "page 1")
    await event(work)
    assert await shown(work, "status", "message") == ("online", None)


async def test_a_run_that_says_nothing_for_its_time_has_failed(core: Core) -> None:
    work = await core.sit(who=WORK)
    await work.done("source:hello", ttl_s=60)
    await work.done("source:progress", run=1, percent=5)
    await pass_time(core, 61)
    assert await shown(work, "status", "run_status") == ("stale", "failed")
    assert (await head_line(work))[0] == "ERROR"
    await work.done("source:progress", run=1, percent=6)
    assert await shown(work, "status", "run_status") == ("stale", "running")


async def test_a_long_run_that_tells_how_far_it_is_keeps_its_time(core: Core) -> None:
    work = await core.sit(who=WORK)
    await work.done("source:hello", ttl_s=60)
    for percent in range(0, 100, 20):
        await work.done("source:progress", run=1, percent=percent)
        await pass_time(core, 40)
        assert await shown(work, "status", "run_status") == ("online", "running")


# The wall clock jumps.


@JUMPS
async def test_a_source_keeps_its_time_when_the_wall_clock_jumps_and_comes_back(
    core: Core, jump_s: float
) -> None:
    work = await core.sit(who=WORK)
    await work.done("source:hello", ttl_s=600)
    await event(work)
    core.clock.wall_jump_s = jump_s
    await pass_time(core, 60)
    assert await shown(work, "status") == ("online",)
    await event(work, title="Pushed while it is wrong")
    core.clock.wall_jump_s = 0
    await pass_time(core, 599)
    assert await shown(work, "status") == ("online",)
    await pass_time(core, 1)
    assert await shown(work, "status") == ("stale",)


@JUMPS
async def test_an_unchanged_push_is_noted_as_often_when_the_wall_clock_jumps(
    core: Core, jump_s: float
) -> None:
    work = await core.sit(who=WORK)
    await event(work)
    core.clock.wall_jump_s = jump_s
    core.clock.now_s += 59
    seq = core.state.seq
    await event(work)
    assert core.state.seq == seq
    core.clock.now_s += 2
    await event(work)
    assert core.state.seq == seq + 1


async def test_progress_does_not_keep_a_push_from_being_noted(core: Core) -> None:
    work = await core.sit(who=WORK)
    await event(work)
    for _ in range(4):
        core.clock.now_s += 20
        await work.done("source:progress", run=1, percent=5)
        await event(work)
    assert await shown(work, "last_push_at") == (instant(NOON + 60),)


async def test_time_in_which_the_server_is_down_counts_for_sources(tmp_path: Path) -> None:
    core = Core(tmp_path)
    async with core:
        work = await core.sit(who=WORK)
        await work.done("source:hello", ttl_s=600)
        await event(work)
    core.clock.now_s += 300
    async with core:
        await pass_time(core, 299)
        assert await shown(await core.sit(), "status") == ("online",)
        await pass_time(core, 1)
        assert await shown(await core.sit(), "status") == ("stale",)


@pytest.mark.parametrize(
    ("boot", "jump_s", "status"),
    [
        pytest.param("this boot", 25 * 3600, "online", id="the machine knows better"),
        pytest.param("another", 25 * 3600, "stale", id="nobody knows better"),
        pytest.param("another", -3600, "online", id="backwards counts for nothing"),
        pytest.param("another", -NOON, "online", id="1970"),
    ],
)
async def test_a_wall_clock_that_jumped_between_two_runs_counts_only_after_a_start_of_the_machine(
    tmp_path: Path, boot: str, jump_s: float, status: str
) -> None:
    core = Core(tmp_path)
    async with core:
        work = await core.sit(who=WORK)
        await work.done("source:hello", ttl_s=600)
        await event(work)
    core.clock.boot, core.clock.wall_jump_s = boot, jump_s
    async with core:
        await pass_time(core, 1)
        assert await shown(await core.sit(), "status") == (status,)


async def test_sources_of_an_older_store_are_as_old_as_the_wall_clock_says_once(tmp_path: Path) -> None:
    core = Core(tmp_path)
    async with core:
        for name, ttl_s in (("ics:work", 600), ("ics:home", 60)):
            seat = await core.sit(who=collector(name))
            await seat.done("source:hello", ttl_s=ttl_s)
            await event(seat)
        core.sqlite._writer.execute("UPDATE items SET body = json_remove(body, '$.heard_ms')")
        sums.register(core.sqlite._writer)
        sums.add_all(core.sqlite._writer)
    core.clock.now_s += 120
    async with core:
        await core.presence.start()
        core.presence.stop()
        await pass_time(core, 0)
        person = await core.sit()
        assert await shown(person, "status") == ("online",)
        assert await shown(person, "status", source="ics:home") == ("stale",)
