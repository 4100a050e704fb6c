"""What is kept of persons: how many, and what a client that does not read is told."""

from __future__ import annotations

from typing import Any

import pytest

from sio_server.clients.client import MAX_BACKLOG_BYTES
from sio_server.log.base import LogError
from sio_server.registry import persons
from sio_server.registry.roles import Principal, Role
from tests.core.seats import Core, Seat

Json = Any


def person(name: str, tz: str | None = None) -> Principal:
    return Principal("local", name, Role.ADMIN, whose=f"name:{name}", device_tz=tz)


async def settle(seat: Seat) -> None:
    """Returns when what was under way before is done."""
    await seat.done("priorities:put", items=[])


async def test_of_too_many_people_those_who_set_nothing_go_first(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(persons, "PERSONS_MAX", 3)
    ana = await core.sit(who=person("ana"))
    await ana.done("prefs:set", set={"theme": "dark"})
    for name in ("bo", "cy", "di", "eve"):
        core.clock.now_s += 1
        await settle(await core.sit(who=person(name, "Europe/Berlin")))
    assert core.state.profiles.keys() == {"name:ana", "name:di", "name:eve"}
    for name in ("di", "fay"):
        await (await core.sit(who=person(name))).done("prefs:set", set={"theme": "dark"})
    assert core.state.profiles.keys() == {"name:ana", "name:di", "name:fay"}
    gil = await core.sit(who=person("gil", "Asia/Tokyo"))  # has no place, and works all the same
    error = await gil.refused("prefs:set", set={"theme": "dark"})
    assert error["code"] == "too_large"
    assert (await gil.done("prefs:get"))["device_tz"] is None
    before = core.state.profiles
    await core.close()
    await core.open()
    assert core.state.profiles == before


async def test_a_client_that_does_not_read_is_told_the_newest_when_it_reads_again(core: Core) -> None:
    desk, phone, quiet = [await core.sit(*rooms, who=person("ana")) for rooms in ((), ("state",), ())]
    for seat in (phone, quiet):
        seat.line.backlog_bytes = MAX_BACKLOG_BYTES + 1
    for number in range(20):
        await desk.done("prefs:set", set={"name": f"Ana {number}"})
    assert not phone.received("prefs:changed")
    assert len(desk.received("prefs:changed")) == 20
    for seat in (phone, quiet):
        seat.line.backlog_bytes = 0
        assert seat.client.idle()
        await seat.client.catch_up()
        [told] = seat.received("prefs:changed")
        assert told["person"] == "Ana 19"
        await desk.done("prefs:set", set={"name": "Ana"})
        assert seat.received("prefs:changed")[-1]["person"] == "Ana"
        await desk.done("prefs:set", set={"name": "Ana 19"})


async def test_a_write_that_fails_leaves_the_preferences_as_they_were(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await core.sit(who=person("ana"))
    await ana.done("prefs:set", set={"theme": "dark"})

    def fails(*_: object) -> None:
        raise LogError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(core.log, "append", fails)
        error = await ana.refused("prefs:set", set={"theme": "light"})
    assert error["code"] == "storage_unavailable"
    assert (await ana.done("prefs:get"))["prefs"]["theme"] == "dark"
    assert len(ana.received("prefs:changed")) == 1


async def test_setting_what_is_set_tells_nobody_and_writes_nothing(core: Core) -> None:
    ana = await core.sit(who=person("ana"))
    first = await ana.done("prefs:set", set={"theme": "dark"})
    assert await ana.done("prefs:set", set={"theme": "dark", "density": None}) == first
    assert len(ana.received("prefs:changed")) == 1
    assert core.state.seq == 0
