"""Proposals against a plain oracle: proposed, approved, dropped, changed, expired, undone, over restarts.

What was decided once is not proposed again, unless the decision itself is undone.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.core.seats import DAY_S, Core, Seat, collector

Json = Any

NOTES = collector("notes:work")
DAYS = 14
IDS = st.sampled_from("abcd")
WORDS = st.sampled_from(["Sign", "Pay", "Call Ana"])


@dataclass(frozen=True)
class Waiting:
    """A proposal: its words, whether a person changed them, since when it waits, and when it last changed."""

    words: str
    held: bool
    since_s: float
    touched: int


@dataclass(frozen=True)
class Line:
    """A line that a person typed: what it changed, as that was before, and how many items it added."""

    id: str
    before: Waiting
    added: int
    seq: int
    at_s: float


class Proposals(RuleBasedStateMachine):
    """One source, one person, one clock."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.core = Core(Path(self.folder.name))
        self.waiting: dict[str, Waiting] = {}
        self.decided: set[str] = set()
        self.touches: dict[str, list[int]] = {}  # without the changes that were taken back
        self.lines: list[Line] = []
        self.items = 0
        self._open()

    def _open(self) -> None:
        self.runner.run(self.core.open())
        self.notes: Seat = self.runner.run(self.core.sit(who=NOTES))
        self.person: Seat = self.runner.run(self.core.sit("state"))

    def teardown(self) -> None:
        self.runner.run(self.core.close())
        self.runner.close()
        self.folder.cleanup()

    def ask(self, seat: Seat, event: str, **fields: Json) -> Json:
        return self.runner.run(seat.ask(event, **fields))

    def code(self, id: str) -> str:
        found = self.runner.run(self.person.item("proposals", f"notes:work/{id}"))
        return str(found["code"])

    @property
    def now_s(self) -> float:
        return self.core.clock.now_s

    def touch(self, id: str) -> None:
        self.touches.setdefault(id, []).append(self.core.state.seq)

    @rule(given=st.dictionaries(IDS, WORDS, min_size=1), whole=st.booleans())
    def propose(self, given: dict[str, str], whole: bool) -> None:
        before = self.core.state.seq
        items = [
            {"id": id, "line": f"add priority {words}", "why": "so", "evidence": {"file": "a", "quote": id}}
            for id, words in given.items()
        ]
        ack = self.ask(self.notes, "proposals:put", items=items, mode="replace" if whole else "upsert")
        assert ack["ok"], ack
        kept_out = 0
        for id, words in given.items():
            old = self.waiting.get(id)
            if old is None and id in self.decided:
                kept_out += 1
            elif old is None:
                self.waiting[id] = Waiting(words, False, self.now_s, self.core.state.seq)
                self.touch(id)
            elif not old.held and old.words != words:
                self.waiting[id] = replace(old, words=words, touched=self.core.state.seq)
                self.touch(id)
        assert ack["data"].get("dismissed", 0) == kept_out
        for id in set(self.waiting) - set(given) if whole else ():
            del self.waiting[id]
            self.touch(id)
        assert self.core.state.seq <= before + 1

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), verb=st.sampled_from(["approve", "drop"]))
    def decide(self, data: st.DataObject, verb: str) -> None:
        id = data.draw(st.sampled_from(sorted(self.waiting)))
        seen = self.core.state.seq
        ack = self.ask(self.person, "command:run", text=f"{verb} {self.code(id)}", seen=seen)
        assert ack["ok"], ack
        self.items += verb == "approve"
        self.decided.add(id)
        self._typed(id, self.waiting.pop(id), added=int(verb == "approve"))

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), words=WORDS)
    def change(self, data: st.DataObject, words: str) -> None:
        id = data.draw(st.sampled_from(sorted(self.waiting)))
        old = self.waiting[id]
        text, seen = f"update {self.code(id)} add priority {words}", self.core.state.seq
        ack = self.ask(self.person, "command:run", text=text, seen=seen)
        assert ack["ok"], ack
        if old.words == words and old.held:
            return
        touched = self.core.state.seq if old.words != words else old.touched
        self.waiting[id] = replace(old, words=words, held=True, touched=touched)
        self._typed(id, old, added=0)

    def _typed(self, id: str, before: Waiting, added: int) -> None:
        self.touch(id)
        self.lines.append(Line(id, before, added, self.core.state.seq, self.now_s))

    @precondition(lambda self: any(one.touched > 1 for one in self.waiting.values()))
    @rule(data=st.data(), verb=st.sampled_from(["approve", "drop"]))
    def decide_on_what_has_changed_since(self, data: st.DataObject, verb: str) -> None:
        id = data.draw(st.sampled_from(sorted(self.waiting)))
        seen = self.waiting[id].touched - 1
        ack = self.ask(self.person, "command:run", text=f"{verb} {self.code(id)}", seen=seen)
        assert ack["error"]["code"] == "stale_target"

    @rule()
    def undo(self) -> None:
        ack = self.ask(self.person, "command:run", text="undo")
        fresh = [line for line in self.lines if line.at_s > self.now_s - DAY_S]
        if not fresh:
            assert ack["error"]["code"] == "invalid_state"
            return
        line = fresh[-1]
        if self.touches[line.id][-1] != line.seq:
            assert ack["error"]["code"] == "conflict"
            return
        assert ack["ok"], ack
        self.lines.remove(line)
        was_there = line.id in self.waiting
        self.items -= line.added
        self.decided.discard(line.id)
        words_differ = not was_there or self.waiting[line.id].words != line.before.words
        touched = self.core.state.seq if words_differ else self.waiting[line.id].touched
        self.waiting[line.id] = replace(line.before, touched=touched)
        self.touches[line.id].pop()  # the line before it may be taken back in its turn

    @rule(days=st.sampled_from([0.4, 1.1, 7, DAYS]))  # never a day to the second, of which either is right
    def time_passes(self, days: float) -> None:
        self.core.clock.now_s += days * DAY_S
        self.runner.run(self.core.hub.tick())
        self.runner.run(self.core.tidy())
        late = [id for id, one in self.waiting.items() if self.now_s - int(one.since_s) >= DAYS * DAY_S]
        for id in late:
            del self.waiting[id]
            self.decided.add(id)
            self.touch(id)

    @rule()
    def restart(self) -> None:
        self.runner.run(self.core.close())
        self._open()

    @invariant()
    def the_board_is_as_the_oracle_says(self) -> None:
        state = self.runner.run(self.person.state())
        shown = {item["id"].rpartition("/")[2]: item["line"] for item in state["proposals"]}
        assert shown == {id: f"add priority {one.words}" for id, one in self.waiting.items()}
        assert len(state["priorities"]) == self.items
        assert all(item["evidence"] and item["source"] is None for item in state["priorities"])
        [source] = state["sources"] or [{"items": 0, "dismissed": []}]
        assert source["items"] == len(self.waiting)
        assert {name.rpartition("/")[2] for name in source["dismissed"]} == self.decided


TestProposals = Proposals.TestCase
TestProposals.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
