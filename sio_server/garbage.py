"""What a large change makes and leaves behind, looked at and freed a little at a time.

Every thread waits while the garbage collector looks at some ten thousand objects, or while the last
reference to a list of them goes: 10 to 20 ms each.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_lock = threading.Lock()
_usual: list[tuple[int, int, int]] = []
"""The thresholds to go back to, once for each thread that works in small steps."""


@contextmanager
def in_small_steps() -> Iterator[None]:
    """Lets the collector look at what is new only once, and at no more than the usual first threshold.

    For work that makes much of which most stays. Not for always: what is promoted so early, the reference
    cycles of a connection for instance, is not looked at again before the next full collection.
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
    """Empties them; other threads may run between two elements."""
    for much in many:
        drop_one = much.popitem if isinstance(much, dict) else much.pop
        while much:
            drop_one()
