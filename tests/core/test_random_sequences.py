"""Random sequences of requests against plain dicts (state/draft): what is shown, patched, kept, read back."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import tempfile
from pathlib import Path
from typing import Any

import orjson
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.core.oracle import No, Oracle, instant
from tests.core.seats import NOON, PERSON, Core, Seat, collector
from tests.examples import examples
from tests.replica import SECTIONS, Replica, as_held, canonical

Json = Any

SOURCES = ("ics:work", "ics:home")
OWN_IDS = st.sampled_from("abcd")
TEXTS = st.sampled_from(["Board call", "Ship it", "Ünïcode ☃", ""])
NOTES = st.sampled_from([None, "n1", "n2"])
DAYS = st.sampled_from([None, "2026-11-20", "2026-11-24", "2026-12-24"])

ITEMS = {
    "calendar": st.fixed_dictionaries(
        {
            "id": OWN_IDS,
            "title": TEXTS,
            "start": st.sampled_from(["2026-11-23T09:00:00Z", "2026-11-24T09:00:00Z", "2026-11-25"]),
        },
        optional={
            "attendees": st.sampled_from([[], ["a@x"] * 5]),
            "important": st.sampled_from([None, True, False]),
            "location": NOTES,
        },
    ),
    "priorities": st.fixed_dictionaries(
        {"id": OWN_IDS, "title": TEXTS},
        optional={
            "urgency": st.sampled_from(["low", "high"]),
            "status": st.sampled_from(["open", "done"]),
            "rank": st.sampled_from([None, 0, 1]),
            "note": NOTES,
            "due_date": DAYS,
        },
    ),
    "commitments": st.fixed_dictionaries(
        {"id": OWN_IDS, "description": TEXTS, "direction": st.sampled_from(["owe", "owed"])},
        optional={
            "status": st.sampled_from(["pending", "completed"]),
            "note": NOTES,
            "due_date": DAYS,
        },
    ),
}
SETS = {
    "calendar": st.fixed_dictionaries(
        {}, optional={"title": TEXTS, "location": NOTES, "important": st.sampled_from([None, True, False])}
    ),
    "priorities": st.fixed_dictionaries(
        {}, optional={"title": TEXTS, "note": NOTES, "rank": st.sampled_from([None, 3]), "due_date": DAYS}
    ),
    "commitments": st.fixed_dictionaries(
        {}, optional={"description": TEXTS, "note": NOTES, "due_date": DAYS}
    ),
}
FULL_IDS = st.sampled_from([*"abcd", *(f"{source}/{id}" for source in SOURCES for id in "abcd")])
CODES = st.builds("{}{}".format, st.sampled_from("CPMcpm"), st.integers(1, 7))
LETTERS = {"calendar": "C", "priorities": "p", "commitments": "M"}
BACK = st.sampled_from([None, 0, 0, 1, 3])
OPS = itertools.count()
Ask = tuple[str | None, str, Json]


@st.composite
def puts(draw: st.DrawFn) -> Ask:
    section = draw(st.sampled_from(sorted(ITEMS)))
    payload: Json = {"items": draw(st.lists(ITEMS[section], max_size=4))}
    payload["mode"] = draw(st.sampled_from(["upsert", "replace", "replace"]))
    if draw(st.booleans()):
        payload["complete"] = draw(st.booleans())
        payload["allow_empty"] = draw(st.booleans())
    return draw(st.sampled_from([None, *SOURCES])), f"{section}:put", payload


@st.composite
def drops(draw: st.DrawFn) -> Ask:
    section, who = draw(st.sampled_from(sorted(ITEMS))), draw(st.sampled_from([None, *SOURCES]))
    if draw(st.booleans()):
        ids = FULL_IDS if who is None else OWN_IDS
        return who, f"{section}:drop", {"ids": draw(st.lists(ids, max_size=3))}
    codes = st.one_of(st.builds(f"{LETTERS[section]}{{}}".format, st.integers(1, 7)), CODES)
    return (
        who,
        f"{section}:drop",
        {"codes": draw(st.lists(codes, min_size=1, max_size=2)), "back": draw(BACK)},
    )


@st.composite
def decisions(draw: st.DrawFn) -> Ask:
    section, verb = draw(
        st.sampled_from(
            [
                *((section, "edit") for section in ITEMS),
                *(
                    (section, verb)
                    for section in ("priorities", "commitments")
                    for verb in ("complete", "reopen")
                ),
                ("priorities", "snooze"),
            ]
        )
    )
    if draw(st.booleans()):
        payload: Json = {"id": draw(FULL_IDS)}
    else:
        payload = {"code": f"{LETTERS[section]}{draw(st.integers(1, 5))}", "back": draw(BACK)}
    if verb == "edit":
        payload["set"] = draw(SETS[section].filter(bool))
    if verb == "snooze":
        payload["in_s"] = draw(st.sampled_from([3600, 5 * 3600, 40 * 3600]))
    return None, f"{section}:{verb}", payload


OTHERS = st.sampled_from(
    [
        (None, "system:set", {"status": "COLLECTING", "progress": 10}),
        (None, "system:set", {"status": "IDLE", "message": None}),
        (None, "system:set", {"message": "hello"}),
        (None, "brief:set", {"brief": {"title": "Today", "points": [1, 2.5, None]}}),
        (None, "brief:clear", {}),
    ]
)
ASKS = st.one_of(puts(), puts(), drops(), decisions(), decisions(), OTHERS)


class Server(RuleBasedStateMachine):
    """A server, two dashboards that only see patches, two collectors and a person; and the oracle."""

    left: Json

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="adjutant-"))
        self.runner = asyncio.Runner()
        self.core = Core(self.folder)
        self.oracle = Oracle(NOON)
        self.runner.run(self._open({}))

    @rule(asks=st.lists(ASKS, min_size=1, max_size=4))
    def send_at_once(self, asks: list[Ask]) -> None:
        seq = self.core.state.seq
        ready = [(who, event, self._with_seen(payload, seq)) for who, event, payload in asks]
        acks = self.runner.run(self._pipeline(ready))
        for (who, event, payload), ack in zip(ready, acks, strict=True):
            self._judge(who, event, payload, ack)

    @rule(ask=puts())
    def send_again(self, ask: Ask) -> None:
        """An unchanged put makes no commit; the repeat of an op is answered as the first was."""
        who, event, payload = ask
        self.send_at_once([ask])
        before = self.core.state.seq
        with_op = payload | {"op": f"op-{next(OPS)}"}
        first, second = self.runner.run(self._pipeline([(who, event, with_op), (who, event, with_op)]))
        self._judge(who, event, payload, first)
        if first["ok"]:
            assert self.core.state.seq == before
            assert first["data"]["added"] + first["data"]["changed"] + first["data"]["removed"] == 0
            assert second == first | {"replay": True}
        else:
            assert second == first

    @rule(hours=st.sampled_from([1, 6, 13, 24]))
    def time_passes(self, hours: int) -> None:
        self.core.clock.now_s += hours * 3600
        self.runner.run(self.core.hub.tick())
        self.runner.run(self.core.tidy())
        self.oracle.pass_time(hours * 3600)
        self.oracle.settle(self.core.state.seq)

    @precondition(lambda self: self.core.state.seq > 0)
    @rule()
    def restart(self) -> None:
        """What is read back is what was in memory, and the dashboards miss nothing."""
        replicas = {name: seat.replica for name, seat in self.seats.items()}
        before = self._remembered()
        self.runner.run(self.core.close())
        modes = {name: len(replica.modes) for name, replica in replicas.items()}
        self.runner.run(self._open(replicas))
        assert self._remembered() == before
        for name, replica in replicas.items():
            assert "snapshot" not in replica.modes[modes[name] :]

    @rule()
    def room_changes(self) -> None:
        """One dashboard leaves two rooms and joins them again at the position that it held."""
        seat = self.seats["sections"]
        rooms = ["calendar", "priorities"]
        if "calendar" in seat.replica.mine:
            self.runner.run(seat.done("state:unsubscribe", rooms=rooms))
            self.left = {
                "epoch": seat.replica.epoch,
                "rooms": {room: seat.replica.mine[room] for room in rooms},
            }
            for room in rooms:
                seat.replica.leave(room)
        else:
            data = self.runner.run(seat.done("state:subscribe", rooms=rooms, resume=self.left))
            assert data["sync"]["mode"] != "snapshot"
            seat.replica.mine |= self.left["rooms"]
            seat.replica.sync(data["sync"])

    @invariant()
    def everybody_sees_what_the_oracle_says(self) -> None:
        if not hasattr(self, "core"):
            return
        fresh = as_held(self.runner.run(self.seats["person"].state()))
        assert {name: fresh[name] for name in self.oracle.things} == self.oracle.held(fresh)
        self._compare_small_sections(fresh)
        for name in ("everything", "sections"):
            replica = self.seats[name].replica
            self.seats[name].read()
            rooms = SECTIONS if name == "everything" else tuple(replica.mine)
            assert canonical(replica.held, rooms) == canonical(fresh, rooms)

    @invariant()
    def seq_has_no_gaps(self) -> None:
        if hasattr(self, "core"):
            assert [commit.seq for commit in self.core.commits] == list(range(1, self.core.state.seq + 1))

    @invariant()
    def no_two_items_have_one_code(self) -> None:
        for rows in self.core.state.rows.values() if hasattr(self, "core") else ():
            codes = [row.item.code for row in rows.values() if hasattr(row.item, "code")]
            assert len(codes) == len(set(codes))

    def teardown(self) -> None:
        if not hasattr(self, "core"):
            return
        try:
            self.restart()
        finally:
            self.runner.run(self.core.close())
            self.runner.close()
            shutil.rmtree(self.folder)

    def _compare_small_sections(self, fresh: Json) -> None:
        shown = fresh["system"]["system"]
        assert {name: shown[name] for name in self.oracle.system} == self.oracle.system
        assert bool(fresh["brief"]) == (self.oracle.brief is not None)
        if self.oracle.brief is not None:
            brief = fresh["brief"]["active"]
            assert {name: brief[name] for name in self.oracle.brief} == self.oracle.brief
        for source, line in fresh["sources"].items():
            owned = [
                id
                for things in self.oracle.things.values()
                for id, thing in things.items()
                if thing.source == source
            ]
            assert line["items"] == len(owned)
            assert line["last_push_at"] == instant(self.oracle.pushed_at[source])
            assert set(line["dismissed"]) == self.oracle.dismissed.get(source, set())

    def _judge(self, who: str | None, event: str, payload: Json, ack: Json) -> None:
        data: Json = None
        refused = None
        try:
            data = self.oracle.do(event, who, payload)
        except No as refusal:
            refused = refusal.code
        assert (None if ack["ok"] else ack["error"]["code"]) == refused, (event, payload, ack)
        if refused is not None:
            return
        self.oracle.settle(ack["seq"])
        if event.endswith(":put"):
            said = ack["data"]
            # An item of which people hold fields has changed when only its source's word on these has.
            data["changed"] += data.pop("unchanged")
            counted = {name: said[name] for name in data} | {"rejected": len(said["rejected"])}
            assert data == counted | {"changed": said["changed"] + said["unchanged"]}
        elif data is not None:
            assert ack["data"] == data

    def _with_seen(self, payload: Json, seq: int) -> Json:
        payload = dict(payload)
        back = payload.pop("back", None)
        if back is not None:
            payload["seen"] = max(0, seq - back)
        if "in_s" in payload:
            payload["until"] = instant(self.core.clock.now_s + payload.pop("in_s"))
        return payload

    def _remembered(self) -> Json:
        state, now_s = self.core.state, self.core.services.clock.steady()
        rows = {
            name: {id: (orjson.loads(row.json), row.text_seq) for id, row in rows.items()}
            for name, rows in state.rows.items()
        }
        for book in state.books.values():
            book.forget(now_s)
        books = {name: (book.holders, book.resting) for name, book in state.books.items()}
        return rows, books, dict(state.heads), state.seq, state.epoch

    async def _open(self, replicas: dict[str | None, Replica]) -> None:
        await self.core.open()
        rooms: dict[str | None, tuple[str, ...]] = {
            "everything": ("state",),
            "sections": SECTIONS,
            "person": ("state",),
        }
        self.seats: dict[str | None, Seat] = {}
        for name, wanted in rooms.items():
            seat = Seat(self.core, PERSON)
            self.seats[name] = seat
            if name not in replicas:
                await seat.begin(*wanted)
                continue
            seat.replica = replicas[name]
            await seat.begin(*seat.replica.mine, resume=seat.replica.position)
        for source in SOURCES:
            self.seats[source] = await self.core.sit(who=collector(source))

    async def _pipeline(self, asks: list[Ask]) -> list[Json]:
        ids = []
        for who, event, payload in asks:
            seat = self.seats["person" if who is None else who]
            ids.append((seat, seat.send(event, payload)))
        return [await seat.ack(id) for seat, id in ids]


TestServer = Server.TestCase
TestServer.settings = examples(15, stateful_step_count=25)
