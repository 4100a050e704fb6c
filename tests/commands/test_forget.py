"""`forget NAME` takes a source away, and its undo brings all of it back (handlers/forget.py)."""

from __future__ import annotations

from typing import Any

import pytest

from sio_server.registry.roles import Role
from tests.commands.board import held, person, picture, ran, typed, undo_refused
from tests.core.seats import Core, Seat, collector

Json = Any


async def failed_source(core: Core) -> None:
    """A source that never brought anything: its path was mistyped."""
    notes = await core.sit(who=collector("notes:wrok"))
    run = (await notes.done("source:hello", ttl_s=3600))["run"]
    await notes.done("source:finish", run=run, ok=False, error="there is no folder wrok")


async def names(seat: Seat) -> list[str]:
    return [source["id"] for source in (await seat.state())["sources"]]


async def test_a_source_is_taken_away_with_what_it_brought_and_an_undo_brings_it_back(
    core: Core, ada: Seat
) -> None:
    await failed_source(core)
    before = await picture(ada)
    planned = (await ada.done("command:run", text="forget mail:home", dry=True))["steps"]
    assert planned[0]["data"]["text"].startswith(
        "mail:home is removed. Items: 1; records that stay in the search: 0."
    )
    assert await picture(ada) == before
    for name in ("mail:home", "notes:wrok"):
        handle = (await ran(ada, f"forget {name}"))["undo"]
        assert name not in await names(ada)
        gone = await picture(ada)
        assert "P7" not in [item.get("code") for item in gone["priorities"].values()] or name != "mail:home"
        for expected in (before, gone, before):
            handle = (await ada.done("command:undo", of=handle))["undo"]
            assert await picture(ada) == expected
            assert ada.replica.held == await held(ada)


async def test_a_source_that_runs_again_is_a_new_one_and_the_undo_is_refused(core: Core, ada: Seat) -> None:
    await ran(ada, "forget mail:home")
    mail = await core.sit(who=collector("mail:home"))
    await mail.done("priorities:put", items=[{"id": "flights", "title": "Book flights"}])
    code, message = await undo_refused(ada)
    assert (code, "has since been changed by mail:home" in message) == ("conflict", True), message


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("forget mail:hme", "There is no source mail:hme. Did you mean mail:home?"),
        ("forget home", "There is no source home. Did you mean mail:home?"),
        ("forget Mail:Home", "There is no source Mail:Home. Did you mean mail:home?"),
        ("forget xyzzy", "There is no source xyzzy. Type `forget ` and the first letters"),
        ("approve P1 | forget xyzzy", ""),
        ("forget", "Something is missing. Usage: `forget SOURCE`"),
        ("forget mail:home ics:work", "Nothing more is expected here."),
    ],
)
async def test_a_name_that_there_is_not_is_refused_with_those_that_may_be_meant(
    core: Core, ada: Seat, line: str, hint: str
) -> None:
    before = await names(ada)
    ack = await typed(ada, line)
    if hint:
        assert (ack["ok"], hint in ack["error"]["message"]) == (False, True), ack
    else:
        assert [step["status"] for step in ack["data"]["steps"]] == ["done", "failed"]
    assert await names(ada) == before


async def test_names_are_suggested(core: Core, ada: Seat) -> None:
    await failed_source(core)
    found = await ada.done("command:suggest", text="forget ")
    assert [one["text"] for one in found["suggestions"]] == [
        "forget ics:work",
        "forget mail:home",
        "forget notes:wrok",
    ]
    found = await ada.done("command:suggest", text="forget n")
    assert found["suggestions"] == [{"text": "forget notes:wrok", "help": "there is no folder wrok"}]


async def test_who_may_only_look_forgets_nothing(core: Core) -> None:
    viewer = await core.sit(who=person("eve", Role.VIEWER))
    error = await viewer.refused("command:run", text="forget mail:home")
    assert error["code"] == "forbidden"
