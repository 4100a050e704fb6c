"""The one table of roles (registry/roles.py): who may send what, and what a collector sees of others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from handlers import REGISTRY
from sio_server.clients import tokens
from sio_server.registry.roles import OF_PEOPLE, ROLES, Permission, Principal, Role
from tests.core.seats import Core, Seat, collector

Json = Any

WORK = collector("ics:work")
SECRET = "Kestrel"
"""A word in all that is not the collector's."""
STRANGE = [
    (Role.VIEWER, None),
    (Role.EDITOR, None),
    (Role.COLLECTOR, None),
    (Role.COLLECTOR, "ics:work"),
    (Role.ADMIN, None),
    (Role.ADMIN, "ics:work"),
]


def test_every_request_asks_for_one_permission_of_the_table() -> None:
    for request in REGISTRY.requests.values():
        assert request.roles in ROLES.values(), request.event


def test_each_permission_is_somebodys_and_an_administrator_has_them_all() -> None:
    assert ROLES.keys() == set(Permission)
    assert all(Role.ADMIN in roles for roles in ROLES.values())
    assert Role.COLLECTOR not in ROLES[Permission.READ] | ROLES[Permission.DECIDE]


@pytest.mark.parametrize(("role", "source"), STRANGE)
async def test_what_the_table_says_is_what_happens(core: Core, role: Role, source: str | None) -> None:
    whose = "token:x" if source is None else ""
    seat = await core.sit(who=Principal("token:x", "x", role, source, whose=whose))
    for event, request in REGISTRY.requests.items():
        ack = await seat.ask(event)
        refused = not ack["ok"] and ack["error"]["code"] == "forbidden"
        is_for_others = event.startswith(
            ("prefs:", "push:") if source else "source:"
        )  # a person's, or a source's
        acts_as_none = (
            role is Role.COLLECTOR and source is None and request.roles != ROLES[Permission.CONNECT]
        )
        if role not in request.roles or acts_as_none:
            assert refused, event
        elif not is_for_others:
            assert not refused, (event, ack)


async def planted(core: Core) -> Seat:
    """The person who has planted the word: in items, records, people, the brief and the names of sources."""
    person = await core.sit("state")
    home = await core.sit(who=collector(f"ics:{SECRET}"))
    await home.done("source:hello", ttl_s=60)
    event = {"id": SECRET, "title": SECRET, "start": "2026-11-23T09:00:00Z"}
    for seat in (person, home):
        await seat.done("calendar:put", items=[event])
        await seat.done("priorities:put", items=[{"id": "a", "title": SECRET}])
        await seat.done("commitments:put", items=[{"id": "a", "description": SECRET, "direction": "owe"}])
    await person.done("brief:set", brief={"text": SECRET})
    await person.done("system:set", message=SECRET)
    await person.done("command:run", text=f"update P1 {SECRET} again | add priority {SECRET}")
    return person


# Whatever a collector might ask, and what it might find others by.
PROBES: dict[str, list[Json]] = {
    "state:get": [{}, *({"sections": [name]} for name in REGISTRY.sections)],
    "state:subscribe": [{"rooms": ["state"]}, {"rooms": ["calendar", "sources"]}],
    "state:sync": [{}, {"seq": 0}],
    "state:history": [{"code": "P1"}, {"code": "C1", "seen": 1}, {"id": SECRET}],
    "state:since": [{"since": 0}],
    "search:query": [{"query": SECRET}, {"query": "source:local"}],
    "search:stats": [{}],
    "records:get": [{"id": id} for id in ("local/r1", f"ics:{SECRET}/{SECRET}", "local/row;1")],
    "stats:get": [{}],
    "brief:get": [{}],
    "command:run": [{"text": text} for text in ("status", f"search {SECRET}", "approve P1", "P1")],
    "command:suggest": [{"text": text} for text in ("", "approve ", "P", f"update P1 {SECRET[:3]}")],
    "command:undo": [{"of": "@1"}, {"of": "@8"}],
    "source:hello": [{"ttl_s": 60}, {"ttl_s": 60, "formerly": [f"ics:{SECRET}"]}],
    "source:forget": [{"source": f"ics:{SECRET}"}],
    "collection:start": [{}, {"sources": [f"ics:{SECRET}"]}],
}
for section in ("calendar", "priorities", "commitments"):
    codes = [f"{letter}{number}" for letter in "CPM" for number in (1, 2, 3)]
    PROBES[f"{section}:drop"] = [
        *({"codes": [code], "seen": seen} for code in codes for seen in (1, 4, 100)),
        *({"codes": [code]} for code in codes),
        {"ids": [SECRET, f"ics:{SECRET}/{SECRET}", "a"]},
    ]
    PROBES[f"{section}:edit"] = [{"code": code, "seen": 1, "set": {"title": "x"}} for code in codes]
    PROBES[f"{section}:release"] = [{"code": code, "seen": 1} for code in codes]


async def test_no_byte_of_others_reaches_a_collector(core: Core) -> None:
    """Of all that it is sent, whatever it asks and whatever happens meanwhile."""
    person = await planted(core)
    work = await core.sit(who=WORK)
    await work.done("source:hello", ttl_s=60)
    await work.done("calendar:put", items=[{"id": "own", "title": "Own", "start": "2026-11-23T09:00:00Z"}])
    asked = PROBES | {event: [{}] for event in REGISTRY.requests if event not in PROBES}
    for event, payloads in asked.items():
        for payload in payloads:
            await work.ask(event, **payload)
    await person.done("command:run", text="approve P1 | drop C1")
    await work.done("state:get")
    assert SECRET not in "".join(work.line.sent)
    assert not work.received("state:patch")


async def test_a_collector_reads_what_its_own_source_has(core: Core) -> None:
    await planted(core)
    work = await core.sit(who=WORK)
    await work.done("source:hello", ttl_s=60)
    await work.done("calendar:put", items=[{"id": "own", "title": "Own", "start": "2026-11-23T09:00:00Z"}])
    state = (await work.done("state:get"))["state"]
    assert [item["id"] for item in state["calendar"]] == ["ics:work/own"]
    assert [source["id"] for source in state["sources"]] == ["ics:work"]
    assert not state["priorities"]
    assert not any(state["commitments"].values())
    assert state["active_brief"] is None


async def test_records_of_people_are_no_sources(core: Core, tmp_path: Path) -> None:
    assert Principal("token:x", "x", Role.EDITOR).delivers_as == OF_PEOPLE
    assert WORK.delivers_as == "ics:work"
    with pytest.raises(tokens.TokenError, match=OF_PEOPLE):
        tokens.add(tmp_path / "tokens.json", "x", Role.COLLECTOR, OF_PEOPLE)
