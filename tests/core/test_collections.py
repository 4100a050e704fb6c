"""Collections: who is asked, what each brings, and how it ends; never well when a source failed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sio_server.clients import presence
from tests.core.collecting import NAMES, collection, serving, shares, taken
from tests.core.oracle import instant
from tests.core.seats import NOON, Core, collector, event
from tests.core.sources import JUMPS, gone, head_line, pass_time, shown

Json = Any


# Who is asked.


async def test_all_that_can_be_asked_are_asked_and_followed_to_a_good_end(core: Core) -> None:
    home, work = await serving(core, "ics:home", "ics:work")
    await event(work)
    await serving(core, "mail", modes=[])
    person = await core.sit("state")
    assert await collection(person) is None
    started = await person.done("collection:start", mode="quick")
    assert started == {"run": 2, "sources": ["ics:home", "ics:work"]}
    assert await taken(home) == {"run": 2, "mode": "quick", "since": None}
    assert await taken(work) == {"run": 2, "mode": "quick", "since": instant(NOON)}
    assert await collection(person) == {
        "run": 2,
        "mode": "quick",
        "by": "ada",
        "by_name": None,
        "started_at": instant(NOON),
        "ends_by": instant(NOON + 120),
        "ends_ms": core.board.clock.elapsed_ms() + 120_000,
        "ended_at": None,
        "status": "running",
        "percent": 0,
        "message": None,
        "sources": [
            {"source": name, "status": "asked", "percent": 0, "counts": None, "message": None}
            for name in ("ics:home", "ics:work")
        ],
    }
    assert await head_line(person) == ("COLLECTING", 0, "Collecting from ics:home, ics:work")
    await work.done("source:progress", run=2, percent=50, message="page 1")
    assert (await collection(person))["percent"] == 25
    core.clock.now_s += 4
    await work.done("source:finish", run=2, ok=True, counts={"events": 7})
    assert (await collection(person))["percent"] == 50
    assert await head_line(person) == ("COLLECTING", 50, "Collecting from ics:home")
    await home.done("source:finish", run=2, ok=True)
    done = await collection(person)
    assert (done["status"], done["percent"], done["ended_at"], done["message"]) == (
        "done",
        100,
        instant(NOON + 4),
        None,
    )
    assert done["sources"][1] == {
        "source": "ics:work",
        "status": "done",
        "percent": 100,
        "counts": {"events": 7},
        "message": None,
    }
    assert await head_line(person) == ("IDLE", 100, None)
    assert (await person.state())["system"]["last_sync"] == instant(NOON + 4)


async def test_a_source_is_asked_only_for_what_it_offers(core: Core) -> None:
    await serving(core, "ics:work", modes=["quick"])
    await serving(core, "mail", modes=["full"])
    person = await core.sit()
    assert (await person.done("collection:start", mode="full"))["sources"] == ["mail"]


async def test_those_that_are_named_are_asked_once_each_in_their_order(core: Core) -> None:
    await serving(core, *NAMES)
    person = await core.sit()
    started = await person.done("collection:start", mode="full", sources=["mail", "ics:home", "mail"])
    assert started["sources"] == ["mail", "ics:home"]
    assert (await collection(person))["ends_by"] == instant(NOON + 1_800)


async def test_whoever_cannot_be_asked_is_named_and_nothing_starts(core: Core) -> None:
    person = await core.sit()
    error = await person.refused("collection:start", mode="full")
    assert (error["code"], "full run" in error["message"]) == ("invalid_state", True)
    await serving(core, "ics:work", modes=["quick"])
    [gone_one] = await serving(core, "mail")
    gone_one.leave()
    await gone(core)
    seq = core.state.seq
    for sources, code, words in (
        (["nobody"], "not_found", "nobody"),
        (["ics:work"], "invalid_state", "ics:work cannot be asked for a full run"),
        (["mail"], "invalid_state", "mail"),
        ([], "bad_request", ""),
    ):
        error = await person.refused("collection:start", mode="full", sources=sources)
        assert (error["code"], words in error["message"]) == (code, True)
    assert (await person.refused("collection:start", mode="full"))["code"] == "invalid_state"
    assert core.state.seq == seq


@pytest.mark.parametrize("request_name", ["collection:start", "collection:cancel"])
async def test_a_collector_starts_and_cancels_none(core: Core, request_name: str) -> None:
    [work] = await serving(core, "ics:work")
    payload: Json = {"mode": "quick"} if request_name.endswith("start") else {"run": 1}
    assert (await work.refused(request_name, **payload))["code"] == "forbidden"


async def test_the_newest_connection_is_asked(core: Core) -> None:
    [old] = await serving(core, "ics:work")
    new = await core.sit(who=collector("ics:work"))
    person = await core.sit()
    await person.done("collection:start", mode="quick")
    await taken(new)
    old.read()
    assert old.asked == []


async def test_a_connection_that_takes_no_calls_leaves_them_to_the_others(core: Core) -> None:
    [serving_seat] = await serving(core, "mail")
    by_hand = await core.sit(who=collector("mail"))
    await by_hand.done("source:hello", ttl_s=60)
    person = await core.sit()
    started = await person.done("collection:start", mode="full")
    id, _ = await by_hand.call()
    by_hand.answer(id, None)
    assert (await taken(serving_seat))["run"] == started["run"]
    assert await shares(person) == [("mail", "asked")]


async def test_a_source_with_a_huge_number_moves_only_its_own(core: Core) -> None:
    huge, *_ = await serving(core, "ics:home", "ics:work")
    await huge.done("source:progress", run=2**52, percent=1)
    person = await core.sit()
    assert (await person.done("collection:start", mode="full", sources=["ics:work"]))["run"] == 2


async def test_a_second_start_is_told_of_the_first(core: Core) -> None:
    await serving(core, "ics:work")
    person = await core.sit()
    await person.done("collection:start", mode="quick")
    error = await person.refused("collection:start", mode="full")
    assert (error["code"], error["retry"], error["after_ms"]) == ("busy", "after", 5_000)
    assert error["details"] == {"run": 2, "mode": "quick", "by": "ada"}


async def test_two_starts_in_one_breath_are_one_collection(core: Core) -> None:
    [work] = await serving(core, "ics:work")
    person = await core.sit()
    acks = await person.pipeline([("collection:start", {"mode": "quick"})] * 2)
    assert [ack["ok"] for ack in acks] == [True, False]
    await taken(work)
    await gone(core)
    work.read()
    assert work.asked == []


async def test_a_start_with_the_same_op_starts_nothing_more(core: Core) -> None:
    [work] = await serving(core, "ics:work")
    person = await core.sit()
    first = await person.ask("collection:start", mode="quick", op="o")
    await taken(work)
    await work.done("source:finish", run=2, ok=True)
    assert await person.ask("collection:start", mode="quick", op="o") == first | {"replay": True}
    await gone(core)
    work.read()
    assert work.asked == []


# What becomes of the shares.


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"ok": False, "error": {"message": "Not now."}}, "It refused: Not now."),
        ({"ok": False}, 'It refused: {"ok": false}'),
        (None, "It refused: null"),
        ({"ok": "yes"}, 'It refused: {"ok": "yes"}'),
        ({"ok": False, "error": {"message": "a\nb\ud800"}}, "It refused: a b "),
        ({"ok": False, "error": {"message": " "}, "huge": 10**99}, "It refused: "),
        ([float("nan"), "\ud800"], "It refused: [NaN"),
        ("x" * 100_000, 'It refused: "xxx'),
    ],
    ids=ascii,
)
async def test_a_source_that_does_not_take_it_has_failed(core: Core, answer: Json, why: str) -> None:
    home, work = await serving(core, "ics:home", "ics:work")
    person = await core.sit()
    await person.done("collection:start", mode="quick")
    await taken(home)
    id, _ = await work.call()
    work.answer(id, answer)
    while (await shares(person))[1] != ("ics:work", "failed"):
        pass
    said = (await collection(person))["sources"][1]["message"]
    assert said.startswith(why)
    assert len(said) < 400
    await home.done("source:finish", run=2, ok=True)
    over = await collection(person)
    assert (over["status"], over["message"]) == ("failed", "1 of 2 sources failed: ics:work")
    status, _, message = await head_line(person)
    assert (status, message) == ("ERROR", f"ics:work: {said}")
    assert (await person.state())["system"]["last_sync"] is None


async def test_a_source_that_does_not_answer_in_time_has_failed(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "ACK_WITHIN_S", 0.02)
    [work] = await serving(core, "ics:work")
    person = await core.sit()
    await person.done("collection:start", mode="quick")
    id, _ = await work.call()
    while (await collection(person))["status"] != "failed":
        pass
    assert (await collection(person))["sources"][0]["message"] == "It did not answer within 0.02 s."
    work.answer(id, {"ok": True})  # too late, and of no harm
    assert await shown(person, "status", "run_status") == ("online", "failed")


async def test_who_begins_before_it_acks_is_not_failed_by_the_late_ack(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    [work] = await serving(core, "ics:work")
    person = await core.sit()
    await person.done("collection:start", mode="quick")
    id, _ = await work.call()
    await work.done("source:progress", run=2, percent=1)
    work.answer(id, {"ok": False})
    await gone(core)
    assert await shares(person) == [("ics:work", "running")]


async def test_who_leaves_in_the_middle_has_failed(core: Core) -> None:
    home, work = await serving(core, "ics:home", "ics:work")
    person = await core.sit()
    await person.done("collection:start", mode="quick")
    await taken(home)
    await work.call()
    work.leave()  # asked, and not acked
    await home.done("source:progress", run=2, percent=50)
    home.leave()
    await gone(core)
    assert await shares(person) == [("ics:home", "failed"), ("ics:work", "failed")]
    over = await collection(person)
    assert over["message"] == "2 of 2 sources failed: ics:home, ics:work"
    assert all(share["message"].startswith("Its connection dropped") for share in over["sources"])


async def test_who_left_before_it_could_be_asked_has_failed(core: Core) -> None:
    """The start is before the going in the queue."""
    [work] = await serving(core, "ics:work")
    person = await core.sit()
    id = person.send("collection:start", {"mode": "quick"})
    work.leave()
    assert (await person.ack(id))["ok"]
    await gone(core)
    assert (await collection(person))["status"] == "failed"
    assert await shown(person, "status", "run_status") == ("offline", "failed")


async def test_who_says_that_it_failed_has(core: Core) -> None:
    [work] = await serving(core, "ics:work")
    person = await core.sit()
    await person.done("collection:start", mode="quick")
    await taken(work)
    await work.done("source:finish", run=2, ok=False, error="401", counts={"events": 2})
    over = await collection(person)
    assert over["status"] == "failed"
    assert over["sources"] == [
        {"source": "ics:work", "status": "failed", "percent": 0, "counts": {"events": 2}, "message": "401"}
    ]


@pytest.mark.parametrize(
    ("request_name", "payload"),
    [("source:hello", {"ttl_s": 600}), ("calendar:put", {"items": [], "run": 9}), ("source:progress", {})],
)
async def test_who_begins_another_run_has_not_done_this_one(
    core: Core, request_name: str, payload: Json
) -> None:
    [work] = await serving(core, "ics:work")
    person = await core.sit()
    await person.done("collection:start", mode="quick")
    await taken(work)
    await work.done(request_name, **(payload or {"run": 9, "percent": 1}))
    over = await collection(person)
    assert (over["status"], over["sources"][0]["message"]) == ("failed", "It began another run.")
    if request_name != "source:progress":
        assert (await head_line(person))[0] == "IDLE"


@JUMPS
async def test_a_collection_has_its_time_whatever_the_wall_clock_says(core: Core, jump_s: float) -> None:
    [work] = await serving(core, "ics:work")
    person = await core.sit("state")
    await person.done("collection:start", mode="full", limit_s=30)
    await taken(work)
    core.clock.wall_jump_s = jump_s
    await pass_time(core, 29)
    assert await shares(person) == [("ics:work", "asked")]
    await pass_time(core, 1)
    assert await shares(person) == [("ics:work", "failed")]


async def test_who_is_not_done_in_time_has_failed_and_the_rest_counts(core: Core) -> None:
    home, work = await serving(core, "ics:home", "ics:work")
    person = await core.sit("state")
    await person.done("collection:start", mode="full", limit_s=30)
    for seat in (home, work):
        await taken(seat)
    await home.done("source:finish", run=2, ok=True)
    await work.done("source:progress", run=2, percent=90)
    await pass_time(core, 29)
    assert (await collection(person))["status"] == "running"
    await pass_time(core, 1)
    over = await collection(person)
    assert (over["status"], over["ended_at"]) == ("failed", instant(NOON + 30))
    assert await shares(person) == [("ics:home", "done"), ("ics:work", "failed")]
    assert over["sources"][1]["message"] == "It took longer than a collection is allowed to."
    assert person.received("state:patch")[-1]["cause"]["command"] == "system:tick"
    await work.done("source:finish", run=2, ok=True)  # late, and good all the same
    assert await shown(person, "status", "run_status") == ("online", "done")
    assert (await collection(person))["status"] == "failed"
    assert (await head_line(person))[0] == "IDLE"


async def test_a_restart_in_the_middle_ends_it_as_failed(tmp_path: Path) -> None:
    core = Core(tmp_path)
    async with core:
        home, work = await serving(core, "ics:home", "ics:work")
        person = await core.sit()
        await person.done("collection:start", mode="quick")
        await home.done("source:finish", run=2, ok=True)
        await work.done("source:progress", run=2, percent=50)
    async with core:
        await core.presence.start()
        core.presence.stop()
        person = await core.sit()
        over = await collection(person)
        assert over["status"] == "failed"
        assert await shares(person) == [("ics:home", "done"), ("ics:work", "failed")]
        assert over["sources"][1]["message"] == "The server was restarted in the middle of this run."
        assert (await head_line(person))[0] == "ERROR"
        assert (await person.state())["system"]["last_sync"] is None
