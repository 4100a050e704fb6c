"""`adjutant sources`: the connected accounts, and how the board says they are."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from adjutant_client import Client, Refused, Unreachable
from adjutant_client.arguments import Parser, add_server
from collectors.connected.book import BookError, Entry, book_path, entries
from collectors.connected.kinds import HOW_TO_CONNECT
from collectors.texts import clock, shown

_WITHIN_S = 10.0  # somebody waits for the list


def sources(words: Sequence[str]) -> int:
    """The exit status: 1 if an account is not well, 3 if the board cannot be asked."""
    about = "Lists the connected accounts with their health, what is wrong, and what to do."
    parser = Parser(prog="adjutant sources", description=about)
    add_server(parser.add_argument, "a token that may read the board")
    given = parser.parse_args(words)
    try:
        accounts = entries(book_path())
    except BookError as error:
        print(f"adjutant: {error}", file=sys.stderr)
        return 1
    why, on_board = "", dict[str, Mapping[str, Any]]()
    try:
        on_board = asyncio.run(_on_board(given.url, given.token, given.board))
    except (Unreachable, Refused) as error:
        why = str(error)
    rows = list(_rows(accounts, on_board, why))
    widths = [max(len(row[at]) for row in rows) for at in range(3)] if rows else []
    for *first, last in rows:
        cells = [cell.ljust(width) for cell, width in zip(first, widths, strict=True)]
        print("  ".join([*cells, last]).rstrip())
    if not accounts:
        print(f"no account is connected: {HOW_TO_CONNECT}")
    if why:
        print(f"adjutant: {why}", file=sys.stderr)
        return 3
    return int(any(state not in ("online", "running") for _, state, *_ in rows))


async def _on_board(url: str, token: str | None, board_name: str | None) -> dict[str, Mapping[str, Any]]:
    async with Client(url, client="adjutant sources", token=token, board=board_name) as board:
        answer = await board.ask("state:get", {"sections": ["sources"]}, within_s=_WITHIN_S)
    return {one["id"]: one for one in answer.data["state"]["sources"]}


def _rows(
    accounts: Mapping[str, Entry], on_board: Mapping[str, Mapping[str, Any]], why: str
) -> Iterator[tuple[str, str, str, str]]:
    """Name, state, when it was last good, and what is wrong; sources that are not accounts come last."""
    for name in accounts:
        if (one := on_board.get(name)) is not None:
            yield name, str(one["status"]), _last_good(one), _message(one, "start `adjutant run`")
        else:
            yield name, "unknown" if why else "not started", "", "" if why else "start `adjutant run`"
    for name, one in on_board.items():
        if name not in accounts:
            yield name, str(one["status"]), _last_good(one), _message(one, "it was started by hand")


def _last_good(source: Mapping[str, Any]) -> str:
    at = source.get("last_push_at")
    return f"last good {clock(datetime.fromisoformat(at).timestamp())}" if at else "never good"


def _message(source: Mapping[str, Any], how: str) -> str:
    said = shown(str(source.get("message") or ""), 500)
    if source["status"] == "offline":
        return "; ".join(filter(None, (f"its collector is not connected: {how}", said)))
    return said
