"""What is made of private events: conflicts for who sees them, busy times for the others (decision 102)."""

from __future__ import annotations

from dataclasses import replace

from sio_server.registry.privacy import PRIVATE
from tests.core.private import ANA, DEEP, HOME, NAME, NOON, OTHERS, SECRET, begin
from tests.core.seats import Core, Seat

PUBLIC = {"id": "open", "title": "Review", "start": NOON, "end": "2026-11-23T12:30:00Z"}
HIDDEN = {"id": SECRET, "title": SECRET, "start": NOON, "end": "2026-11-23T13:00:00Z"}
EVENING = {"start": "2026-11-23T19:00:00Z", "end": "2026-11-23T20:00:00Z"}


async def test_its_events_conflict_for_those_who_see_them(core: Core) -> None:
    home = await begin(core)
    ana, ben, cy = [await core.sit("state", who=who) for who in (ANA, OTHERS[0], OTHERS[1])]
    await ben.done("calendar:put", items=[PUBLIC])
    await home.done("calendar:put", items=[HIDDEN, HIDDEN | {"id": "b", "title": "Dentist"}])
    titles = {f"Review and {SECRET}", f"{SECRET} and Review", "Review and Dentist", "Dentist and Review"}
    found = {one["title"] for one in (await ana.state())["conflicts"]}
    assert (len(found), len(found & titles)) == (3, 2)
    assert len((await ana.done("day:get", date="2026-11-23"))["conflicts"]) == 3
    assert len((await ana.done("brief:generate", kind="daily", mine=True, full=True))["sections"]) > 1
    assert [(await seat.state())["conflicts"] for seat in (ben, cy)] == [[], []]
    # Who does not see them drops what they conflict with, and takes that back.
    code = (await ben.item("calendar", "open"))["code"]
    dropped = await ben.done("command:run", text=f"drop {code}")
    assert len((await ana.state())["conflicts"]) == 1
    await ben.done("command:undo", of=dropped["undo"])
    assert len((await ana.state())["conflicts"]) == 3
    # Nobody can try out when there is something private: what only follows hides no line.
    assert [patch["cause"]["command"] for patch in cy.received("state:patch")][-2:] == [
        f"drop {code}",
        "undo: drop C1",
    ]
    changes = await cy.done("state:history", id="open")
    assert [one["cause"]["command"] for one in changes["entries"]] == [
        "undo: drop C1",
        "drop C1",
        "calendar:put",
    ]
    # A conflict of all is still a conflict of all, and told once.
    await ben.done("calendar:put", items=[PUBLIC | {"id": "again"}])
    [shared] = (await ben.state())["conflicts"]
    assert [one["id"] for one in (await ana.state())["conflicts"]].count(shared["id"]) == 1
    await (await core.sit(who=OTHERS[2])).done("source:forget", source=HOME)
    assert (await ana.state())["conflicts"] == [shared]
    assert not found_words(ben)


def found_words(seat: Seat) -> list[str]:
    seat.read()
    return [word for word in (SECRET, NAME, "Dentist") if word in "".join(seat.line.sent)]


async def test_others_see_when_its_events_are_where_that_is_set(core: Core) -> None:
    home = await begin(core, busy=True)
    ben = await core.sit("state", who=OTHERS[0])
    await home.done(
        "calendar:put", items=[HIDDEN | {"location": DEEP, "attendees": [SECRET], "url": "https://x.org"}]
    )
    await home.done("priorities:put", items=[{"id": "p", "title": SECRET}])
    [busy] = (await ben.state())["calendar"]
    told = {
        name: value
        for name, value in busy.items()
        if value and name not in ("id", "rev", "important_by_rule")
    }
    assert told == {
        "title": "Busy",
        "start": NOON,
        "end": HIDDEN["end"],
        "code": "C1",
        "status": "confirmed",
        "busy": True,
        "private": True,
    }
    assert (await ben.state())["priorities"] == []
    await home.done("calendar:put", items=[HIDDEN | EVENING])
    [moved] = (await ben.state())["calendar"]
    assert (moved["id"], moved["start"]) == (busy["id"], EVENING["start"])
    assert ben.replica.held["calendar"][busy["id"]] == moved
    # It is shown, and nothing more: no line can be about it.
    assert (await ben.refused("command:run", text="drop C1"))["code"] == "not_found"
    assert (await ben.done("state:since", since=0))["items"] == []
    await home.done("calendar:drop", ids=[SECRET])
    assert (await ben.state())["calendar"] == []
    assert ben.replica.held["calendar"] == {}
    assert not found_words(ben)


async def test_what_hangs_on_a_public_event_hides_nobodys_line(core: Core) -> None:
    home = await begin(core)
    ana, ben, cy = [await core.sit("state", who=who) for who in (ANA, OTHERS[0], OTHERS[1])]
    await ben.done("calendar:put", items=[PUBLIC])
    await home.done("priorities:put", items=[{"id": "p", "title": SECRET}])
    code = (await ben.item("calendar", "open"))["code"]
    own = (await ana.item("priorities", f"{HOME}/p"))["code"]
    await ana.done("command:run", text=f"due {own} before {code}")
    for day in (24, 25):
        moved = {"start": f"2026-11-{day}T12:00:00Z", "end": f"2026-11-{day}T12:30:00Z"}
        await ben.done("calendar:put", items=[PUBLIC | moved])
        assert (await ana.item("priorities", f"{HOME}/p"))["due_date"] == moved["start"]
        cause = cy.received("state:patch")[-1]["cause"]
        assert (cause["actor"], cause["command"]) == ("ben", "calendar:put")
    entries = (await cy.done("state:history", id="open"))["entries"]
    assert [one["cause"]["command"] for one in entries] == ["calendar:put"] * 3
    # A line that is about the private item, too, is not told.
    await ana.done("command:run", text=f"update {own} {SECRET} twice | drop {code}")
    assert cy.received("state:patch")[-1]["cause"]["command"] == PRIVATE
    entries = (await cy.done("state:history", id="open"))["entries"]
    assert entries[0]["cause"]["command"] == PRIVATE
    assert not found_words(cy)


async def test_busy_times_are_not_free(core: Core) -> None:
    home = await begin(core, busy=True)
    ana, ben = [await core.sit(who=who) for who in (ANA, OTHERS[0])]
    before = await ben.done("day:get", date="2026-11-23")
    await home.done("calendar:put", items=[HIDDEN, HIDDEN | {"id": "b", "answer": "declined"} | EVENING])
    told, seen = [await seat.done("day:get", date="2026-11-23") for seat in (ben, ana)]
    assert before["free_min"] - told["free_min"] == 60
    assert (told["free"], told["free_min"]) == (seen["free"], seen["free_min"])
    assert told["meetings"] == told["conflicts"] == []
    assert not found_words(ben)
    await home.done("source:hello", ttl_s=60, visible_to=["ana"])
    core.state.privacy.policy = replace(core.state.privacy.policy, outlines=False)
    assert (await ben.done("day:get", date="2026-11-23"))["free_min"] == before["free_min"]
