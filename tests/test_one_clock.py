"""People in different zones, over both changes of summer time: every hour that one of them is told, by a
brief, the terminal's board or an answer, names the same instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adjutant_client.replica import Replica
from models.base import format_instant
from terminal.sections import Sight, calendar
from tests.conftest import Connect, Serve
from tests.running import PythonClient, RunningServer

Json = Any

PEOPLE = {"ana": "Europe/Berlin", "bo": "America/New_York", "cy": None}
AT_HOME = "Asia/Kathmandu"
CHANGES = ("2027-03-14T07:00:00Z", "2027-03-28T01:00:00Z", "2027-10-31T01:00:00Z", "2027-11-07T06:00:00Z")
"""When New York and Berlin change to summer time, and back."""
MOMENTS = [
    datetime.fromisoformat(change) + timedelta(minutes=minutes)
    for change in CHANGES
    for minutes in (-90, -30, 0, 30, 90)
]


@pytest.fixture
async def server(serve: Serve) -> RunningServer:
    """A server that is elsewhere."""
    return await serve(f"--tz={AT_HOME}", "--day-starts=08:30")


async def shown_on_the_board(client: PythonClient, zone: ZoneInfo) -> dict[str, str]:
    """The hours that the terminal's board shows, by the events' titles."""
    replica = Replica()
    assert replica.sync((await client.done("state:subscribe", rooms=["state"]))["sync"])
    rows = calendar(Sight(replica, datetime(2027, 1, 1, tzinfo=UTC), zone, 100)).rows
    return {row.text: "".join(text for _, text in row.lead) for row in rows}


async def test_every_hour_that_somebody_is_told_names_the_same_instant(connect: Connect) -> None:
    people = {}
    for name, tz in PEOPLE.items():
        people[name] = await connect(client=name, **({"tz": tz} if tz else {}))
    events = [
        {"id": f"e{number}", "title": f"Event {number}", "start": format_instant(moment)}
        for number, moment in enumerate(MOMENTS)
    ]
    codes = (await people["ana"].done("calendar:put", items=events))["codes"]
    for name, client in people.items():
        zone = ZoneInfo(PEOPLE[name] or AT_HOME)
        board = await shown_on_the_board(client, zone)
        for number, moment in enumerate(MOMENTS):
            hour = f"{moment.astimezone(zone):%H:%M}"
            brief = await client.done("brief:generate", kind="meeting", code=codes[f"e{number}"])
            assert f" {hour} ({zone})" in brief["text"].splitlines()[0], (name, moment, brief["text"])
            assert f"({zone})" in brief["text"].splitlines()[0]
            assert hour in board[f"Event {number}"], (name, moment)


async def test_a_typed_hour_is_that_of_the_person_who_types_it(connect: Connect) -> None:
    for name, tz in PEOPLE.items():
        client = await connect(client=name, **({"tz": tz} if tz else {}))
        zone = ZoneInfo(tz or AT_HOME)
        [step] = (await client.done("command:run", text="add priority Sign it"))["steps"]
        code = step["data"]["items"][0]["code"]
        for line, local in (
            (f"due {code} 28 march 2027 03:30", datetime(2027, 3, 28, 3, 30, tzinfo=zone)),
            (f"snooze {code} 1 november 2027", datetime(2027, 11, 1, 8, 30, tzinfo=zone)),
            (f"snooze {code} 2027-11-01", datetime(2027, 11, 1, tzinfo=zone)),
        ):
            [step] = (await client.done("command:run", text=line, dry=True))["steps"]
            told = step["data"].get("until") or step["data"]["set"]["due_date"]
            assert datetime.fromisoformat(told) == local, (name, line)


async def test_a_chosen_zone_counts_for_what_changed_and_for_the_day_over_the_change_of_the_clocks(
    connect: Connect,
) -> None:
    bo = await connect(client="bo")
    zones = {"ana": "Europe/Berlin", "cy": "America/New_York"}
    people = {name: await connect(client=name, tz="Asia/Tokyo") for name in zones}
    events = [
        {"id": f"e{number}", "title": f"Event {number}", "start": format_instant(moment)}
        for number, moment in enumerate(MOMENTS)
    ]
    codes = (await bo.done("calendar:put", items=events))["codes"]
    seq = (await bo.request("state:ping", {}))["seq"]
    later = [moment + timedelta(hours=2) for moment in MOMENTS]
    for number, moment in enumerate(later):
        start = {"start": format_instant(moment)}
        await bo.done("calendar:edit", code=codes[f"e{number}"], set=start)
    for name, client in people.items():
        zone = ZoneInfo(zones[name])
        hours = {"start": "00:30", "end": "05:30"}
        week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), hours)
        await client.done("prefs:set", set={"tz": zones[name], "working_hours": week})
        told = {one["title"]: one["text"] for one in (await client.done("state:since", since=seq))["items"]}
        for number, (before, after) in enumerate(zip(MOMENTS, later, strict=True)):
            old, new = before.astimezone(zone), after.astimezone(zone)
            to = f"{new:%H:%M}" if old.date() == new.date() else f"{new:%a} {new.day} {new:%b} {new:%H:%M}"
            moved = f"moved from {old:%a} {old.day} {old:%b} {old:%H:%M} to {to}, by bo."
            assert moved in told[f"Event {number}"], (name, before)
            day = await client.done("day:get", date=f"{new:%Y-%m-%d}")
            for side in ("start", "end"):
                local = datetime.fromisoformat(day["working"][side]).astimezone(zone)
                assert local.date() == new.date()
            assert codes[f"e{number}"] in [one["code"] for one in day["meetings"]]


async def test_other_zones_are_set_by_a_line_and_told_in_the_answer_and_in_ones_own_briefs(
    connect: Connect,
) -> None:
    ana = await connect(client="ana", tz="Europe/Berlin")
    start = {"id": "e", "title": "Review", "start": "2027-03-20T13:05:00Z"}
    await ana.done("calendar:put", items=[start])

    async def told(line: str) -> str:
        [step] = (await ana.done("command:run", text=line))["steps"]
        text: str = step["data"]["text"]
        return text

    assert (await told("zones")).endswith(" Europe/Berlin (yours)")
    assert (await told("zones tokyo, new york")).endswith(" America/New_York")
    prefs = (await ana.done("prefs:get"))["prefs"]
    assert (prefs["tz2"], prefs["zones"]) == ("Asia/Tokyo", ["America/New_York"])
    own = "Review, Sat 20 Mar 2027 14:05 (Europe/Berlin; 22:05 Tokyo, 09:05 New York)."
    assert (await told("brief C1")).startswith(own)
    assert "Tokyo" not in (await ana.done("brief:generate", kind="meeting", code="C1"))["text"]
    [refused] = [await ana.request("command:run", {"text": f"zones {said}"}) for said in ("Atlantis",)]
    assert "There is no time zone “Atlantis”." in refused["error"]["message"]
    assert (await ana.done("prefs:get"))["prefs"]["tz2"] == "Asia/Tokyo"
    await told("zones none")
    assert (await told("zones")).endswith(" Europe/Berlin (yours)")
