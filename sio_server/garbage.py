"""Frees the objects of a large change a little at a time.

Every thread waits while the garbage collector examines some ten thousand objects, or while the last reference
to a list of them is dropped: 10 to 20 ms each (decision 28).
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_lock = threading.Lock()
_usual: list[tuple[int, int, int]] = []
"""The thresholds to restore, one entry for each thread in small steps."""


@contextmanager
def in_small_steps() -> Iterator[None]:
    """Lets the collector examine new objects only once, at most the usual first threshold at a time.

    For work that makes many objects of which most stay. Not permanently: objects promoted so early, such as a
    connection's reference cycles, are not examined again before the next full collection.
    """
    with _lock:
        usual = _usual[0] if _usual else gc.get_threshold()
        _usual.append(usual)
        gc.set_threshold(usual[0] // 2, 0, usual[2])
    try:
        yield
    finally:
        with _lock:
            _usual.pop()
            if not _usual:
                gc.set_threshold(*usual)


def free(*many: list[Any] | dict[Any, Any]) -> None:
    """Empties the containers; other threads may run between two elements."""
    for much in many:
        drop_one = much.popitem if isinstance(much, dict) else much.pop
        while much:
            drop_one()
