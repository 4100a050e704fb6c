"""What is on disk, held against what was promised: each change in its turn, and their sum."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import orjson

from tests.chaos.ledger import Ledger, Promise, Request
from tests.replica import SECTIONS, Replica, canonical

Json = Any


class LogReader:
    """Reads the store beside the server, each change once."""

    def __init__(self, database: Path, ledger: Ledger) -> None:
        self._database, self._ledger = database, ledger
        self._sum = Replica()
        self._ops: Counter[str] = Counter()
        self._at: dict[str, int] = {}
        self.seq = 0

    def read(self) -> None:
        """Judges what came since the last time, and each request that was settled since."""
        # Read only, and never the last to close: it writes nothing into the store.
        flags = apsw.SQLITE_OPEN_READONLY
        with closing(apsw.Connection(str(self._database), flags=flags, vfs="unix")) as store, store:
            query = "SELECT seq, body FROM changes WHERE seq > ? ORDER BY seq"
            changes = list(store.execute(query, (self.seq,)))
            items: Json = {name: {} for name in SECTIONS}
            for section, id, body in store.execute("SELECT section, id, body FROM items"):
                items[section][id] = orjson.loads(body)
        for seq, body in changes:
            self._take(seq, orjson.loads(body))
        same = canonical(items) == canonical(self._sum.held)
        self._ledger.check(Promise.LOG, same, f"at {self.seq} the items are not the sum of the changes")
        for request in self._ledger.requests.values():
            if request.acks and not request.judged:
                self._judge(request)

    def _take(self, seq: int, change: Json) -> None:
        self._ledger.check(Promise.LOG, seq == self.seq + 1, f"after {self.seq} comes {seq}")
        self.seq = seq
        op = change["cause"].get("op")
        if op is not None:
            self._ops[op] += 1
            self._at[op] = seq
            if op in self._ledger.requests:
                self._check_aims(seq, self._ledger.requests[op], change["changes"])
        for part in change["changes"]:
            self._sum._change(part)

    def _check_aims(self, seq: int, request: Request, changes: list[Json]) -> None:
        """What it changes is what the person saw, as they saw it."""
        for part in changes:
            before = self._sum.held[part["section"]].get(part["id"])
            if not request.aims or before is None or part["section"] != "priorities":
                continue
            saw = request.aims.get((part["section"], part["id"]))
            how = f"{request.payload} at {seq} changed {before['id']} {before['title']!r}, seen was {saw!r}"
            self._ledger.check(Promise.SEEN, saw == before["title"], how)

    def _judge(self, request: Request) -> None:
        request.judged = True
        times, ledger = self._ops[request.op], self._ledger
        if request.sent > 1 or any("replay" in ack for ack in request.acks):
            ledger.check(Promise.ONCE, times <= 1, f"{request.payload} is there {times} times")
        if request.refused:
            ledger.check(Promise.NOT_DONE, times == 0, f"{request.payload} is there: {request.acks}")
        done = request.done
        if done is None or not _changes(done):
            return
        at = self._at.get(request.op)
        ledger.check(Promise.DONE, at == done["seq"], f"{request.payload} is at {at}, acked: {done}")
        others = [ack for ack in request.acks if ack["ok"] and ack["seq"] != done["seq"]]
        if others:
            ledger.lost(Promise.ONCE, f"{request.payload} has two positions: {request.acks}")


def _changes(ack: Json) -> bool:
    """Whether something was to be done: a line may also find everything as it wants it."""
    data = ack["data"]
    if "steps" in data:
        return bool(data.get("undo"))
    return bool(data.get("added") or data.get("changed") or data.get("removed"))
