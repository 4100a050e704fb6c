"""A server with three people and two collectors, and what they send judged against the oracles."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from tests.core.asked import BLIND, PEOPLE, SOURCES, Asked, Sent, Step
from tests.core.seats import DAY_S, PERSON, Core, Seat, collector
from tests.core.typed import Typed, Words
from tests.core.witness import CODED, Board, Shown, Witness
from tests.replica import Replica, as_held
from tests.running import WAIT_S

Json = Any

OPS = itertools.count()


class Table:
    """Whoever looks keeps in mind the position; whoever types is judged."""

    def __init__(self, keep_changes: int = 50_000, keep_s: float = DAY_S) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="adjutant-"))
        self.runner = asyncio.Runner()
        self.core = Core(self.folder, keep_changes=keep_changes, keep_s=keep_s)
        self.witness = Witness()
        self.typed = Typed(self.witness)
        self.looked: dict[str, int] = dict.fromkeys(PEOPLE, 0)
        self.acked: list[tuple[Sent, Json, float]] = []
        self.replica = Replica()
        self._odd: set[str] = set()
        self.runner.run(self._open())

    def look(self, person: str) -> None:
        """From now on the person types what they see now."""
        self.looked[person] = self.replica.mine["state"]

    def send(self, asked: Sequence[Asked]) -> list[Json]:
        """Sends all at once, and judges each; the acks."""
        ready = [self._ready(each) for each in asked]
        acks = self.runner.run(self._pipeline(ready))
        self._watch()
        for sent, ack in zip(ready, acks, strict=True):
            self._judge(sent, ack)
        return acks

    def undo(self, person: str, handle: str) -> Json:
        """The ack of an undo of that line."""
        sent = Sent(person, "command:undo", {"of": handle}, (Words("undo", (), handle),))
        [ack] = self.runner.run(self._pipeline([sent]))
        self._watch()
        self._judge(sent, ack)
        return ack

    def undo_all(self, person: str) -> list[str]:
        """Plain `undo` until it is refused; the handles of the undos."""
        words = Asked(person, "command:run", {}, (Step("undo"),))
        handles: list[str] = []
        while len(handles) < 100:
            [ack] = self.send([words])
            if not ack["ok"]:
                return handles
            handles.append(ack["data"]["undo"])
        raise AssertionError("there is no end to undo")

    def state(self) -> Board:
        """All sections by id, as somebody who comes in now sees them; without what undo does not restore,
        which is also the order in which the steps of one line dropped things."""
        fresh = as_held(self.runner.run(self.watcher.state()))
        left_out = {"rev", "last_push_at"}
        return {
            section: {
                id: {
                    name: sorted(value) if name == "dismissed" else value
                    for name, value in item.items()
                    if name not in left_out
                }
                for id, item in items.items()
            }
            for section, items in fresh.items()
        }

    def pass_time(self, hours: float, ticks: bool, tidies: bool) -> None:
        """Later; `ticks` and `tidies` is what the server does now and then."""
        self.core.clock.now_s += hours * 3600
        if ticks:
            self.runner.run(self.core.hub.tick())
            self._watch()
            self.typed.pass_by(self.witness.seq)
        if tidies:
            self.runner.run(self.core.tidy())
            self.typed.forget(self.core.clock.now_s)
            kept_s = self.core.clock.now_s - DAY_S
            self.acked = [(sent, ack, at_s) for sent, ack, at_s in self.acked if at_s >= kept_s]

    def send_again(self, nth: int) -> None:
        """An op that was acked: the first ack once more, and no second effect."""
        sent, ack, _ = self.acked[nth % len(self.acked)]
        head = self.core.state.seq
        other = {"text": "help"} if "text" in sent.payload else {"of": "another"}
        again = [sent, replace(sent, payload=sent.payload | other)]
        repeat, conflict = self.runner.run(self._pipeline(again))
        assert repeat == ack | {"replay": True}
        assert conflict["error"]["code"] == "conflict"
        assert self.core.state.seq == head

    def reopen(self) -> None:
        """What the guard knew before, it knows after."""
        before = self._remembered()
        self.runner.run(self.core.close())
        self.runner.run(self._open())
        assert self._remembered() == before

    def crash_before_the_ack(self, asked: Asked) -> None:
        """The line is on disk, and the server dies. The same op again: one effect, and its ack."""
        sent = self._ready(replace(asked, payload={"op": "plain"}))
        [lost] = self.runner.run(self._die_after_commit(sent))
        self.runner.run(self._open())
        head = self.core.state.seq
        [ack] = self.runner.run(self._pipeline([sent]))
        assert ack == (lost | {"replay": True} if lost["ok"] else lost)
        assert self.core.state.seq == head
        self._judge(sent, lost)

    def check_sources(self) -> None:
        """Each counts what it owns."""
        board = self.witness.boards[self.witness.seq]
        for source, shown in board["sources"].items():
            owned = [item for name in CODED for item in board[name].values() if item["source"] == source]
            assert shown["items"] == len(owned)

    def close(self) -> None:
        """At the end."""
        try:
            self.reopen()
        finally:
            self.runner.run(self.core.close())
            self.runner.close()
            shutil.rmtree(self.folder)

    def _ready(self, asked: Asked) -> Sent:
        payload = dict(asked.payload)
        if "op" in payload:
            payload["op"] = self._op(payload["op"])
        if asked.event == "command:undo":
            handles = self.typed.handles(PEOPLE[asked.who].person if asked.own else None)
            payload["of"] = handles[asked.nth % len(handles)] if handles else "none"
            return Sent(asked.who, asked.event, payload, (Words("undo", (), payload["of"]),))
        if asked.event != "command:run":
            return Sent(asked.who, asked.event, payload)
        picture = self.witness.picture(self.looked[asked.who])
        words = tuple(_words(step, picture) for step in asked.steps)
        payload["text"] = " | ".join(str(each) for each in words)
        if asked.looks:
            payload["seen"] = self.looked[asked.who]
        return Sent(asked.who, asked.event, payload, words, picture if asked.looks else None)

    def _op(self, kind: str) -> str:
        """A new one; one kind looks like the handle of a line without an op that is still to come."""
        handle = f"@{self.core.state.seq + 3}"
        used = {sent.payload["op"] for sent, _, _ in self.acked} | set(self.typed.handles(None))
        if kind == "handle" and handle not in used and handle not in self._odd:
            self._odd.add(handle)
            return handle
        return f"op-{next(OPS)}"

    def _judge(self, sent: Sent, ack: Json) -> None:
        base = self.typed.seq
        assert not ack["ok"] or ack["seq"] in (base, base + 1)
        if ack["ok"] and sent.picture is not None and ack["seq"] > base:
            self._check_hits(sent, ack, base)
        if sent.picture is not None and not ack["ok"] and ack["error"]["code"] == "stale_target":
            self._check_texts(sent, ack["error"]["details"], base)
        if sent.words:
            now_s = self.core.clock.now_s
            self.typed.judge(
                PEOPLE[sent.who].person, sent.words, ack, now_s, sent.payload, self.core.log.floor()
            )
        if not ack["ok"]:
            return
        if ack["seq"] > base:
            assert self.witness.told[ack["seq"]].actor == PEOPLE.get(sent.who, collector(sent.who)).actor
        self.typed.pass_by(ack["seq"])
        if "op" in sent.payload and not sent.payload.get("dry"):  # a dry line's op is not kept
            self.acked.append((sent, ack, self.core.clock.now_s))

    def _check_hits(self, sent: Sent, ack: Json, base: int) -> None:
        """With `seen`: whatever changed had its code in the line, and was what the person read there."""
        assert sent.picture is not None
        changed = self.witness.told[ack["seq"]].names
        now = self.witness.picture(base)
        codes = [code for words in sent.words for code in words.codes]
        for code in codes:
            assert sent.picture[code] == now[code], "the code had another item's text"
        if all(words.verb not in ("undo", "add") for words in sent.words):
            assert changed <= {sent.picture[code].name for code in codes}

    def _check_texts(self, sent: Sent, details: Json, base: int) -> None:
        """A stale target tells what the person saw, unless that is forgotten, and what is there now."""
        code, now = details["code"], self.witness.picture(base)
        assert details["now"] == (_text(now[code]) if code in now else None)
        assert sent.picture is not None
        if code in sent.picture and sent.payload["seen"] >= self.core.log.floor():
            assert details["then"] == _text(sent.picture[code])

    async def _pipeline(self, ready: list[Sent]) -> list[Json]:
        ids = [(self.seats[sent.who], self.seats[sent.who].send(sent.event, sent.payload)) for sent in ready]
        return [await seat.ack(id) for seat, id in ids]

    async def _open(self) -> None:
        await self.core.open()
        self.seats: dict[str, Seat] = {}
        for name, who in PEOPLE.items():
            self.seats[name] = await self.core.sit(who=who)
        for source in SOURCES:
            self.seats[source] = await self.core.sit(who=collector(source))
        self.watcher = Seat(self.core, PERSON)
        self.watcher.replica = self.replica
        await self.watcher.begin("state", resume=self.replica.position if self.replica.mine else None)
        for sync in self.watcher.received("state:sync"):
            if sync["mode"] == "delta":
                for patch in sync["patches"]:
                    self.witness.take(patch, self.core.clock.now_s)
        self._watch()
        fresh = as_held((await self.watcher.done("state:get"))["state"])
        shown = {
            name: {id: _without_rev(item) for id, item in items.items()} for name, items in fresh.items()
        }
        board = self.witness.boards[self.witness.seq]
        assert {name: board[name] for name in CODED} == {name: shown[name] for name in CODED}

    def _watch(self) -> None:
        for patch in self.watcher.received("state:patch"):
            self.witness.take(patch, self.core.clock.now_s)
        assert self.witness.seq == self.core.state.seq

    async def _die_after_commit(self, sent: Sent) -> list[Json]:
        """The acks that nobody got."""
        hub = self.core.hub
        acks: list[Json] = []
        worked = asyncio.Event()

        async def die(batch: Any) -> None:
            acks.extend(orjson.loads(outcome.ack) for _, outcome, _ in batch.outcomes)
            worked.set()
            await asyncio.Event().wait()

        hub._tell = die  # type: ignore[method-assign,assignment]
        self.seats[sent.who].send(sent.event, sent.payload)
        await worked.wait()
        assert hub._task is not None
        hub._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await hub._task
        await hub._thread.end(WAIT_S)
        # The server notes the steady clock every minute, so a crash after hours loses none of them.
        self.core.log.close(self.core.board.clock.note())
        return acks

    def _remembered(self) -> Json:
        """The guard knows after a restart what it knew before."""
        books = self.core.state.books
        for book in books.values():
            book.forget(self.core.services.clock.steady())
        return {name: (book.holders, book.resting, book.former) for name, book in books.items()}


def _words(step: Step, picture: dict[str, Shown]) -> Words:
    """The step with codes of what the person saw; some are typed blindly."""
    known = sorted((code for code in picture if code[0] in step.letters), key=lambda code: int(code[1:]))
    codes = tuple(
        f"{step.letters[0]}{1 + pick}" if pick == BLIND or not known else known[pick % len(known)]
        for pick in step.picks
    )
    return Words(step.verb, codes, step.rest)


def _text(shown: Shown) -> str:
    return " · ".join(part for part in shown.text if part)


def _without_rev(item: Json) -> Json:
    return {name: value for name, value in item.items() if name != "rev"}
