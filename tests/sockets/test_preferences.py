"""Preferences over real sockets (clients/persons, registry/persons): each person's own, on all their devices,
also after kill -9, and nobody else's."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sio_server.clients import tokens
from sio_server.registry.roles import Role
from tests.conftest import Connect, Serve
from tests.everyday import PREFERENCES
from tests.running import RunningServer

Json = Any


@pytest.fixture
async def server(serve: Serve) -> RunningServer:
    """A server whose own zone is nobody's."""
    return await serve("--tz=Asia/Kathmandu")


def is_set(prefs: Json) -> Json:
    return {name: value for name, value in prefs.items() if value is not None}


async def test_what_is_set_on_one_device_is_there_on_another_and_told_to_it_alone(connect: Connect) -> None:
    desk, phone, other = [await connect(client=name, person=who) for name, who in DEVICES]
    assert await phone.done("prefs:get") == {
        "person": "ana",
        "me": [],
        "rev": 0,
        "device_tz": None,
        "prefs": dict.fromkeys((await desk.done("prefs:get"))["prefs"]),
    }
    told = await desk.done("prefs:set", set=PREFERENCES)
    assert (told["person"], told["rev"]) == ("Ann Lee", 1)
    prefs = is_set(told["prefs"])
    assert prefs.pop("notify") == {"before_min": 10, "assigned": True, "source": False, "brief": True}
    assert is_set(prefs.pop("working_hours")) == {"mon": {"start": "08:30", "end": "17:00"}}
    assert prefs == {name: PREFERENCES[name] for name in PREFERENCES.keys() - {"notify", "working_hours"}}
    assert await phone.wait_for("prefs:changed") == told == await phone.done("prefs:get")
    await desk.done("prefs:set", set={"theme": None, "density": "compact"})
    now = await phone.done("prefs:get")
    assert (now["rev"], now["prefs"]["theme"], now["prefs"]["density"]) == (2, None, "compact")
    assert (await other.done("prefs:get"))["rev"] == 0
    assert "prefs:changed" not in [event for event, _ in other.events]
    assert [event for event, _ in phone.events if event.endswith(":patch")] == []


DEVICES = (("desk", "ana"), ("phone", "ana"), ("bo", None))


async def test_acked_preferences_outlive_a_kill_and_an_op_counts_once(
    server: RunningServer, connect: Connect
) -> None:
    ana, bo = await connect(client="ana"), await connect(client="bo")
    first = await ana.request("prefs:set", set={"theme": "dark"}, op="one")
    await ana.done("prefs:set", set={"theme": "light"})
    again = await ana.request("prefs:set", set={"theme": "dark"}, op="one")
    assert (again["replay"], again["data"]) == (True, first["data"])
    assert (await ana.done("prefs:get"))["prefs"]["theme"] == "light"
    assert (await ana.request("prefs:set", set={"theme": "system"}, op="one"))["error"]["code"] == "conflict"
    assert (await bo.done("prefs:set", set={"theme": "dark"}, op="one"))[
        "rev"
    ] == 1  # an op is a person's own
    await server.restart()
    back = await connect(client="ana")
    assert (await back.done("prefs:get"))["prefs"]["theme"] == "light"
    replayed = await back.request("prefs:set", set={"theme": "dark"}, op="one")
    assert replayed["replay"] is True


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"colour": "red"}, "set.colour"),
        ({"tz": "Mars/Olympus"}, "set.tz"),
        ({"tz2": "../etc/passwd"}, "set.tz2"),
        ({"working_hours": {"start": "17:00", "end": "09:00"}}, "set.working_hours"),
        ({"working_hours": {"mon": {"start": "9", "end": "17:00"}}}, "set.working_hours"),
        ({"brief_at": "25:00"}, "set.brief_at"),
        ({"theme": "pink"}, "set.theme"),
        ({"panels": {"order": ["p"] * 33}}, "set.panels.order"),
        ({"name": " "}, "set.name"),
        ({"name": "x" * 101}, "set.name"),
        ({"language": "<script>"}, "set.language"),
        ({"notify": {"before_min": -1}}, "set.notify.before_min"),
        ({}, "set"),
    ],
)
async def test_what_is_no_preference_is_refused_with_its_place(
    connect: Connect, wrong: Json, path: str
) -> None:
    ana = await connect(client="ana")
    error = (await ana.request("prefs:set", set=wrong))["error"]
    assert error["code"] in ("bad_request", "too_large")
    assert error["details"][0]["path"].startswith(path)
    assert (await ana.done("prefs:get"))["rev"] == 0


async def test_a_zone_that_was_chosen_counts_more_than_the_devices_which_is_kept(
    server: RunningServer, connect: Connect
) -> None:
    async def zones(**device: Json) -> tuple[str, Json]:
        """The zone of what is made for the person, and the one that is kept of their devices."""
        client = await connect(client="ana", **device)
        brief = await client.done("brief:generate", kind="daily")
        kept = (await client.done("prefs:get"))["device_tz"]
        await client.disconnect()
        return brief["tz"], kept

    assert await zones() == ("Asia/Kathmandu", None)
    assert await zones(tz="Europe/Berlin") == ("Europe/Berlin", "Europe/Berlin")
    await server.restart()
    assert await zones() == ("Asia/Kathmandu", "Europe/Berlin")
    await (await connect(client="ana")).done("prefs:set", set={"tz": "America/New_York"})
    assert await zones() == ("America/New_York", "Europe/Berlin")
    assert await zones(tz="Asia/Tokyo") == ("America/New_York", "Asia/Tokyo")
    await (await connect(client="ana")).done("prefs:set", set={"tz": None})
    assert await zones(tz="Asia/Tokyo") == ("Asia/Tokyo", "Asia/Tokyo")
    bo = await connect(client="bo")
    assert (await bo.done("brief:generate", kind="daily"))["tz"] == "Asia/Kathmandu"


async def test_monday_begins_when_the_person_does(connect: Connect) -> None:
    ana, bo = [await connect(client=name, tz="Europe/Berlin") for name in ("ana", "bo")]
    await ana.done("priorities:put", items=[{"id": "p", "title": "Sign"}])
    hours = {"mon": {"start": "07:15", "end": "12:00"}, "tue": None}
    # The line after it, in one go, is read with the new hours.
    acks = await asyncio.gather(
        ana.request("prefs:set", set={"working_hours": hours}),
        ana.request("command:run", text="snooze P1 monday", dry=True),
        ana.request("command:run", text="snooze P1 tuesday", dry=True),
    )
    assert [hour_of(ack) for ack in acks[1:]] == ["07:15", "09:00"]
    assert hour_of(await bo.request("command:run", text="snooze P1 monday", dry=True)) == "09:00"


def hour_of(ack: Json) -> str:
    until = datetime.fromisoformat(ack["data"]["steps"][0]["data"]["until"])
    assert until.tzinfo == UTC
    return f"{until.astimezone(ZoneInfo('Europe/Berlin')):%H:%M}"


async def test_with_tokens_the_token_says_who_it_is(serve: Serve, connect: Connect, tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    roles = {"ana": Role.EDITOR, "bo": Role.VIEWER, "cal": Role.COLLECTOR}
    secrets = {name: tokens.add(file, name, role, None) for name, role in roles.items()}
    server = await serve(f"--tokens={file}", name="guarded")
    ana, also_ana, bo, cal = [
        await connect(url=server.url, token=secrets[name], client=client, person="boss")
        for name, client in (("ana", "desk"), ("ana", "phone"), ("bo", "desk"), ("cal", "desk"))
    ]
    told = await ana.done("prefs:set", set={"theme": "dark"})
    assert told["person"] == "ana"
    assert await also_ana.wait_for("prefs:changed") == told
    assert (await bo.done("prefs:get"))["rev"] == 0
    assert (await bo.done("prefs:set", set={"density": "compact"}))[
        "person"
    ] == "bo"  # a viewer has some, too
    assert (await cal.request("prefs:get", {}))["error"]["code"] == "forbidden"


async def test_a_source_has_none(connect: Connect) -> None:
    source = await connect(source="ics:work")
    for event, payload in (("prefs:get", {}), ("prefs:set", {"set": {"theme": "dark"}})):
        assert (await source.request(event, payload))["error"]["code"] == "forbidden"
