"""A password that was refused is not tried again at once, nor by another process: servers lock accounts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from collectors.known import KnownFile

REFUSED_S, REFUSED_MAX_S = 900.0, 24 * 3_600.0  # doubled each time, up to a day
_NOTE = "refused"


@contextmanager
def trying(known: KnownFile, refusal: type[Exception], failure: type[Exception]) -> Iterator[None]:
    """A run over an account; closes the file at its end.

    Errors: `failure`, too soon after a `refusal`, and for a refusal now; it says when it is tried again.
    """
    try:
        until_s, _, _ = known.note(_NOTE).partition(" ")
        if until_s and time.time() < float(until_s) < time.time() + REFUSED_MAX_S:
            raise failure(f"the server did not let us in; it is tried again at {_clock(float(until_s))}")
        yield
    except refusal as error:
        raise failure(f"{error}; it is tried again at {_refused(known)}") from None
    finally:
        known.close()


def _refused(known: KnownFile) -> str:
    """Takes note of it; when it is tried again, each time later."""
    _, _, before_s = known.note(_NOTE).partition(" ")
    wait_s = min(2 * float(before_s), REFUSED_MAX_S) if before_s else REFUSED_S
    known.set_note(_NOTE, f"{time.time() + wait_s} {wait_s}")
    return _clock(time.time() + wait_s)


def let_in(known: KnownFile) -> None:
    """It was not refused."""
    known.set_note(_NOTE, "")


def checked(said: str, known: KnownFile) -> str:
    """An account was tried by hand and works: it need not wait any longer. Closes the file."""
    try:
        let_in(known)
    finally:
        known.close()
    return said


def _clock(at_s: float) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%H:%M} UTC"
