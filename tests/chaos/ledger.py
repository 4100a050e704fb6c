"""What was promised: each request with its answers, and for each promise how often it was tried and lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Json = Any


class Promise(StrEnum):
    """One line of the report each."""

    DONE = "what is acked as done is on disk"
    NOT_DONE = "what is acked as not done is not"
    ONCE = "an op acts once, however often it is sent"
    SEEN = "a command acts on the text that was seen"
    LOG = "positions have no gap, and the items are the sum of the changes"
    BATCH = "a batch in parts counts whole or not at all"
    RECORDS = "acked records are found"
    PROGRAM = "what a collector has read is on the board"
    EQUAL = "a client's copy is the board, within 5 s of the last fault"
    STARTS = "the server starts again after a fault, without help"
    OUT = "who has no token, or a wrong one, is told nothing of the board"
    LEFT = "nothing of those who left is left"
    QUIET = "the server's log has no traceback"


@dataclass
class Tally:
    """How often a promise was tried; `lost` says what became of it where it was not kept."""

    tried: int = 0
    lost: list[str] = field(default_factory=list)


@dataclass
class Request:
    """A request that changes something; `aims` are the titles that the person saw, by section and id."""

    op: str
    event: str
    payload: Json
    aims: dict[tuple[str, str], str] = field(default_factory=dict)
    acks: list[Json] = field(default_factory=list)
    sent: int = 1
    judged: bool = False

    @property
    def done(self) -> Json | None:
        """The ack that says so, if there is one."""
        return next((ack for ack in self.acks if ack["ok"]), None)

    @property
    def refused(self) -> bool:
        """Whether it is certain that nothing was done."""
        return bool(self.acks) and all(
            not ack["ok"] and "outcome" not in ack["error"] and ack["error"]["code"] != "unreachable"
            for ack in self.acks
        )


class Ledger:
    """All requests, by op, and the tallies."""

    def __init__(self) -> None:
        self.requests: dict[str, Request] = {}
        self.tallies = {promise: Tally() for promise in Promise}

    def add(self, request: Request) -> None:
        """Before it is sent."""
        self.requests[request.op] = request

    def tried(self, promise: Promise, times: int = 1) -> None:
        """It was put to the test."""
        self.tallies[promise].tried += times

    def lost(self, promise: Promise, how: str) -> None:
        """It was not kept."""
        self.tallies[promise].lost.append(how)

    def check(self, promise: Promise, kept: bool, how: str) -> None:
        """One trial."""
        self.tried(promise)
        if not kept:
            self.lost(promise, how)

    @property
    def kept(self) -> bool:
        """Whether no promise was broken."""
        return not any(tally.lost for tally in self.tallies.values())

    def lines(self) -> list[str]:
        """The report: one line for each promise, and under it how it was lost."""
        width = max(map(len, Promise))
        said = [f"{'promise':{width}}  {'tried':>8}  {'lost':>5}"]
        for promise, tally in self.tallies.items():
            said.append(f"{promise:{width}}  {tally.tried:8,}  {len(tally.lost):5,}")
            said += [f"    {how[:500]}" for how in tally.lost[:5]]
        return said
