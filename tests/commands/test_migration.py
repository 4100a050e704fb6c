"""A store of the first version, made by hand, opens as a store of this one and has lost nothing."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import apsw
import orjson
import pytest

from sio_server.log.schema import MIGRATIONS, VERSION
from tests.commands.board import ran, typed
from tests.core.seats import DAY_S, NOON, Core

Json = Any

AT = "2026-11-23T11:00:00Z"
AT_S = NOON - 3600


def priority(id: str, code: str, title: str, **fields: Json) -> Json:
    """An item as that version kept it."""
    kept = {"id": id, "rev": 1, "code": code, "source": None, "held": [], "title": title, "description": None}
    kept |= {"urgency": "medium", "due_date": None, "status": "open", "snoozed_until": None, "rank": None}
    return kept | {"note": None, "url": None} | fields


RENT = priority("rent", "P1", "Pay the rent")
RENT_AND_GAS = RENT | {"rev": 2, "title": "Pay rent and gas"}
PLAN = priority("plan", "P2", "Old plan")
CALL = {
    "id": "ics:work/call",
    "rev": 1,
    "code": "C1",
    "source": "ics:work",
    "held": [],
    "title": "Board call",
    "start": "2026-11-23T15:00:00Z",
    "end": None,
    "all_day": False,
    "attendees": [],
    "location": None,
    "description": None,
    "url": None,
    "important": True,
    "important_by_rule": True,
}
FEED = {
    "id": "ics:work",
    "rev": 1,
    "status": "online",
    "last_push_at": AT,
    "ttl_s": None,
    "items": 1,
    "run": None,
    "message": None,
}


def change(section: str, item: Json, **what: Json) -> Json:
    named = {"section": section, "id": item["id"], "rev": item["rev"]}
    return named | ({"code": item["code"]} if "code" in item else {}) | what


# (what was asked for, by whom, the changes), from the first commit on.
COMMITS: tuple[tuple[str, str, list[Json]], ...] = (
    ("priorities:put", "ada", [change("priorities", item, put=item) for item in (RENT, PLAN)]),
    ("calendar:put", "ics:work", [change("calendar", CALL, put=CALL), change("sources", FEED, put=FEED)]),
    (
        "priorities:edit",
        "ada",
        [change("priorities", RENT_AND_GAS, set={"rev": 2, "title": "Pay rent and gas"})],
    ),
    ("priorities:drop", "ada", [change("priorities", PLAN, gone=True)]),
)
EDIT: Json = {"code": "P1", "set": {"title": "Pay rent and gas"}, "op": "edit-1"}
EDITED: Json = {"ok": True, "seq": 3, "data": RENT_AND_GAS}

ROWS: dict[str, list[tuple[Json, ...]]] = {
    "meta": [("epoch", "0123456789"), ("floor", "0")],
    "items": [
        ("priorities", "rent", 3, json.dumps(RENT_AND_GAS)),
        ("calendar", "ics:work/call", 2, json.dumps(CALL)),
        ("sources", "ics:work", 2, json.dumps(FEED)),
    ],
    "heads": [("state", 4), ("priorities", 4), ("calendar", 2), ("sources", 2)],
    "ops": [
        (
            *("local", "edit-1", AT_S),
            hashlib.sha256(orjson.dumps(["priorities:edit", EDIT], option=orjson.OPT_SORT_KEYS)).hexdigest(),
            json.dumps(EDITED),
        )
    ],
    "resting": [("priorities", "P2", "plan", "Old plan", 4, AT_S)],
    "texts": [
        ("priorities", "P1", 1, "Pay the rent", AT_S),
        ("priorities", "P1", 3, "Pay rent and gas", AT_S),
        ("priorities", "P2", 1, "Old plan", AT_S),
        ("calendar", "C1", 2, "Board call · 2026-11-23T15:00:00Z", AT_S),
    ],
}


def change_rows() -> list[tuple[Json, ...]]:
    """The log, each commit as it was written."""
    heads = {"priorities": 0, "calendar": 0, "sources": 0}
    rows: list[tuple[Json, ...]] = []
    for seq, (command, actor, changes) in enumerate(COMMITS, 1):
        touched = {part["section"]: heads[part["section"]] for part in changes}
        heads |= dict.fromkeys(touched, seq)
        cause = {"actor": actor, "command": command} | ({"op": "edit-1"} if seq == 3 else {})
        rows.append((seq, AT_S, json.dumps({"at": AT, "cause": cause, "prev": touched, "changes": changes})))
    return rows


def write(store: apsw.Connection, table: str, *rows: tuple[Json, ...]) -> None:
    for row in rows:
        store.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The folder of a server of the first version, stopped an hour after its last commit."""
    store = apsw.Connection(str(tmp_path / "adjutant.db"))
    store.execute(MIGRATIONS[0])
    for table, rows in {**ROWS, "changes": change_rows()}.items():
        write(store, table, *rows)
    store.pragma("user_version", 1)
    store.close()
    return tmp_path


async def test_everything_is_there_and_where_it_was(old: Path) -> None:
    async with Core(old) as core:
        seat = await core.sit("state")
        assert (core.log.epoch, core.state.seq) == ("0123456789", 4)
        assert await seat.item("priorities", "rent") == RENT_AND_GAS
        assert await seat.item("calendar", "ics:work/call") == CALL
        assert await seat.item("sources", "ics:work") == FEED
        late = await core.sit("state", resume={"epoch": "0123456789", "seq": 1}, strict=False)
        assert late.replica.modes == ["delta"]
        assert [patch["seq"] for patch in late.received("state:sync")[0]["patches"]] == [2, 3, 4]
        assert await seat.ask("priorities:edit", **EDIT) == EDITED | {"replay": True}
        assert (await seat.refused("priorities:complete", code="P1", seen=2))["details"][
            "then"
        ] == "Pay the rent"
    assert _version(old) == VERSION > 1


async def test_the_past_from_before_the_migration_is_a_history(old: Path) -> None:
    async with Core(old) as core:
        seat = await core.sit()
        await ran(seat, "approve P1")
        pasts = {
            "rent": ["approve P1", "priorities:edit", "priorities:put"],
            "plan": ["priorities:drop", "priorities:put"],
            "ics:work/call": ["calendar:put"],
            "ics:work": ["calendar:put"],
        }
        for id, commands in pasts.items():
            entries = (await seat.done("state:history", id=id))["entries"]
            assert [entry["cause"]["command"] for entry in entries] == commands
        by_code = (await seat.done("state:history", code="P2"))["entries"]
        assert [entry["change"]["code"] for entry in by_code] == ["P2", "P2"]


async def test_a_code_that_rested_rests_on_and_is_guarded(old: Path) -> None:
    async with Core(old) as core:
        seat = await core.sit()
        error = await seat.refused("command:run", text="approve P2")
        assert (error["code"], error["details"]["then"]) == ("stale_target", "Old plan")
        added = (await ran(seat, "add priority Milk"))["steps"][0]["data"]["items"][0]["code"]
        assert added == "P3"
        core.clock.now_s += DAY_S
        added = (await ran(seat, "add priority Bread"))["steps"][0]["data"]["items"][0]["code"]
        assert added == "P2"
        assert (await seat.refused("command:run", text="approve P2"))["details"]["now"] == "Bread"


async def test_lines_are_done_and_undone_on_it_over_restarts(old: Path) -> None:
    core = Core(old)
    async with core:
        seat = await core.sit()
        before = await seat.state()
        await ran(seat, "approve P1 | drop C1 | add owe x", op="line-1")
    async with core:
        seat = await core.sit()
        await seat.done("command:undo", of="line-1")
        after = await seat.state()
        assert [item["title"] for item in after["priorities"]] == ["Pay rent and gas"]
        came_back = before["calendar"][0] | {"rev": 2}  # and fields that the older version did not have
        assert after["calendar"][0] == after["calendar"][0] | came_back
        assert after["commitments"] == {"owe": [], "owed": []}
        assert (await typed(seat, "undo"))["error"]["code"] == "invalid_state"


def _version(folder: Path) -> int:
    store = apsw.Connection(str(folder / "adjutant.db"))
    version = int(store.pragma("user_version"))
    store.close()
    return version
