"""Each person's own briefs (handlers/own_briefs), and those that are made by themselves (clients/unasked)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sio_server.registry.roles import Principal
from tests.core.seats import DAY_S, PERSON, Core, Seat

Json = Any

BERLIN = ZoneInfo("Europe/Berlin")
ANA = replace(PERSON, actor="ana", whose="name:ana", tz=BERLIN, device_tz="Europe/Berlin")
BO = replace(PERSON, actor="bo", whose="name:bo", tz=ZoneInfo("America/New_York"))
REVIEW = {"id": "r", "title": "Budget review", "start": "2026-11-23T15:00:00Z", "attendees": ["Cy"]}
KEYS = {"id": "k", "description": "the keys", "direction": "owed", "assignee": "Cy"}


async def sit(core: Core, who: Principal = ANA) -> Seat:
    return await core.sit("state", who=who)


def at(core: Core, text: str, zone: ZoneInfo = BERLIN) -> None:
    """Sets the clock to that hour there; what has steady time only goes on."""
    moment = datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()
    core.clock.wall_jump_s = moment - core.clock.now_s


async def made(core: Core, seat: Seat) -> Json:
    """The briefs that the person's client is told of by now."""
    await core.board.unasked.look()
    return seat.received("brief:made")


# Mine and everybody's.


async def test_mine_does_not_replace_yours_and_the_active_one_is_the_last_for_all(core: Core) -> None:
    ana, bo = await sit(core), await sit(core, BO)
    seq = core.state.seq
    await ana.done("command:run", text="brief")
    await bo.done("command:run", text="brief weekly")
    assert (await ana.done("brief:get"))["kind"] == "daily"
    assert (await bo.done("brief:get"))["kind"] == "weekly"
    assert await ana.done("brief:get", all=True) is None
    assert (core.state.seq, (await ana.state())["active_brief"]) == (seq, None)
    await bo.done("command:run", text="brief full day for all")
    active = (await ana.state())["active_brief"]
    assert active["kind"] == "daily"
    assert await ana.done("brief:get", all=True) == active
    assert (await ana.done("brief:get"))["tz"] == "Europe/Berlin"


async def test_my_brief_by_a_line_tells_what_changed_since_my_last_one(core: Core) -> None:
    ana, bo = await sit(core), await sit(core, BO)
    await ana.done("command:run", text="brief full")
    await bo.done("priorities:put", items=[{"id": "a", "title": "Sign the lease"}])
    await bo.done("command:run", text="brief full for all")
    for line, told in (("brief full", True), ("brief full for all", False)):
        [step] = (await ana.done("command:run", text=line))["steps"]
        assert ("P1 Sign the lease: added, by bo" in step["data"]["text"]) is told, line


async def test_the_day_of_my_brief_ends_by_the_servers_clock_where_i_am(core: Core) -> None:
    for who, midnight in ((ANA, "2031-03-05T23:00:00"), (BO, "2031-03-06T05:00:00")):
        at(core, "2031-03-05T12:00:00", ZoneInfo("UTC"))
        seat = await sit(core, who)
        await seat.done("command:run", text="brief")
        for before, outdated in ((-1, False), (0, True)):
            at(core, midnight, ZoneInfo("UTC"))
            core.clock.wall_jump_s += before
            assert (await seat.done("brief:get"))["outdated"] is outdated, (who.actor, before)


async def test_my_other_clients_are_told_and_nobody_else(core: Core) -> None:
    desk, phone, bo = await sit(core), await sit(core), await sit(core, BO)
    brief = await desk.done("brief:generate", kind="daily", mine=True)
    assert phone.received("brief:made") == [brief] == desk.received("brief:made")
    assert bo.received("brief:made") == []


async def test_a_program_that_makes_a_brief_as_before_sets_the_active_one(core: Core) -> None:
    ana = await sit(core)
    brief = await ana.done("brief:generate", kind="daily")
    assert (await ana.state())["active_brief"] == brief == await ana.done("brief:get")


async def test_my_brief_outlives_a_restart_and_is_outdated_by_what_it_tells_of(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        ana = await sit(core)
        await ana.done("calendar:put", items=[REVIEW])
        brief = await ana.done("brief:generate", kind="meeting", code="C1", mine=True)
    async with Core(tmp_path) as core:
        ana = await sit(core)
        assert await ana.done("brief:get") == brief
        await ana.done("priorities:put", items=[{"id": "p", "title": "Lunch"}])
        assert not (await ana.done("brief:get"))["outdated"]
        await ana.done("calendar:edit", code="C1", set={"title": "Budget talk"})
        assert (await ana.done("brief:get"))["outdated"]


async def test_a_brief_knows_what_its_own_line_changed_before_it(core: Core) -> None:
    ana = await sit(core)
    await ana.done("calendar:put", items=[REVIEW])
    await ana.done("command:run", text="update C1 Budget talk | brief C1")
    brief = await ana.done("brief:get")
    assert "Budget talk" in brief["text"]
    assert not brief["outdated"]
    await ana.done("command:run", text="update C1 Budget talk | brief C1")  # nothing comes of the first step
    assert not (await ana.done("brief:get"))["outdated"]
    await ana.done("command:run", text="update C1 Lunch")
    assert (await ana.done("brief:get"))["outdated"]


async def test_a_dry_brief_and_a_dry_hour_keep_nothing(core: Core) -> None:
    ana = await sit(core)
    for line in ("brief", "brief at 07:00"):
        [step] = (await ana.done("command:run", text=line, dry=True))["steps"]
        assert step["data"]["text"]
    assert await ana.done("brief:get") is None
    assert (await ana.done("prefs:get"))["prefs"]["brief_at"] is None


# By themselves.


HOURS = [("07:00", "07:00"), ("7am", "07:00"), ("6:30 pm", "18:30"), ("12am", "00:00"), ("off", None)]


@pytest.mark.parametrize(("typed", "kept"), HOURS)
async def test_an_hour_is_set_by_a_line(core: Core, typed: str, kept: str | None) -> None:
    ana = await sit(core)
    await ana.done("command:run", text="brief at 09:00")
    [step] = (await ana.done("command:run", text=f"brief at {typed}"))["steps"]
    assert (await ana.done("prefs:get"))["prefs"]["brief_at"] == kept
    assert (kept or "No brief") in step["data"]["text"]


NO_HOURS = [
    "brief at",
    "brief at 25:00",
    "brief at noonish",
    "brief at 7",
    "brief full at 07:00",
    "brief C1 at 7am",
]


@pytest.mark.parametrize("line", NO_HOURS)
async def test_what_is_no_hour_is_refused_and_sets_nothing(core: Core, line: str) -> None:
    ana = await sit(core)
    await ana.done("calendar:put", items=[REVIEW])
    assert (await ana.refused("command:run", text=line))["code"] == "bad_request"
    assert (await ana.done("prefs:get"))["prefs"]["brief_at"] is None


async def test_a_brief_is_made_once_at_the_hour_where_the_person_is(core: Core) -> None:
    ana = await sit(core)
    at(core, "2026-11-23T06:00")
    await ana.done("command:run", text="brief at 07:00")
    assert await made(core, ana) == []
    at(core, "2026-11-23T07:00")
    [brief] = await made(core, ana)
    assert (brief["kind"], brief["day"], brief["tz"]) == ("daily", "2026-11-23", "Europe/Berlin")
    at(core, "2026-11-23T12:00")
    assert len(await made(core, ana)) == 1
    core.clock.now_s += DAY_S + 3600
    at(core, "2026-11-24T07:01")
    assert [brief["day"] for brief in await made(core, ana)] == ["2026-11-23", "2026-11-24"]


async def test_an_hour_that_is_over_counts_from_tomorrow(core: Core) -> None:
    ana = await sit(core)
    at(core, "2026-11-23T09:00")
    await ana.done("command:run", text="brief at 07:00")
    assert await made(core, ana) == []
    at(core, "2026-11-24T07:00")
    assert len(await made(core, ana)) == 1


async def test_after_off_none_is_made(core: Core) -> None:
    ana = await sit(core)
    at(core, "2026-11-23T06:00")
    await ana.done("command:run", text="brief at 07:00 | brief at off")
    at(core, "2026-11-23T08:00")
    assert await made(core, ana) == []


async def test_what_a_stop_missed_is_made_after_it_and_once(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        ana = await sit(core)
        at(core, "2026-11-23T06:00")
        await ana.done("command:run", text="brief at 07:00")
    for expected in (1, 0):
        async with Core(tmp_path) as core:
            at(core, "2026-11-23T10:00")
            ana = await sit(core)
            assert len(await made(core, ana)) == expected
            assert (await ana.done("brief:get"))["day"] == "2026-11-23"


async def test_a_clock_that_jumps_makes_no_day_twice(core: Core) -> None:
    ana = await sit(core)
    at(core, "2026-11-23T06:00")
    await ana.done("command:run", text="brief at 07:00")
    for moment in (
        "2026-11-23T07:05",
        "2026-11-24T08:00",
        "2026-11-23T07:10",
        "2026-11-23T06:50",
        "2026-11-23T09:00",
    ):
        at(core, moment)
        await made(core, ana)
    assert [brief["day"] for brief in ana.received("brief:made")] == ["2026-11-23", "2026-11-24"]


# The hour before, at and after which a brief is made when clocks change, in UTC.
CHANGES = {
    "the hour that there is not": ("2026-03-29", "02:30", "2026-03-29T01:29", "2026-03-29T01:31"),
    "an hour after summer time begins": ("2026-03-29", "07:00", "2026-03-29T04:59", "2026-03-29T05:00"),
    "the hour that there is twice": ("2026-10-25", "02:30", "2026-10-25T00:29", "2026-10-25T00:30"),
    "an hour after it ends": ("2026-10-25", "07:00", "2026-10-25T05:59", "2026-10-25T06:00"),
}


@pytest.mark.parametrize(("day", "hour", "before", "after"), CHANGES.values(), ids=CHANGES)
async def test_summer_time_makes_one_brief_a_day(
    core: Core, day: str, hour: str, before: str, after: str
) -> None:
    utc = ZoneInfo("UTC")
    ana = await sit(core)
    at(core, f"{day}T00:10")
    await ana.done("command:run", text=f"brief at {hour}")
    at(core, before, utc)
    assert await made(core, ana) == []
    at(core, after, utc)
    assert len(await made(core, ana)) == 1
    for later in ("01:35", "02:35", "09:00"):
        at(core, f"{day}T{later}", utc)
        assert len(await made(core, ana)) == 1


async def test_a_meeting_with_open_matters_is_told_a_quarter_of_an_hour_before_once(core: Core) -> None:
    ana = await sit(core)
    await ana.done("command:run", text="brief at 07:00")
    other = REVIEW | {"id": "o", "title": "Lunch", "attendees": ["Dee"]}
    await ana.done("calendar:put", items=[REVIEW, other])
    await ana.done("commitments:put", items=[KEYS])
    utc = ZoneInfo("UTC")
    at(core, "2026-11-23T14:44", utc)
    assert await made(core, ana) == []
    for minute in (45, 50, 59):
        at(core, f"2026-11-23T14:{minute}", utc)
        [brief] = await made(core, ana)
        assert (brief["kind"], brief["about"]) == ("meeting", "r")
    [brief] = ana.received("brief:made")
    assert "Cy owes you: the keys" in brief["text"].splitlines()[0]
    await ana.done("calendar:edit", code="C1", set={"start": "2026-11-23T16:00:00Z"})
    at(core, "2026-11-23T15:50", utc)
    assert len(await made(core, ana)) == 2


async def test_who_set_no_hour_gets_none_by_itself(core: Core) -> None:
    ana = await sit(core)
    await ana.done("calendar:put", items=[REVIEW])
    await ana.done("commitments:put", items=[KEYS])
    core.clock.wall_jump_s = datetime(2026, 11, 23, 14, 50, tzinfo=UTC).timestamp() - core.clock.now_s
    assert await made(core, ana) == []
