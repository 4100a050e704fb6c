"""Sources that come and go, servers that start again, and the head line that follows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sio_server.clients import presence
from tests.core.oracle import instant
from tests.core.seats import NOON, Core, collector, event
from tests.core.sources import BOTH, HOME, WORK, gone, head_line, pass_time, shown

Json = Any


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
    assert await head_line(wall) == ("ERROR", 0, f"ics:work: {why}")


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
    assert await head_line(work) == ("ERROR", 0, "ics:home: no")
    assert (await work.state())["sources"][0]["run_status"] == "failed"


async def test_what_was_set_by_hand_stays_until_a_run_says_something_else(core: Core) -> None:
    """Neither a push nor a count of items is a word of a run."""
    work, home, person = await core.sit(who=WORK), await core.sit(who=HOME), await core.sit()
    await event(home)
    await home.done("source:finish", run=1, ok=False, error="no")
    await work.done("source:hello", ttl_s=60)
    await work.done("source:progress", run=1, percent=50)
    by_hand = ("PROCESSING", 70, "Sorting")
    await person.done("system:set", status="PROCESSING", progress=70, message="Sorting")
    await event(work)
    await person.done("calendar:drop", ids=["ics:home/e"])
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


async def test_a_sync_of_one_source_counts_though_another_is_broken(core: Core) -> None:
    work, home = await core.sit(who=WORK), await core.sit(who=HOME)
    await home.done("source:finish", run=1, ok=False, error="no")
    await work.done("source:hello", ttl_s=60)
    await work.done("source:progress", run=1, percent=50)
    await work.done("source:finish", run=1, ok=True)
    system = (await work.state())["system"]
    assert (system["status"], system["last_sync"]) == ("ERROR", instant(core.clock.now_s))
