"""The board that typed lines are about, and a short notation for what became of it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from typing import Any

from sio_server.registry.roles import Principal, Role
from tests.core.seats import DAY_S, NOON, PERSON, Core, Seat, collector
from tests.replica import Held, as_held

Json = Any

HOUR_S = 3600.0

ADA = PERSON
BOB = replace(PERSON, actor="bob")

BOARD = """
P1  Budget review                  open, with a note
P2  Call Ana                       open
P3  Pay the rent                   done
P4  Renew passport                 snoozed until 2026-12-01
P5  (Old plan)                     freed an hour ago
P6  Buy a bike                     had been “Sell the bike” until it was given on, an hour ago
P7  Book flights                   open, of the source mail:home
M1  Send Ana the draft             owe, pending
M2  Refund for the chair           owed, pending
M3  Thank the team                 owe, completed
C1  Board call                     today 15:00
C2  Dentist                        tomorrow 9:00, of the source ics:work
P8, M4, C3                         never given; the next to be
"""
"""It is Monday, 2026-11-23 12:00 UTC, and Ada has typed nothing yet."""

SOURCES = ("ics:work", "mail:home")


async def build(folder: Path) -> None:
    """Makes the board, by other people's hands: none of it is Ada's to undo."""
    core = Core(folder)
    core.clock.now_s = NOON - DAY_S - 2 * HOUR_S
    async with core:
        bob = await core.sit(who=BOB)
        await bob.done("priorities:put", items=[_titled(*given) for given in PRIORITIES])
        mail = await core.sit(who=collector("mail:home"))
        await mail.done("priorities:put", items=[_titled("flights", "Book flights")])
        await bob.done("commitments:put", items=COMMITMENTS)
        await bob.done("calendar:put", items=[EVENT])
        ics = await core.sit(who=collector("ics:work"))
        await ics.done(
            "calendar:put", items=[EVENT | {"id": "teeth", "title": "Dentist", "start": TOMORROW_AT_9}]
        )
        await bob.done("priorities:complete", code="P3")
        await bob.done("priorities:snooze", code="P4", until="2026-12-01")
        await bob.done("commitments:complete", code="M3")
        await bob.done("priorities:drop", codes=["P6"])
        core.clock.now_s = NOON - HOUR_S
        given = await bob.done("priorities:put", items=[_titled("bike", "Buy a bike")])
        assert given["codes"] == {"bike": "P6"}
        await bob.done("priorities:drop", codes=["P5"])


def _titled(id: str, title: str, note: str | None = None) -> Json:
    return {"id": id, "title": title} | ({} if note is None else {"note": note})


TOMORROW_AT_9 = "2026-11-24T09:00:00Z"
EVENT = {"id": "call", "title": "Board call", "start": "2026-11-23T15:00:00Z"}
PRIORITIES = (
    ("budget", "Budget review", "with Bob"),
    ("ana", "Call Ana"),
    ("rent", "Pay the rent"),
    ("passport", "Renew passport"),
    ("plan", "Old plan"),
    ("old-bike", "Sell the bike"),
)
COMMITMENTS = [
    {"id": "draft", "description": "Send Ana the draft", "direction": "owe", "assignee": "Ana"},
    {"id": "refund", "description": "Refund for the chair", "direction": "owed"},
    {"id": "team", "description": "Thank the team", "direction": "owe"},
]


def core_on(built: Path, folder: Path) -> Core:
    """A core, not yet open, on a copy of what `build` made; the copy is as if it had always been there."""
    shutil.copytree(built, folder, dirs_exist_ok=True)
    return Core(folder)


def person(name: str = "ada", role: Role = Role.EDITOR, tz: tzinfo | None = None) -> Principal:
    """Somebody at a dashboard."""
    who = replace(PERSON, actor=name, role=role)
    return who if tz is None else replace(who, tz=tz)


async def typed(seat: Seat, line: str, **fields: Json) -> Json:
    """The ack of a line."""
    return await seat.ask("command:run", text=line, **fields)


async def ran(seat: Seat, line: str, **fields: Json) -> Json:
    """The ack's data of a line of which every step was done."""
    data = await seat.done("command:run", text=line, **fields)
    assert {step["status"] for step in data["steps"]} == {"done"}, data
    return data


async def held(seat: Seat) -> Held:
    """A fresh snapshot, as items by section and id."""
    return as_held(await seat.state())


def but_for_rev(board: Held) -> Held:
    """The board without what counts the changes."""
    return {
        section: {
            id: {name: value for name, value in item.items() if name != "rev"} for id, item in items.items()
        }
        for section, items in board.items()
    }


async def picture(seat: Seat) -> Held:
    """A fresh snapshot, as an undo must bring it back."""
    return but_for_rev(await held(seat))


async def undo_refused(seat: Seat, of: str | None = None) -> tuple[str, str]:
    """Code and message of an undo that is refused, by the handle or as a line; it changes nothing."""
    before = await held(seat)
    payload = {"text": "undo"} if of is None else {"of": of}
    error = await seat.refused("command:run" if of is None else "command:undo", **payload)
    assert await held(seat) == before
    return error["code"], error["message"]


def changes(before: Held, after: Held) -> str:
    """What became of the board: `P1 done; M1 = New text; +P8 Title; -P2; ics:work has 0`."""
    said = []
    for section, items in after.items():
        was = before[section]
        if section == "brief":
            said += [
                f"brief {item['kind']} by {item['author']}"
                for id, item in items.items()
                if was.get(id) != item
            ]
            continue
        said += [_removed(item) for id, item in was.items() if id not in items]
        for id, item in items.items():
            said += [_added(item)] if id not in was else _changed(was[id], item)
    return "; ".join(sorted(said)) or "nothing"


def _removed(item: Json) -> str:
    return f"-{item['code']}"


def _added(item: Json) -> str:
    assert (item["source"], item["held"], item["rev"]) == (None, [], 1)
    said = f"+{item['code']} {item['direction'] + ' ' if 'direction' in item else ''}{_text(item)}"
    more = ("assignee", "due_date", *(["urgency"] if item.get("urgency") != "medium" else []))
    return ", ".join([said, *(f"{name} {item[name]}" for name in more if item.get(name))])


def _changed(old: Json, new: Json) -> list[str]:
    name = new.get("code") or new["id"]
    said = []
    if new["rev"] == old["rev"]:
        assert new == old
    if old.get("status") != new.get("status") or old.get("snoozed_until") != new.get("snoozed_until"):
        until = f" {new['snoozed_until']}" if new.get("snoozed_until") else ""
        said.append(f"{name} {new['status']}{until}")
    if "code" in new and _text(old) != _text(new):
        said.append(f"{name} = {_text(new)}")
    fields = ("due_date", "urgency", "assignee", "minutes", "note", "rank", "answer")
    said += [f"{name} {field} {new[field]}" for field in fields if old.get(field) != new.get(field)]
    if old.get("items") != new.get("items"):
        said.append(f"{name} has {new['items']}")
    return said


def _text(item: Json) -> str:
    return str(item.get("title") or item["description"])


def place_of(error: Json) -> tuple[int, int] | None:
    """Where in the line the fault is."""
    details = error.get("details")
    found = details[0] if isinstance(details, list) and details else details
    return (found["start"], found["end"]) if found and "start" in found else None
