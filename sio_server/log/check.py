"""Checks the store of a stopped server for consistency: `serve.py check`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import orjson

from sio_server.log.base import LogError
from sio_server.log.files import open_checked
from sio_server.log.history import Query
from sio_server.log.whole import prove
from sio_server.registry.ops import EVERYTHING
from sio_server.state.commit import Commit, next_mark

FAULTS_TOLD = 20  # a damaged store may have thousands; a few show what is wrong
ITEMS = "SELECT section, id, body FROM items"


def faults_in(database: Path) -> list[str]:
    """The first faults found, a sentence each: in pages and rows, or in their contents (changes, marks,
    heads, items, codes).

    Errors: LogError.
    """
    with closing(open_checked(database)) as connection:

        def rows(query: str, values: Iterable[Any]) -> list[Any]:
            return list(connection.execute(query, tuple(values)))

        try:
            prove(connection, database)
        except (LogError, apsw.Error) as error:
            return [f"{error}."]
        found = [*_faults_of_the_log(rows), *_faults_of_items(rows), *_faults_of_codes(rows)]
        return found[:FAULTS_TOLD]


def _faults_of_the_log(rows: Query) -> list[str]:
    found: list[str] = []
    before: Commit | None = None
    floor = int((rows("SELECT value FROM meta WHERE key = 'floor'", ()) or [(0,)])[0][0])
    [[last]] = rows("SELECT max(seq) FROM changes", ())
    for seq in range(floor + 1, (last or 0) + 1):
        kept = rows("SELECT body, mark FROM changes WHERE seq = ?", (seq,))
        if not kept:
            found.append(f"Change {seq} is missing.")
            before = None
            continue
        commit = Commit.from_log(seq, *kept[0])
        if before is not None and before.mark and commit.mark:
            expected = next_mark(before.mark, commit.cause, commit.at, commit.changes)
            if expected != commit.mark:
                found.append(f"Change {seq} does not follow from the one before it: the marks differ.")
        before = commit
    heads = {room: (seq, mark) for room, seq, mark in rows("SELECT room, seq, mark FROM heads", ())}
    if before is not None and heads.get(EVERYTHING) != (before.seq, before.mark):
        found.append(f"The head is not the last change, {before.seq}.")
    return found


def _faults_of_items(rows: Query) -> list[str]:
    """Compares each item with its last change in the log: whether it exists, and its revision."""
    last: dict[tuple[str, str], tuple[int, int | None]] = {}
    for seq, body in rows("SELECT seq, body FROM changes ORDER BY seq", ()):
        for change in orjson.loads(body)["changes"]:
            rev = None if "gone" in change else change["rev"]
            last[change["section"], change["id"]] = (seq, rev)
    found = []
    items = {(section, id): orjson.loads(body)["rev"] for section, id, body in rows(ITEMS, ())}
    for (section, id), (seq, rev) in last.items():
        if items.get((section, id)) != rev:
            found.append(f"{section} {id} is not as change {seq} left it.")
    return found


def _faults_of_codes(rows: Query) -> list[str]:
    holders: Counter[tuple[str, str]] = Counter()
    for section, body in rows("SELECT section, body FROM items", ()):
        code = orjson.loads(body).get("code")
        if code:
            holders[section, code] += 1
    doubled = [
        f"{count} items of {name} have the code {code}."
        for (name, code), count in holders.items()
        if count > 1
    ]
    resting = {(section, code) for section, code in rows("SELECT section, code FROM resting", ())}
    both = [
        f"{code} of {name} belongs to an item and is also listed as free."
        for name, code in sorted(resting & holders.keys())
    ]
    return doubled + both
