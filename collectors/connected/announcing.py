"""An account that was connected and never read is among the board's sources, and says what to do."""

from __future__ import annotations

from argparse import Namespace

from adjutant_client import Client, Refused, Unreachable
from collectors.running import Terms

WAITS = "not read yet: start `adjutant run`"
_WITHIN_S = 3.0  # somebody waits; its first run shows it anyway


async def announce(name: str, given: Namespace) -> None:
    """Puts it there, unless the board knows it or cannot be asked: a run may be going on under its name."""
    board = Client(
        given.url, client=name, source=name, token=given.token, within_s=_WITHIN_S, board=given.board
    )
    try:
        async with board:
            found = await board.ask("state:get", {"sections": ["sources"]}, within_s=_WITHIN_S)
            if any(one["id"] == name for one in found.data["state"]["sources"]):
                return
            hello = await board.ask("source:hello", {"ttl_s": Terms.ttl_s}, within_s=_WITHIN_S)
            # Not as a failure, which people would be notified of.
            ending = {"run": hello.data["run"], "ok": True, "message": WAITS}
            await board.ask("source:finish", ending, within_s=_WITHIN_S)
    except (Unreachable, Refused):
        return
