"""Sources as the board shows them: what they say, what they push, their time, and when they go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sio_server import presence
from tests.core.oracle import instant
from tests.core.seats import NOON, Core, Seat, collector, event

Json = Any

WORK, HOME = collector("ics:work"), collector("ics:home")
BOTH = ["quick", "full"]


async def line(seat: Seat, source: str = "ics:work") -> Json:
    """What the board shows of the source."""
    return await seat.item("sources", source)


async def shown(seat: Seat, *fields: str, source: str = "ics:work") -> tuple[Json, ...]:
    """Some of it."""
    found = await line(seat, source)
    return tuple(found[field] for field in fields)


async def pass_time(core: Core, seconds: float) -> None:
    """Later, and the server looked at the clock."""
    core.clock.now_s += seconds
    await core.hub.tick()


async def gone(core: Core) -> None:
    """Returns when what the server noted by itself is on the board."""
    await core.hub.of_itself("test:wait", lambda view, ctx: [])


async def head_line(seat: Seat) -> tuple[Json, ...]:
    system = (await seat.state())["system"]
    return system["status"], system["progress"], system["message"]


# Hello: the number of the run, and the fence.


async def test_each_hello_gives_the_next_number_and_fences_off_the_runs_before(core: Core) -> None:
    work = await core.sit(who=WORK)
    assert await work.done("source:hello", ttl_s=60) == {"run": 1, "last_hash": None}
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


async def test_numbers_of_a_run_end_where_json_does(core: Core) -> None:
    work = await core.sit(who=WORK)
    await work.done("calendar:put", items=[], run=2**53 - 1)
    assert (await work.done("source:hello", ttl_s=60))["run"] == 2**53 - 1


async def test_a_number_and_a_text_do_not_fence_each_other(core: Core) -> None:
    work = await core.sit(who=WORK)
    await work.done("calendar:put", items=[], run="run-10")
    assert (await work.refused("calendar:put", items=[], run="run-9"))["code"] == "source_fenced"
    assert (await work.done("source:hello", ttl_s=60))["run"] == 1
    await work.done("source:progress", run=1, percent=1)


async def test_what_a_good_run_left_is_told_at_the_next_hello(core: Core) -> None:
    work = await core.sit(who=WORK)
    await work.done("source:hello", ttl_s=60)
    await work.done("source:finish", run=1, ok=True, hash="etag-1")
    assert await work.done("source:hello", ttl_s=60) == {"run": 2, "last_hash": "etag-1"}
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
    assert await head_line(work) == ("ERROR", 40, "ics:work: 401 from the calendar")
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
    assert await shown(work, "status", "run", "message") == ("error", 1, "It failed, and did not say why.")


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
    assert await shown(work, "status", "message") == ("stale", "Nothing came for more than 60 s.")
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
    assert await shown(work, "status", "message") == ("error", "no")


# Connections.


async def test_the_last_connection_of_a_source_drops_and_it_is_offline_at_once(core: Core) -> None:
    first, second, wall = await core.sit(who=WORK), await core.sit(who=WORK), await core.sit("sources")
    await first.done("source:hello", ttl_s=600, modes=BOTH)
    await first.done("source:finish", run=1, ok=True)
    first.leave()
    await gone(core)
    assert await shown(wall, "status") == ("online",)
    second.leave()
    await gone(core)
    assert await shown(wall, "status", "run_status") == ("offline", "done")
    assert wall.received("sources:patch")[-1]["cause"] == {"actor": "server", "command": "server:left"}


@pytest.mark.parametrize(
    ("ttl", "modes", "ends", "status"),
    [
        (True, [], True, "online"),  # a run of a cron job that is over: its time goes on
        (True, [], False, "offline"),
        (True, ["full"], True, "offline"),
        (False, [], None, "offline"),  # only pushed, and never said how long that is good for
    ],
)
async def test_who_only_pushes_and_is_done_goes_stale_in_time_and_all_others_offline(
    core: Core, ttl: bool, modes: list[str], ends: bool | None, status: str
) -> None:
    work, wall = await core.sit(who=WORK), await core.sit()
    if ttl:
        await work.done("source:hello", ttl_s=60, modes=modes)
    await event(work)
    if ends:
        await work.done("source:finish", run=1, ok=True)
    work.leave()
    await gone(core)
    assert await shown(wall, "status") == (status,)
    await pass_time(core, 61)
    assert await shown(wall, "status") == ("stale" if status == "online" else "offline",)


async def test_a_run_that_goes_on_fails_with_the_connection(core: Core) -> None:
    work, wall = await core.sit(who=WORK), await core.sit()
    await work.done("source:hello", ttl_s=60)
    await work.done("source:progress", run=1, percent=30)
    work.leave()
    await gone(core)
    why = "Its connection dropped in the middle of run 1."
    assert await shown(wall, "status", "run_status", "message") == ("offline", "failed", why)
    assert await head_line(wall) == ("ERROR", 30, f"ics:work: {why}")


async def test_an_error_of_a_source_that_is_done_stays_when_it_goes(core: Core) -> None:
    work, wall = await core.sit(who=WORK), await core.sit()
    await work.done("source:hello", ttl_s=60)
    await work.done("source:finish", run=1, ok=False, error="no")
    work.leave()
    await gone(core)
    assert await shown(wall, "status", "message") == ("error", "no")


async def test_a_connection_without_a_word_leaves_no_source_behind(core: Core) -> None:
    work = await core.sit(who=WORK)
    work.leave()
    await gone(core)
    assert core.state.seq == 0


@pytest.mark.parametrize("back_by", ["source:progress", "calendar:put", "source:hello", "source:finish"])
async def test_a_source_that_went_is_online_again_at_its_first_word(core: Core, back_by: str) -> None:
    first, wall = await core.sit(who=WORK), await core.sit()
    await first.done("source:hello", ttl_s=60, modes=BOTH)
    await event(first)
    first.leave()
    await gone(core)
    assert await shown(wall, "status") == ("offline",)
    again = await core.sit(who=WORK)
    assert await shown(wall, "status") == ("offline",)
    payloads: dict[str, Json] = {
        "source:progress": {"run": 1, "percent": 1},
        "calendar:put": {"items": []},
        "source:hello": {"ttl_s": 60},
        "source:finish": {"run": 1, "ok": True},
    }
    await again.done(back_by, **payloads[back_by])
    assert await shown(wall, "status") == ("online",)


async def test_who_is_back_before_its_going_is_noted_never_went(core: Core) -> None:
    first, wall = await core.sit(who=WORK), await core.sit("sources")
    await first.done("source:hello", ttl_s=60, modes=BOTH)
    first.leave()
    await core.sit(who=WORK)
    await gone(core)
    assert await shown(wall, "status") == ("online",)
    assert len(wall.received("sources:patch")) == 1


# The server starts again.


async def test_a_restart_ends_the_runs_that_went_on_and_misses_who_does_not_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = Core(tmp_path)
    async with core:
        work, home, mail = [await core.sit(who=who) for who in (WORK, HOME, collector("mail"))]
        for seat in (work, home, mail):
            await seat.done("source:hello", ttl_s=600, modes=["full"] if seat is not mail else [])
        await work.done("source:progress", run=1, percent=50)
        await mail.done("source:finish", run=1, ok=True)
    monkeypatch.setattr(presence, "BACK_WITHIN_S", 0)
    async with core:
        wall, home = await core.sit("sources"), await core.sit(who=HOME)
        await core.presence.start()
        why = "The server was restarted in the middle of this run."
        while (await shown(wall, "status"))[0] != "offline":
            pass
        assert await shown(wall, "run_status", "message") == ("failed", why)
        assert await shown(wall, "status", "run_status", source="ics:home") == ("online", None)
        assert await shown(wall, "status", "run_status", source="mail") == ("online", "done")
        causes = [patch["cause"]["command"] for patch in wall.received("sources:patch")]
        assert causes == ["server:restart", "server:left"]
        core.presence.stop()


async def test_a_restart_without_runs_is_no_commit(core: Core) -> None:
    await event(await core.sit(who=WORK))
    await core.presence.start()
    core.presence.stop()
    assert core.state.seq == 1


# The head line follows.


async def test_the_head_line_follows_the_runs_in_the_same_commit(core: Core) -> None:
    work, home, wall = await core.sit(who=WORK), await core.sit(who=HOME), await core.sit("state")
    for seat in (work, home):
        await seat.done("source:hello", ttl_s=600)
    await work.done("source:progress", run=1, percent=50)
    assert await head_line(wall) == ("COLLECTING", 50, "Collecting from ics:work")
    patch = wall.received("state:patch")[-1]
    assert sorted(change["section"] for change in patch["changes"]) == ["sources", "system"]
    await home.done("source:progress", run=1, percent=20)
    assert await head_line(wall) == ("COLLECTING", 35, "Collecting from ics:home, ics:work")
    core.clock.now_s += 9
    await work.done("source:finish", run=1, ok=True)
    assert await head_line(wall) == ("COLLECTING", 20, "Collecting from ics:home")
    await home.done("source:finish", run=1, ok=True)
    assert await head_line(wall) == ("IDLE", 100, None)
    assert (await wall.state())["system"]["last_sync"] == instant(NOON + 9)


async def test_many_names_are_cut_and_many_failures_too(core: Core) -> None:
    seats = [await core.sit(who=collector(f"s{n}")) for n in range(5)]
    for seat in seats:
        await seat.done("source:progress", run=1, percent=10)
    assert (await head_line(seats[0]))[2] == "Collecting from s0, s1, s2 and 2 more"
    for seat in seats:
        await seat.done("source:finish", run=1, ok=False, error="x" * 1_000)
    status, _, message = await head_line(seats[0])
    assert (status, len(message)) == ("ERROR", 1_000)


async def test_a_good_run_beside_a_failed_one_is_no_success(core: Core) -> None:
    work, home = await core.sit(who=WORK), await core.sit(who=HOME)
    await home.done("source:finish", run=1, ok=False, error="no")
    await work.done("source:progress", run=1, percent=50)
    await work.done("source:finish", run=1, ok=True)
    assert await head_line(work) == ("ERROR", 50, "ics:home: no")
    assert (await work.state())["system"]["last_sync"] is None


async def test_what_was_set_by_hand_stays_until_a_run_says_something_else(core: Core) -> None:
    """Neither a push, nor a count of items, nor a source's time is a word of a run."""
    work, home, person = await core.sit(who=WORK), await core.sit(who=HOME), await core.sit()
    await event(home)
    await home.done("source:finish", run=1, ok=False, error="no")
    await work.done("source:hello", ttl_s=60)
    await work.done("source:progress", run=1, percent=50)
    by_hand = ("PROCESSING", 70, "Sorting")
    await person.done("system:set", status="PROCESSING", progress=70, message="Sorting")
    await event(work)
    await person.done("calendar:drop", ids=["ics:home/e"])
    await pass_time(core, 61)
    assert await head_line(person) == by_hand
    await work.done("source:progress", run=1, percent=51)
    assert await head_line(person) == ("COLLECTING", 51, "Collecting from ics:work")


async def test_a_push_after_a_failed_run_leaves_the_run_failed(core: Core) -> None:
    work = await core.sit(who=WORK)
    await work.done("source:finish", run=1, ok=False, error="no")
    await event(work)
    assert await shown(work, "status", "run_status", "message") == ("online", "failed", None)
    assert await head_line(work) == ("ERROR", 0, "ics:work: its run failed")


async def test_a_run_that_nothing_was_told_of_is_no_sync(core: Core) -> None:
    work = await core.sit(who=WORK)
    await work.done("source:finish", run=1, ok=True)
    assert await head_line(work) == ("IDLE", 0, None)
    assert (await work.state())["system"]["last_sync"] is None
