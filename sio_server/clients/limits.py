"""Limits of one token or address: its connections, and its requests by cost (decision 68).

Without tokens everybody is on this machine, and only the total of connections is limited.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from models.ack import ErrorCode, Retry
from sio_server.registry.errors import Refusal
from sio_server.registry.roles import ADMINS, Principal
from sio_server.sockets.refusals import network_of

BURST_S = 10.0
"""Seconds' worth of requests that may come at once after a pause: a page that opens, a batch in parts."""
HELD_AT_MOST_S = 2.0
"""A refusal for the rate is held back no longer: its client waits for it."""
ITEMS_AT_ONCE = 50
"""This many items of a put cost as much as one request."""
MAX_ADDRESSES = 10_000  # buckets kept, a few megabytes; the oldest goes


@dataclass(frozen=True)
class Limits:
    """Most connections in all, per token, per address; most cost per second of the last two (0: no limit);
    and connections beyond all, for admins' tokens: when all are taken, somebody has to investigate."""

    connections: int
    per_token: int
    per_address: int
    token_rate: float = 0
    address_rate: float = 0
    admin_reserve: int = 10


@dataclass(frozen=True)
class Room:
    """What may wait in memory: requests of a connection without an ack, changes of all clients of a board,
    and characters of its batches in parts.
    """

    pending: int = 64
    queued: int = 50_000  # some seconds of work
    parts: int = 256 << 20  # four of the largest


@dataclass
class Places:
    """Counts the connections: all, by token and by address."""

    limits: Limits
    all: int = 0
    _of_token: Counter[str] = field(default_factory=Counter)
    _of_address: Counter[str] = field(default_factory=Counter)

    def check(self, who: Principal, peer: str) -> None:
        """Checks that one more may connect.

        Errors: Refusal with too_many_connections.
        """
        limits = self.limits
        if who.token is None:
            self._check(self.all, limits.connections, "There are too many connections")
            return
        reserve = limits.admin_reserve if who.role in ADMINS else 0
        self._check(self.all, limits.connections + reserve, "There are too many connections")
        if not reserve:
            self._check(self._of_token[who.token], limits.per_token, "This token has too many connections")
            of_address = self._of_address[network_of(peer)]
            self._check(of_address, limits.per_address, "This address has too many connections")

    def take(self, who: Principal, peer: str) -> None:
        """Counts an admitted connection."""
        self._count(who, peer, 1)

    def give_back(self, who: Principal, peer: str) -> None:
        """Uncounts a closed connection."""
        self._count(who, peer, -1)

    def _count(self, who: Principal, peer: str, one: int) -> None:
        self.all += one
        for counts, key in ((self._of_token, who.token or ""), (self._of_address, network_of(peer))):
            counts[key] += one
            if not counts[key]:
                del counts[key]

    def _check(self, number: int, most: int, message: str) -> None:
        if number >= most:
            message += "; try again later."
            raise Refusal(ErrorCode.TOO_MANY_CONNECTIONS, message, retry=Retry.AFTER, after_ms=10_000)


class Bucket:
    """A token bucket: fills at `rate` per second, up to BURST_S of it; a costly request takes it below 0.

    Refusals, too, are told at `rate` per second, by the cost of what they refuse.
    """

    __slots__ = ("_at_s", "_left", "_told_s", "rate")

    def __init__(self, rate: float, now_s: float) -> None:
        self.rate = rate
        self._left = rate * BURST_S
        self._at_s = self._told_s = now_s

    def missing_s(self, now_s: float) -> float:
        """Seconds until a request may be made; 0 when it may now."""
        self._left = min(self.rate * BURST_S, self._left + (now_s - self._at_s) * self.rate)
        self._at_s = now_s
        return 0.0 if self._left > 0 else (1.0 - self._left) / self.rate

    def take(self, cost: float) -> None:
        """Charges a request, even one that costs more than is left: otherwise it could never be made."""
        self._left -= cost

    def hold_s(self, now_s: float, cost: float) -> float:
        """Seconds until the refusal of a request of this cost is told."""
        self._told_s = min(now_s + HELD_AT_MOST_S, max(now_s, self._told_s) + cost / self.rate)
        return self._told_s - now_s


class Meter:
    """The buckets that one connection draws from: its token's and its address's."""

    __slots__ = ("_buckets", "_monotonic")

    def __init__(self, buckets: tuple[Bucket, ...], monotonic: Callable[[], float]) -> None:
        self._buckets = buckets
        self._monotonic = monotonic

    def charge(self, cost: float, payload: Any = None) -> None:
        """Charges a request's cost, and the items it brings.

        Errors: Refusal with rate_limited.
        """
        self.check()
        self.add(cost, payload)

    def add(self, cost: float, payload: Any = None) -> None:
        """Charges what was let in before."""
        cost += _items_in(payload) / ITEMS_AT_ONCE
        for bucket in self._buckets:
            bucket.take(cost)

    def check(self) -> None:
        """Errors: Refusal with rate_limited, while the rate is used up."""
        missing_s = self.missing_s()
        if missing_s:
            message = "Too many requests: this token, or its address, asks for more than its share."
            after_ms = int(missing_s * 1000) + 1
            raise Refusal(ErrorCode.RATE_LIMITED, message, retry=Retry.AFTER, after_ms=after_ms)

    def missing_s(self) -> float:
        """Seconds until something may be charged; 0 when it may now."""
        now_s = self._monotonic()
        return max(bucket.missing_s(now_s) for bucket in self._buckets)

    def hold_s(self, cost: float = 1.0) -> float:
        """Seconds by which the refusal of a request for its rate is held back. Meanwhile it is pending, so
        that whoever goes on asking is soon not read."""
        return max(bucket.hold_s(self._monotonic(), cost) for bucket in self._buckets)


class Meters:
    """The buckets by token and by address; they outlive connections, so reconnecting does not refill them."""

    def __init__(self, limits: Limits, monotonic: Callable[[], float]) -> None:
        self._limits = limits
        self._monotonic = monotonic
        self._of_token: dict[str, Bucket] = {}
        self._of_address: dict[str, Bucket] = {}

    def of(self, who: Principal, peer: str) -> Meter | None:
        """The meter of a client with a token; None without tokens or limits."""
        if who.token is None:
            return None
        limits, buckets = self._limits, []
        if limits.token_rate:
            buckets.append(self._bucket(self._of_token, who.token, limits.token_rate))
        if limits.address_rate:
            buckets.append(self._bucket(self._of_address, network_of(peer), limits.address_rate))
        return Meter(tuple(buckets), self._monotonic) if buckets else None

    def _bucket(self, known: dict[str, Bucket], key: str, rate: float) -> Bucket:
        bucket = known.pop(key, None) or Bucket(rate, self._monotonic())
        if len(known) >= MAX_ADDRESSES:
            del known[next(iter(known))]
        known[key] = bucket  # the newest stand last
        return bucket


def _items_in(payload: Any) -> int:
    if not isinstance(payload, Mapping):
        return 0
    brought = (payload.get("items"), payload.get("records"))
    return sum(len(items) for items in brought if isinstance(items, list))
