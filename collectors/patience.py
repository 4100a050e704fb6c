"""A password that was refused is not tried again at once, nor by another process: servers lock accounts. Nor
is a server asked that wants to be left alone."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from collectors.known import KnownFile
from collectors.texts import clock

REFUSED_S, REFUSED_MAX_S = 900.0, 24 * 3_600.0  # doubled each time, up to a day
_WRONG = "the name or the password: some servers want an app password"
_EXPIRED = "the access token: it may have expired"
_ANEW = "`adjutant connect` takes another"
_NOTE, _BUSY = "refused", "busy until"


class TooBusy(Exception):
    """A server asks to be left alone for so long (Retry-After), or all in all for too long."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"the server has too much to do, and asks to be left alone for {wait_s:.0f} s")
        self.wait_s = wait_s


def not_taken(server: str, *, token: bool) -> str:
    """What is said when a server does not take a password, or a `token`."""
    return f"{server} does not take {_EXPIRED if token else _WRONG}"


_LEFT_ALONE = "the server has too much to do, and is left alone until {}; what is here stays"


@contextmanager
def trying(
    known: KnownFile, secret: Callable[[], str], refusal: type[Exception], failure: type[Exception]
) -> Iterator[None]:
    """A run over an account; closes the file at its end. Another `secret` than was refused is tried at once.

    Errors: `failure`, too soon after a `refusal` or TooBusy, and for one of them now; it says when it is
    tried again.
    """
    try:
        busy_s = float(known.note(_BUSY) or 0)
        if time.time() < busy_s < time.time() + REFUSED_MAX_S:
            raise failure(_LEFT_ALONE.format(clock(busy_s)))
        again_s, _, mark, why = _refusal(known)
        if time.time() < again_s < time.time() + REFUSED_MAX_S and _mark(secret(), mark) == mark:
            raise failure(f"{why}; it is tried again at {clock(again_s)}")
        yield
    except refusal as error:
        why = f"{error}; {_ANEW}"  # whoever connects it just now needs no such word
        raise failure(f"{why}; it is tried again at {_refused(known, secret(), why)}") from None
    except TooBusy as busy:
        until_s = time.time() + min(busy.wait_s, REFUSED_MAX_S - 1)
        known.set_note(_BUSY, str(until_s))
        raise failure(_LEFT_ALONE.format(clock(until_s))) from None
    finally:
        known.close()


def _refusal(known: KnownFile) -> tuple[float, float, str, str]:
    """When it is tried again, after how long a wait, the mark of the secret, and why it was refused; 0 if it
    was not."""
    at_s, wait_s, mark, why = (*known.note(_NOTE).split(" ", 3), "", "", "", "")[:4]
    return float(at_s or 0), float(wait_s or 0), mark, why


def _refused(known: KnownFile, secret: str, why: str) -> str:
    """Takes note of it; when it is tried again, each time later."""
    _, before_s, _, _ = _refusal(known)
    wait_s = min(2 * before_s, REFUSED_MAX_S) if before_s else REFUSED_S
    known.set_note(_NOTE, f"{time.time() + wait_s} {wait_s} {_mark(secret, secrets.token_hex(8))} {why}")
    return clock(time.time() + wait_s)


def _mark(secret: str, mark: str) -> str:
    """By which it is known again, and not to be guessed; of another mark the begin alone counts, its salt."""
    salt = mark[:16]
    return salt + hashlib.scrypt(secret.encode(), salt=salt.encode(), n=1 << 12, r=8, p=1, dklen=16).hex()


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
