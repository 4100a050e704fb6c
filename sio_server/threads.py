"""The threads on which a board works: its own, or its lanes among those that the boards of a server share."""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field

from sio_server.hub.thread import Calls, StorePool, StoreThread, Strand
from sio_server.lanes import Lane

STORES = 8
"""Threads for all stores but the main one: they mostly wait for the disk, which syncs several files at
once."""
READS = 2  # for clients that come back, and for the history of items
SPECULATIONS = 1  # rules of large puts: they compute, and would only take the interpreter from each other


@dataclass
class Threads:
    """Of one board: `store` for its write path, `speculation` for rules before their turn, `reads` of its
    log."""

    store: Calls = field(default_factory=StoreThread)
    speculation: Executor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="speculation")
    )
    reads: Executor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="reader"))


class SharedThreads:
    """Of many boards: each has its order, and no board costs a thread."""

    def __init__(self) -> None:
        self._stores = StorePool(STORES)
        self._reads = ThreadPoolExecutor(READS, thread_name_prefix="reader")
        self._speculations = ThreadPoolExecutor(SPECULATIONS, thread_name_prefix="speculation")

    def of_a_board(self) -> Threads:
        """Lanes for one more board."""
        return Threads(Strand(self._stores), Lane(self._speculations), Lane(self._reads))
