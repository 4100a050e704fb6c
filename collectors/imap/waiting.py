"""Waits for a mailbox to change: IDLE on the inbox, in a thread of its own."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from imapclient import IMAPClient

from collectors.connected.book import BookError
from collectors.imap.account import Account, MailboxError

IDLE_S = 540.0
"""Servers close a connection that idles for half an hour, and some boxes on the way after ten minutes."""
LOOK_S = 1.0  # how soon a stop is noticed
AGAIN_S, AGAIN_MAX_S = 2.0, 300.0  # after a lost connection, doubled each time
_Tell = Callable[[], None]


@asynccontextmanager
async def next_mail(account: Account) -> AsyncIterator[asyncio.Event]:
    """Set when the inbox changes, when it may have while there was no connection, and when there is none: a
    run is what tells the board."""
    changed, loop, ended = asyncio.Event(), asyncio.get_running_loop(), threading.Event()

    def tell() -> None:
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(changed.set)

    thread = threading.Thread(target=_wait, args=(account, tell, ended), daemon=True, name="idle")
    thread.start()
    try:
        yield changed
    finally:
        ended.set()


def _wait(account: Account, tell: _Tell, ended: threading.Event) -> None:
    again_s = AGAIN_S
    while _is_let_in(account, tell, ended):
        try:
            with account.open() as client:
                if not client.has_capability("IDLE"):
                    return  # the interval is all there is
                client.select_folder("INBOX", readonly=True)
                tell()
                again_s = AGAIN_S
                _idle(client, tell, ended)
        except (MailboxError, BookError):
            account.let_in.clear()
            tell()
            ended.wait(again_s * random.uniform(0.5, 1.5))
            again_s = min(2 * again_s, AGAIN_MAX_S)


def _is_let_in(account: Account, tell: _Tell, ended: threading.Event) -> bool:
    """Waits until a run was let in, and now and then asks for one; False at the end.

    Only runs take note of a password that is refused (collectors.patience), and servers lock accounts.
    """
    again_s = AGAIN_S
    while not ended.is_set():
        ends_s = time.monotonic() + again_s
        while time.monotonic() < ends_s and not ended.is_set():
            if account.let_in.wait(LOOK_S):
                return True
        tell()
        again_s = min(2 * again_s, AGAIN_MAX_S)
    return False


def _idle(client: IMAPClient, tell: _Tell, ended: threading.Event) -> None:
    """Errors: those of the library, when the connection is lost."""
    while not ended.is_set():
        client.idle()
        begun_s = time.monotonic()
        while not ended.is_set() and time.monotonic() - begun_s < IDLE_S:
            looked_s = time.monotonic()
            said = client.idle_check(timeout=LOOK_S)
            if any(map(_is_news, said)):
                tell()
            # At the end of a connection the library finds nothing, at once and for ever: `idle_done` raises.
            if not said and time.monotonic() - looked_s < LOOK_S / 2:
                break
        _, said = client.idle_done()  # what the server had said by then
        if any(map(_is_news, said)):
            tell()


def _is_news(said: object) -> bool:
    """`OK Still here` is none."""
    return (
        isinstance(said, tuple)
        and len(said) > 1
        and said[1] in (b"EXISTS", b"EXPUNGE", b"FETCH", b"VANISHED")
    )
