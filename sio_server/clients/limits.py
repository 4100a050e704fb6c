"""What one token or address may take of the server: connections, and requests by what they cost.

Where there are no tokens everybody is on this machine, and the only limit is that of all connections.
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

ADMIN_RESERVE = 10
"""Connections beyond the limit, for administrators' tokens: when all are taken, somebody has to look."""
BURST_S = 10.0
"""After a pause so many seconds' worth may come at once: a page that opens, a batch in parts."""
ITEMS_AT_ONCE = 50
"""So many items of a put cost as much as a request."""
MAX_ADDRESSES = 10_000


@dataclass(frozen=True)
class Limits:
    """Connections of all, of one token and of one address; cost per second of the last two (0: any)."""

    connections: int
    per_token: int
    per_address: int
    token_rate: float = 0
    address_rate: float = 0


@dataclass
class Places:
    """How many connections there are, of all, by token and by address."""

    limits: Limits
    all: int = 0
    _of_token: Counter[str] = field(default_factory=Counter)
    _of_address: Counter[str] = field(default_factory=Counter)

    def check(self, who: Principal, peer: str) -> None:
        """Whether one more may come in.

        Errors: Refusal with too_many_connections.
        """
        limits = self.limits
        if who.token is None:
            self._check(self.all, limits.connections, "There are too many connections")
            return
        reserve = ADMIN_RESERVE if who.role in ADMINS else 0
        self._check(self.all, limits.connections + reserve, "There are too many connections")
        if not reserve:
            self._check(self._of_token[who.token], limits.per_token, "This token has too many connections")
            of_address = self._of_address[network_of(peer)]
            self._check(of_address, limits.per_address, "This address has too many connections")

    def take(self, who: Principal, peer: str) -> None:
        """One was let in."""
        self._count(who, peer, 1)

    def give_back(self, who: Principal, peer: str) -> None:
        """It is over."""
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
    """Fills at `rate` a second, up to BURST_S of it; what the last request took beyond is paid off."""

    __slots__ = ("_at_s", "_left", "rate")

    def __init__(self, rate: float, now_s: float) -> None:
        self.rate = rate
        self._left = rate * BURST_S
        self._at_s = now_s

    def missing_s(self, now_s: float) -> float:
        """How long it takes until a request may be made; 0 when it may now."""
        self._left = min(self.rate * BURST_S, self._left + (now_s - self._at_s) * self.rate)
        self._at_s = now_s
        return 0.0 if self._left > 0 else (1.0 - self._left) / self.rate

    def take(self, cost: float) -> None:
        """A request is made: also one that costs more than is left, so that it can be made at all."""
        self._left -= cost


class Meter:
    """What one connection may ask: the buckets of its token and of its address."""

    __slots__ = ("_buckets", "_monotonic")

    def __init__(self, buckets: tuple[Bucket, ...], monotonic: Callable[[], float]) -> None:
        self._buckets = buckets
        self._monotonic = monotonic

    def charge(self, cost: float, payload: Any) -> None:
        """Takes what a request costs, and the items that it brings.

        Errors: Refusal with rate_limited.
        """
        now_s = self._monotonic()
        missing_s = max(bucket.missing_s(now_s) for bucket in self._buckets)
        if missing_s:
            message = "Too many requests: this token, or its address, asks for more than its share."
            after_ms = int(missing_s * 1000) + 1
            raise Refusal(ErrorCode.RATE_LIMITED, message, retry=Retry.AFTER, after_ms=after_ms)
        cost += _items_in(payload) / ITEMS_AT_ONCE
        for bucket in self._buckets:
            bucket.take(cost)


class Meters:
    """The buckets by token and by address: those who come back do not find theirs full again."""

    def __init__(self, limits: Limits, monotonic: Callable[[], float]) -> None:
        self._limits = limits
        self._monotonic = monotonic
        self._of_token: dict[str, Bucket] = {}
        self._of_address: dict[str, Bucket] = {}

    def of(self, who: Principal, peer: str) -> Meter | None:
        """The meter of one who comes with a token; None where there are none, or no limits."""
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
