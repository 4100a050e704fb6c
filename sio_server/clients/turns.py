"""The order of one client's requests, and the ways a request can take: one table (decision 38).

A client's writes are committed in the order sent. A query sees the writes that its client sent before it, and
none that it sent after. Only `aside` queries neither wait nor make others wait.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from enum import IntEnum

from sio_server.registry.registry import Request


class Kind(IntEnum):
    """The kinds of request that take different ways."""

    PART = 0  # of a batch, and not the last one
    WRITE = 1
    READING_WRITE = 2  # its rule needs data from outside the state
    LARGE_WRITE = 3  # its rule takes long
    QUERY = 4
    ASIDE = 5  # a query that is independent of the state


class Stage(IntEnum):
    """What is under way for a client; of several, the one that blocks most."""

    IDLE = 0
    ASKING = 1  # a query that takes a while
    WRITING = 2  # some of its requests are in the hub
    READING = 3  # a write is still reading or speculating, and not yet in the hub


class Way(IntEnum):
    """What to do with a request."""

    HOLD = 0  # ack it, and wait for the other parts of the batch
    SUBMIT = 1  # give it to the hub
    READ_FIRST = 2  # read what its rule needs, then give it to the hub
    SPECULATE = 3  # run its rule before its turn, then give it to the hub (decision 28)
    ANSWER = 4  # now
    ANSWER_AFTER = 5  # once the query under way has its ack
    ANSWER_IN_TURN = 6  # once the client's writes in the hub are committed and sent out
    ANSWER_ASIDE = 7  # now, whatever is under way
    WAIT = 8  # until the write before it is in the hub, then decide again


PART, WRITE, READING_WRITE, LARGE_WRITE, QUERY, ASIDE = Kind
IDLE, ASKING, WRITING, READING = Stage
HOLD, SUBMIT, READ_FIRST, SPECULATE, ANSWER, ANSWER_AFTER, ANSWER_IN_TURN, ANSWER_ASIDE, WAIT = Way

# fmt: off
WAYS = {
    #               IDLE          ASKING        WRITING         READING         are the stages
    PART:          (HOLD,         HOLD,         HOLD,           WAIT),
    WRITE:         (SUBMIT,       SUBMIT,       SUBMIT,         WAIT),
    READING_WRITE: (READ_FIRST,   READ_FIRST,   READ_FIRST,     WAIT),
    LARGE_WRITE:   (SPECULATE,    SPECULATE,    SPECULATE,      WAIT),
    QUERY:         (ANSWER,       ANSWER_AFTER, ANSWER_IN_TURN, WAIT),
    ASIDE:         (ANSWER_ASIDE, ANSWER_ASIDE, ANSWER_ASIDE,   ANSWER_ASIDE),
}
# fmt: on
"""The way of a request, by its kind and its client's stage."""


def kind_of(request: Request) -> Kind:
    """The kind of a request before its payload is parsed; a write may still turn out to be another kind."""
    if request.rule is not None:
        return WRITE
    return ASIDE if request.aside else QUERY


class Turns:
    """What is under way for one client, and what waits behind it."""

    __slots__ = ("_in_hub", "_query", "_waiting")

    def __init__(self) -> None:
        self._in_hub = 0
        self._query: asyncio.Task[None] | None = None
        self._waiting: deque[Callable[[], None]] | None = None

    def way_of(self, kind: Kind, sending: bool = False) -> Way:
        """The way of the client's next request.

        While the hub is `sending` commits out, a query waits: otherwise its client would see the answer
        before the patch.
        """
        ways = WAYS[kind]
        if self._waiting is not None:
            return ways[READING]
        if self._in_hub or sending:
            return ways[WRITING]
        return ways[IDLE if self._query is None or self._query.done() else ASKING]

    def way_in_turn(self) -> Way:
        """The way of a query whose turn in the hub has come: it does not wait for later requests."""
        return WAYS[QUERY][IDLE if self._query is None or self._query.done() else ASKING]

    @property
    def is_in_hub(self) -> bool:
        """Whether any request of the client is in the hub."""
        return self._in_hub > 0

    def enter_hub(self) -> None:
        """Counts a request into the hub."""
        self._in_hub += 1

    def leave_hub(self) -> None:
        """Counts a request out of the hub."""
        self._in_hub -= 1

    def begin_query(self, query: asyncio.Task[None]) -> None:
        """Notes a query that takes a while: later queries wait for it."""
        self._query = query

    def after_query(self, then: Callable[[], None]) -> None:
        """Calls `then` once the query under way has its ack."""
        assert self._query is not None
        self._query.add_done_callback(lambda _: then())

    def begin_reading(self) -> None:
        """Notes a write that reads before its turn: all later requests wait."""
        self._waiting = deque()

    def after_reading(self, then: Callable[[], None]) -> bool:
        """Queues `then` behind what waits; returns False, without calling it, when no write is reading."""
        if self._waiting is None:
            return False
        self._waiting.append(then)
        return True

    def end_reading(self) -> None:
        """Notes that the write is in the hub, or refused; what waits goes on, in order."""
        waiting, self._waiting = self._waiting or deque(), None
        while waiting:
            begin = waiting.popleft()
            begin()
