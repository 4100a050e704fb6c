"""Takes commits that are on disk into memory, and sends them to everybody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from sio_server import garbage
from sio_server.hub.batch import LARGE
from sio_server.hub.thread import Calls
from sio_server.log.base import FromOthers
from sio_server.registry.ops import Json
from sio_server.state.commit import Commit
from sio_server.state.state import State

AT_ONCE = 20  # commits of other nodes that go out together
PAUSE_S = 0.001  # sleep(0) would let a timer that fell due fire only one step later

log = logging.getLogger("adjutant.hub")


class Applying:
    """The way from the log to memory and to clients.

    `sending`: commits are in the state but not yet sent to everybody, because `publish` pauses;
    `is_following`: they are another node's. `on_policy` is called with a new policy
    (registry.privacy.Policy.text) before the commits that were made under it, `on_follow` with each commit of
    another node before it is in the state, `on_told` after them with what other nodes tell
    (log.base.FromOthers), `on_new_state` when all that the state held was replaced.
    """

    def __init__(
        self, state: State, publish: Callable[[Sequence[Commit]], Iterable[None]], thread: Calls
    ) -> None:
        self._state, self._publish, self._thread = state, publish, thread
        self.sending = self.is_following = False
        self.on_policy: Callable[[str], None] = lambda text: None
        self.on_follow: Callable[[Commit], None] = lambda commit: None
        self.on_told: Callable[[Json], None] = lambda what: None
        self.on_new_state: Callable[[], None] = lambda: None

    async def apply(self, found: FromOthers) -> None:
        """Applies what other nodes have appended."""
        if found.policy is not None:
            self.on_policy(found.policy)
        if found.profiles is not None:
            self._state.profiles = found.profiles
        for first in range(0, len(found.done), AT_ONCE):
            some = found.done[first : first + AT_ONCE]
            left: list[list[Any]] = []
            for commit, effects in some:
                self.on_follow(commit)
                left += self._state.fold(commit, effects), effects
            self.is_following = True
            await self.send([commit for commit, _ in some])
            self.is_following = False
            self.let_go(left)
            await asyncio.sleep(0)
        found.applied()
        for what in found.told:
            self.on_told(what)

    def begin_anew(self, fresh: State) -> None:
        """Replaces the state, which the log does not go on from."""
        self._state.become(fresh)
        self.on_new_state()

    async def send(self, commits: Sequence[Commit]) -> None:
        """Sends the commits. After a failure here a client sees a gap at the next patch, and syncs."""
        self.sending = True
        try:
            for _ in self._publish(commits):
                await asyncio.sleep(PAUSE_S)
        except Exception:
            log.exception("commits up to %d could not be sent to clients", self._state.seq)
        finally:
            self.sending = False

    def let_go(self, left: list[list[Any]]) -> None:
        """Frees what large commits replaced, and their effects, on the store's thread."""
        large = [rest for rest in left if len(rest) > LARGE]
        if large:
            self._thread.submit(partial(garbage.free, *large))
