"""Those who have not said who they are: what they may hold, in sessions and bytes, and what they got wrong.

Whoever is let in does not count here. Nobody is turned away because of strangers: when there are too many,
the one who has been silent longest goes, of the address that has the most; a client that means to come in
says so within one round trip, and is not that one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from sio_server.sockets.refusals import Refusals, network_of

MAX_SESSIONS = 3_000
MAX_OF_ADDRESS = 2_500  # behind one may be a whole office, and all come back at once after a restart
FREE_BYTES = 64 << 10  # each may send as much as an auth payload has
MAX_BYTES = 32 << 20  # what is beyond, of all together
WRONG_TOKENS = (
    100  # of one address in BAN_S; many may be behind it, and a token has 256 bits: none is guessed
)
BAD_AUTH = 1_000  # payloads that do not fit: no guesses, only work
BAN_S = 60.0
MAX_ADDRESSES = 10_000  # whose refusals are remembered; the oldest goes


class Strangers:
    """Sessions that are not let in, by their address, the longest there first; and refused connects."""

    def __init__(self, refusals: Refusals, monotonic: Callable[[], float]) -> None:
        self._refusals = refusals
        self._monotonic = monotonic
        self._sessions: dict[str, dict[str, None]] = {}
        self._refused: dict[str, tuple[float, float]] = {}
        self.count = 0

    def came(self, peer: str, sid: str) -> str | None:
        """A session begins; the one that has to go for it, if one has to."""
        network = network_of(peer)
        own = self._sessions.setdefault(network, {})
        own[sid] = None
        self.count += 1
        if len(own) > MAX_OF_ADDRESS:
            return next(iter(own))
        if self.count > MAX_SESSIONS:
            largest: dict[str, None] = max(self._sessions.values(), key=len)
            return next(iter(largest))
        return None

    def left(self, peer: str, sid: str) -> None:
        """It is over, or was let in."""
        network = network_of(peer)
        own = self._sessions.get(network, {})
        if sid in own:
            del own[sid]
            self.count -= 1
            if not own:
                del self._sessions[network]

    def refused(self, peer: str, sentence: str, *, guessed: bool) -> bool:
        """A connect was refused, with a wrong token or none, or because it does not fit; whether the address
        has had as many refusals as it may, and this session is to end.

        That shuts nobody out who has a good token: it only ends the trying of others.
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
    """A connection that sends what is held."""

    def give_up(self) -> None:
        """Ends it: it holds more than there is room for."""


class Held:
    """What strangers have sent, in bytes, beyond FREE_BYTES each."""

    def __init__(self, most_bytes: int = MAX_BYTES) -> None:
        self._most_bytes = most_bytes
        self._held: dict[Holder, int] = {}
        self._all = 0

    def room_for(self, size_bytes: int) -> bool:
        """Whether so much more may be held."""
        return size_bytes <= FREE_BYTES or self._all + size_bytes <= self._most_bytes

    def hold(self, holder: Holder, size_bytes: int) -> None:
        """The holder has sent so much altogether; whoever holds most is given up when it is too much."""
        if size_bytes <= FREE_BYTES:
            return
        self._all += size_bytes - self._held.get(holder, 0)
        self._held[holder] = size_bytes
        if self._all > self._most_bytes:
            largest = max(self._held, key=self._held.__getitem__)
            self.let_go(largest)
            largest.give_up()

    def let_go(self, holder: Holder) -> None:
        """It is gone, or no stranger any more."""
        self._all -= self._held.pop(holder, 0)


HELD = Held()
"""Of the whole process: what there is to protect is its memory."""
