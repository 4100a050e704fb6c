"""Connections that have not authenticated: their sessions and bytes, and the refused attempts of an address.

Admitted clients do not count here. Strangers never keep anybody out (decision 66): when there are too many,
the oldest session of the address that has the most makes way; a real client authenticates within one round
trip, and is not that one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from sio_server.sockets.refusals import Refusals, network_of

FREE_BYTES = 64 << 10  # for each: the largest auth payload (transport.MAX_CONNECT_BYTES)
MAX_BYTES = 32 << 20  # beyond that, of all strangers together
WRONG_TOKENS = 100  # of one address within BAN_S: many may share it, and 256 random bits are not guessed
BAD_AUTH = 1_000  # malformed payloads within BAN_S: not guesses, only work
BAN_S = 60.0  # what the refusal says: try again in a minute
MAX_ADDRESSES = 10_000  # remembered; the oldest goes


class Strangers:
    """Sessions that are not admitted, by address, oldest first; and refused connects.

    There are at most `most` of them, five in six of one address: a whole office may be behind it.
    """

    def __init__(self, refusals: Refusals, monotonic: Callable[[], float], most: int) -> None:
        self.most = most
        self._refusals = refusals
        self._monotonic = monotonic
        self._sessions: dict[str, dict[str, None]] = {}
        self._refused: dict[str, tuple[float, float]] = {}
        self.count = 0

    def came(self, peer: str, sid: str) -> str | None:
        """Adds a session; returns the one that has to make way, if any."""
        network = network_of(peer)
        own = self._sessions.setdefault(network, {})
        own[sid] = None
        self.count += 1
        if len(own) > -(-self.most * 5 // 6):
            return next(iter(own))
        if self.count > self.most:
            largest: dict[str, None] = max(self._sessions.values(), key=len)
            return next(iter(largest))
        return None

    def left(self, peer: str, sid: str) -> None:
        """Removes a session that ended or was admitted."""
        network = network_of(peer)
        own = self._sessions.get(network, {})
        if sid in own:
            del own[sid]
            self.count -= 1
            if not own:
                del self._sessions[network]

    def refused(self, peer: str, sentence: str, *, guessed: bool) -> bool:
        """Counts a refused connect: `guessed` for a wrong or missing token, else a malformed payload. Returns
        whether the address has used up its refusals, so that this session is to end.

        Nobody with a good token is shut out: only the sessions of further refusals are ended.
        """
        self._refusals.note(peer, "connect", sentence)
        network, now = network_of(peer), self._monotonic()
        since, used = self._refused.pop(network, (now, 0.0))  # the newest stand last
        if now - since >= BAN_S:
            since, used = now, 0.0
        if len(self._refused) >= MAX_ADDRESSES:
            self._refused.pop(next(iter(self._refused)))
        is_over = used > 1 - 1e-9
        self._refused[network] = (since, used + (1 / WRONG_TOKENS if guessed else 1 / BAD_AUTH))
        return is_over


class Holder(Protocol):
    """A connection whose bytes are held."""

    def give_up(self) -> None:
        """Ends the connection: it holds more than there is room for."""


class Held:
    """Bytes that strangers have sent, beyond FREE_BYTES each."""

    def __init__(self, most_bytes: int = MAX_BYTES) -> None:
        self._most_bytes = most_bytes
        self._held: dict[Holder, int] = {}
        self._all = 0

    @property
    def size_bytes(self) -> int:
        """What all of them hold."""
        return self._all

    def room_for(self, size_bytes: int) -> bool:
        """Whether this many more bytes may be held."""
        return size_bytes <= FREE_BYTES or self._all + size_bytes <= self._most_bytes

    def hold(self, holder: Holder, size_bytes: int) -> None:
        """Notes what the holder has sent altogether; past the bound, whoever holds most is ended."""
        if size_bytes <= FREE_BYTES:
            return
        self._all += size_bytes - self._held.get(holder, 0)
        self._held[holder] = size_bytes
        if self._all > self._most_bytes:
            largest = max(self._held, key=self._held.__getitem__)
            self.let_go(largest)
            largest.give_up()

    def let_go(self, holder: Holder) -> None:
        """Releases what a connection held that ended or was admitted."""
        self._all -= self._held.pop(holder, 0)


HELD = Held()
"""One for the process, because memory is what it protects."""
