"""The jobs that wait for their batch: who sends many waits for himself, and nobody for him (decision 121)."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from itertools import islice

from sio_server.hub.batch import Job

MAX_BATCH = 128  # a sync to disk takes 0.5 ms: shared by this many it no longer matters
SHARE = 32
"""Most jobs of one lane in a batch, some milliseconds of work: as long as others wait for it."""

Waiting = deque[tuple[int, Job]]


class Queue:
    """Jobs by their lane (Job.lane), in the order of each; a job is numbered as it comes.

    One without a lane (the server's own) has its turn after all that came before it.
    """

    def __init__(self) -> None:
        self._lanes: dict[Hashable, Waiting] = {}
        self._own: Waiting = deque()
        self._number = self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, job: Job) -> None:
        """Queues a job."""
        self._number += 1
        self._length += 1
        waiting = self._own if job.lane is None else self._lanes.setdefault(job.lane, deque())
        waiting.append((self._number, job))

    def take(self) -> list[Job]:
        """The next batch, in the order in which its jobs came: one of each lane, then a second one, and so
        on. Lanes that there was no room for come first in the next batch."""
        taken: list[tuple[int, Job]] = []
        for _ in range(SHARE):
            for lane in [*islice(self._lanes, MAX_BATCH - len(taken))]:
                waiting = self._lanes.pop(lane)
                taken.append(waiting.popleft())
                if waiting:
                    self._lanes[lane] = waiting
        first_left = min((waiting[0][0] for waiting in self._lanes.values()), default=self._number + 1)
        while self._own and self._own[0][0] < first_left and len(taken) < 2 * MAX_BATCH:
            taken.append(self._own.popleft())
        taken.sort(key=lambda one: one[0])
        self._length -= len(taken)
        return [job for _, job in taken]

    def take_all(self) -> list[Job]:
        """All of them, in the order in which they came."""
        left = [*self._own, *(one for waiting in self._lanes.values() for one in waiting)]
        self._own.clear()
        self._lanes.clear()
        self._length = 0
        return [job for _, job in sorted(left, key=lambda one: one[0])]
