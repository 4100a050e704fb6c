"""Collectors that run twice, send half, break off and are killed, while people decide: no ghost, no wipe,
and what people decided stays. Against an oracle of plain dicts."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.core.asked import ITEMS, SOURCES
from tests.core.oracle import No, Oracle, Thing
from tests.core.seats import NOON, Core, Seat, collector
from tests.examples import examples
from tests.replica import as_held
from tests.running import WAIT_S

Json = Any
Message = tuple[str, Json]

BATCHES = itertools.count()
FORMERLY = st.one_of(
    st.just(dict[str, Json]()),
    st.fixed_dictionaries({"formerly": st.lists(st.sampled_from("abcd"), min_size=1, max_size=2)}),
)
RUNS = st.sampled_from(["none", "now", "now", "now", "before"])


@dataclass(frozen=True)
class Push:
    """A batch on its way: in so many parts, of which run."""

    source: str
    section: str
    items: list[Json]
    fields: Json
    parts: int
    run: str


@st.composite
def pushes(draw: st.DrawFn) -> Push:
    section = draw(st.sampled_from(["priorities", "priorities", "commitments", "calendar"]))
    broken = st.sampled_from([{"id": "b"}, {"id": "c"}])
    items = draw(st.lists(st.one_of(ITEMS[section], ITEMS[section], broken), max_size=5))
    items = [item | draw(FORMERLY) for item in items]
    fields: Json = {"mode": draw(st.sampled_from(["replace", "replace", "upsert"]))}
    if draw(st.booleans()):
        fields |= {"complete": draw(st.booleans()), "allow_empty": draw(st.booleans())}
    source = draw(st.sampled_from(SOURCES))
    return Push(source, section, items, fields, draw(st.integers(0, 3)), draw(RUNS))


@dataclass
class Dropped:
    """A line that dropped an item, and how often the item had come by then."""

    handle: str
    section: str
    id: str
    thing: Thing
    comings: int


class Ingest(RuleBasedStateMachine):
    """Two sources with two processes each, a person, and a dashboard that only sees patches."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="adjutant-"))
        self.runner = asyncio.Runner()
        self.core = Core(self.folder)
        self.oracle = Oracle(NOON)
        self.newest: dict[str, int] = {}
        self.lines: list[Dropped] = []
        self.comings: Counter[tuple[str, str]] = Counter()
        self.runner.run(self._open())

    # Collectors.

    @rule(source=st.sampled_from(SOURCES))
    def hello(self, source: str) -> None:
        welcome = self.runner.run(self.seats[source, 0].done("source:hello", ttl_s=3600))
        assert welcome["run"] == self.newest.get(source, 0) + 1
        self.newest[source] = welcome["run"]

    @rule(push=pushes(), process=st.integers(0, 1))
    def push(self, push: Push, process: int) -> None:
        messages = self._messages(push)
        acks = self.runner.run(self._pipeline(self.seats[push.source, process], messages))
        assert all(ack["data"]["staged"] is not None for ack in acks[:-1])
        self._judge(push, messages[-1][1], acks[-1])

    @rule(first=pushes(), second=pushes())
    def race(self, first: Push, second: Push) -> None:
        """Two processes of one source at once: the second began later, and the first is too old then."""
        source = first.source
        seats = self.seats[source, 0], self.seats[source, 1]
        old = self.newest[source] = self.runner.run(seats[0].done("source:hello", ttl_s=60))["run"]
        speculation = self._messages(first, run=old)
        self.runner.run(self._pipeline(seats[0], speculation[:-1]))
        self.hello(source)
        second = replace(second, source=source, parts=2, run="now")
        late = self._messages(second)
        self.runner.run(self._pipeline(seats[1], late[:1]))
        [too_old] = self.runner.run(self._pipeline(seats[0], speculation[-1:]))
        assert too_old["error"]["code"] == "source_fenced"
        [done] = self.runner.run(self._pipeline(seats[1], late[1:]))
        self._judge(second, late[-1][1], done)

    @rule(
        push=pushes(),
        process=st.integers(0, 1),
        how=st.sampled_from(["it leaves", "server", "it begins anew"]),
    )
    def break_off(self, push: Push, process: int, how: str) -> None:
        """All parts but the last are a trace of nothing."""
        seat, head = self.seats[push.source, process], self.core.state.seq
        last = self._messages(replace(push, parts=3, run="none"))
        self.runner.run(self._pipeline(seat, last[:-1]))
        assert self.core.state.seq == head
        if how == "it leaves":
            seat.leave()
            self.runner.run(self._sit(push.source, process))
        elif how == "server":
            self.restart()
        else:
            self.push(replace(push, parts=max(1, push.parts)), process)
        [refused] = self.runner.run(self._pipeline(self.seats[push.source, process], last[-1:]))
        assert refused["error"]["code"] == "invalid_state"

    @rule(push=pushes())
    def die_before_the_ack(self, push: Push) -> None:
        """The batch is on disk, and the server dies: sent again with its op it has one effect."""
        messages = self._messages(push, op=f"op-{next(BATCHES)}")
        seat = self.seats[push.source, 0]
        self.runner.run(self._pipeline(seat, messages[:-1]))
        self.runner.run(self._die_at(seat, messages[-1]))
        self.runner.run(self._open())
        head = self.core.state.seq
        acks = self.runner.run(self._pipeline(self.seats[push.source, 0], messages))
        assert self.core.state.seq == head
        assert acks[-1].get("replay", False) is acks[-1]["ok"]
        self._judge(push, messages[-1][1], acks[-1])

    # People.

    @precondition(lambda self: any(self.oracle.things.values()))
    @rule(nth=st.integers(0, 20), verb=st.sampled_from(["complete", "reopen", "edit"]))
    def decide(self, nth: int, verb: str) -> None:
        section, id = self._nth(nth)
        verb = "edit" if section == "calendar" else verb
        payload: Json = {"id": id}
        if verb == "edit":
            headline = "description" if section == "commitments" else "title"
            payload["set"] = {headline: f"Mine {nth % 3}"}
        ack = self.runner.run(self.person.ask(f"{section}:{verb}", **payload))
        assert ack["ok"], ack
        self.oracle.do(f"{section}:{verb}", None, payload)
        self.oracle.settle(ack["seq"])

    @precondition(lambda self: any(self.oracle.things.values()))
    @rule(nth=st.integers(0, 20))
    def drop(self, nth: int) -> None:
        section, id = self._nth(nth)
        thing = self.oracle.things[section][id]
        ack = self.runner.run(
            self.person.ask("command:run", text=f"drop {thing.code}", seen=self.core.state.seq)
        )
        assert ack["ok"], ack
        self.oracle.do(f"{section}:drop", None, {"ids": [id]})
        self.oracle.settle(ack["seq"])
        self.lines.append(Dropped(ack["data"]["undo"], section, id, thing, self.comings[section, id]))

    @precondition(lambda self: self.lines)
    @rule(nth=st.integers(0, 5))
    def undo(self, nth: int) -> None:
        """What was dropped is there again, with all that people decided of it; unless it came by itself."""
        line = self.lines.pop(nth % len(self.lines))
        ack = self.runner.run(self.person.ask("command:undo", of=line.handle))
        if self.comings[line.section, line.id] != line.comings:
            assert ack["error"]["code"] == "conflict", ack
            return
        assert ack["ok"], ack
        line.thing.public = None
        self.oracle.things[line.section][line.id] = line.thing
        del self.oracle.resting[line.section][int(line.thing.code[1:])]
        if line.thing.source is not None:
            self.oracle.dismissed[line.thing.source] -= {f"{line.section}/{line.id}"}
        self.comings[line.section, line.id] += 1
        self.oracle.settle(ack["seq"])

    @rule()
    def restart(self) -> None:
        self.runner.run(self.core.close())
        self.runner.run(self._open())

    # What holds after every step.

    @invariant()
    def the_board_is_what_the_oracle_says(self) -> None:
        if not hasattr(self, "core"):
            return
        fresh = as_held(self.runner.run(self.person.state()))
        assert {name: fresh[name] for name in self.oracle.things} == self.oracle.held(fresh)
        self.person.read()
        assert self.person.replica.held == fresh
        for source, line in fresh["sources"].items():
            things = [thing for things in self.oracle.things.values() for thing in things.values()]
            assert line["items"] == sum(thing.source == source for thing in things)
            assert set(line["dismissed"]) == self.oracle.dismissed.get(source, set())
            assert (line["run"] or 0) == self.newest.get(source, 0)

    def teardown(self) -> None:
        if hasattr(self, "core"):
            self.runner.run(self.core.close())
            self.runner.close()
            shutil.rmtree(self.folder)

    # On the way.

    def _messages(self, push: Push, run: int | None = None, op: str | None = None) -> list[Message]:
        """What the collector sends: in no part, or in that many, with all that counts in the last."""
        newest = self.newest.get(push.source, 0)
        run = {"none": None, "now": newest, "before": max(0, newest - 1)}[push.run] if run is None else run
        fields = push.fields | ({} if run is None else {"run": run}) | ({} if op is None else {"op": op})
        event = f"{push.section}:put"
        if not push.parts:
            return [(event, fields | {"items": push.items})]
        batch, count = f"b{next(BATCHES)}", push.parts
        named = [
            {"batch": batch, "number": number, "last": number == count} for number in range(1, count + 1)
        ]
        cut = [push.items[: 1 + len(push.items) // count], push.items[1 + len(push.items) // count :]]
        items = [*cut, *([] for _ in range(count))][:count] if count > 1 else [push.items]
        return [
            (event, fields | {"items": given, "part": part}) for given, part in zip(items, named, strict=True)
        ]

    def _judge(self, push: Push, last: Json, ack: Json) -> None:
        payload = {name: value for name, value in last.items() if name not in ("part", "run", "op")}
        payload["items"] = push.items
        before = {section: set(things) for section, things in self.oracle.things.items()}
        run, refused = last.get("run"), None
        said: Json = {}
        try:
            if run is not None and run < self.newest.get(push.source, 0):
                raise No("source_fenced")
            said = self.oracle.do(f"{push.section}:put", push.source, _readable(push.section, payload))
        except No as refusal:
            refused = refusal.code
        assert (None if ack["ok"] else ack["error"]["code"]) == refused, (push, ack)
        if refused is not None:
            return
        data = ack["data"] | {"rejected": len(ack["data"]["rejected"])}
        assert {name: data[name] for name in said} == said
        assert ("dismissed" in data) is ("dismissed" in said)
        if run is not None:
            self.newest[push.source] = run
        came = self.oracle.things[push.section].keys() - before[push.section]
        self.comings.update((push.section, id) for id in came)
        self.oracle.settle(ack["seq"])

    def _nth(self, nth: int) -> tuple[str, str]:
        named = [(section, id) for section, things in self.oracle.things.items() for id in sorted(things)]
        return named[nth % len(named)]

    async def _open(self) -> None:
        await self.core.open()
        self.person = await self.core.sit("state")
        self.seats: dict[tuple[str, int], Seat] = {}
        for source, process in itertools.product(SOURCES, (0, 1)):
            await self._sit(source, process)

    async def _sit(self, source: str, process: int) -> None:
        self.seats[source, process] = await self.core.sit(who=collector(source))

    async def _pipeline(self, seat: Seat, messages: Sequence[Message]) -> list[Json]:
        return await seat.pipeline(messages)

    async def _die_at(self, seat: Seat, message: Message) -> None:
        """The server appends, and dies before it tells anybody."""
        hub, worked = self.core.hub, asyncio.Event()

        async def die(batch: Any) -> None:
            worked.set()
            await asyncio.Event().wait()

        hub._tell = die  # type: ignore[method-assign,assignment]
        seat.send(*message)
        await worked.wait()
        assert hub._task is not None
        hub._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await hub._task
        await hub._thread.end(WAIT_S)
        self.core.log.close(self.core.board.clock.note())  # the server notes the clock every minute


def _readable(section: str, payload: Json) -> Json:
    """The payload for the oracle, which knows an item at fault by its empty headline."""
    headline = "description" if section == "commitments" else "title"
    return payload | {"items": [{headline: ""} | item for item in payload["items"]]}


TestIngest = Ingest.TestCase
TestIngest.settings = examples(10, stateful_step_count=25)
