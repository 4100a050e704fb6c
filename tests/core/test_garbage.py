"""What is large is freed and collected in small steps, and then all is as before."""

from __future__ import annotations

import gc

from sio_server import garbage


def test_small_steps_end_when_the_last_who_takes_them_is_done() -> None:
    usual = gc.get_threshold()
    first, second = garbage.in_small_steps(), garbage.in_small_steps()
    first.__enter__()
    small = gc.get_threshold()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold() == small != usual
    second.__exit__(None, None, None)
    assert gc.get_threshold() == usual


def test_free_leaves_nothing() -> None:
    rows, named = [1, 2, 3], {"a": 1, "b": 2}
    garbage.free(rows, named)
    assert (rows, named) == ([], {})
