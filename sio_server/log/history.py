"""The history (state.History), read from the tables of `schema`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

import orjson

from models.base import MAX_SAFE_INT
from sio_server.log.schema import PART
from sio_server.registry.ops import REDONE, ItemChange, Json, settled_by
from sio_server.state.history import OWNERS, StoredLine

Query = Callable[[str, Iterable[Any]], list[Any]]

POSITIONS_AT_ONCE = 64  # read in one query: few items have changed more often
COMMITS_AT_MOST = 5_000  # in one answer on what changed; beyond, it says that it is incomplete
HISTORY_READS = 8 << 20
"""Characters of the log that one item's history may read: a few of the largest commits."""

_OF_ITEM = (
    "WITH RECURSIVE parts (part) AS (SELECT max(part) FROM item_changes"
    f" UNION ALL SELECT part - 1 FROM parts WHERE part > ?3 / {PART})"
    " SELECT seq FROM parts CROSS JOIN item_changes USING (part)"
    " WHERE section = ?1 AND id = ?2 AND seq > ?3 AND seq < ?4 ORDER BY seq DESC LIMIT ?5"
)
"""The item's positions, newest first: one lookup in each part (schema.PART), from the newest down."""
_LINE = "SELECT handle, line, seq, before, forward, undone FROM runs WHERE person = ?"


@dataclass(frozen=True, slots=True)
class Queries:
    """What is asked of the tables, in one database's SQL.

    `positions` and `lengths` take section, id, since, before and limit; `newest_line` a person and a JSON
    list of handles to leave out, `newest_undo` the person again after these.
    """

    text: str
    line: str
    newest_line: str
    newest_undo: str
    positions: str
    lengths: str
    since: str
    body: str


SQLITE = Queries(
    text="SELECT label FROM texts WHERE section = ? AND code = ? AND seq <= ? ORDER BY seq DESC LIMIT 1",
    line=f"{_LINE} AND handle = ?",
    newest_line=f"{_LINE} AND forward AND NOT undone"
    " AND handle NOT IN (SELECT value FROM json_each(?)) ORDER BY seq DESC LIMIT 1",
    newest_undo=f"{_LINE} AND NOT forward AND NOT undone"
    " AND handle NOT IN (SELECT value FROM json_each(?)) AND seq > (SELECT coalesce(max(seq), 0) FROM runs"
    f" WHERE person = ? AND forward AND line NOT LIKE '{REDONE}%') ORDER BY seq DESC LIMIT 1",
    # 2: undone, with nothing left to change
    positions=f"SELECT seq, iif(undone = 2, json_array(seq), cancels) FROM ({_OF_ITEM})"
    " LEFT JOIN runs USING (seq) ORDER BY seq DESC",
    lengths=f"SELECT seq, length(body) FROM ({_OF_ITEM}) JOIN changes USING (seq) ORDER BY seq DESC",
    since="SELECT seq, length(body) FROM changes WHERE seq > ? ORDER BY seq DESC LIMIT ?",
    body="SELECT body FROM changes WHERE seq = ?",
)


class SqlHistory:
    """The history, read through one connection."""

    def __init__(self, rows: Query, floor: Callable[[], int], queries: Queries = SQLITE) -> None:
        self._rows = rows
        self._queries = queries
        self.floor = floor

    def text_at(self, section: str, code: str, seq: int) -> str | None:
        """The text of the code's item at that position; None if no longer known."""
        found = self._rows(self._queries.text, (section, code, seq))
        return str(found[0][0]) if found else None

    def line(self, person: str, handle: str) -> StoredLine | None:
        """The person's line with that handle."""
        return self._line(self._queries.line, (person, handle))

    def newest_line(self, person: str, without: Collection[str]) -> StoredLine | None:
        """The person's newest line that can be undone, except these handles."""
        return self._line(self._queries.newest_line, (person, orjson.dumps([*without]).decode()))

    def newest_undo(self, person: str, without: Collection[str]) -> StoredLine | None:
        """The person's newest undo since they last gave a line, except these handles."""
        return self._line(self._queries.newest_undo, (person, orjson.dumps([*without]).decode(), person))

    def positions_of(
        self, section: str, id: str, since: int, before: int
    ) -> list[tuple[int, tuple[int, ...]]]:
        """The positions between these two at which the item changed, newest first."""
        rows = self._rows(self._queries.positions, (section, id, since, before, POSITIONS_AT_ONCE))
        return [(seq, tuple(orjson.loads(cancels or "[]"))) for seq, cancels in rows]

    def change_at(self, section: str, id: str, seq: int) -> ItemChange | None:
        """The item's change by that commit."""
        for told in self._happenings(seq, section, id):
            settled = settled_by(told.get("before") or {}, told["change"].get("set") or {})
            return replace(ItemChange.of(seq, told["cause"]), settled=settled)
        return None

    def changes_of(self, section: str, id: str, limit: int) -> list[Json]:
        """The item's changes, newest first; fewer when they are parts of huge commits."""
        floor = self.floor()
        entries: list[Json] = []
        left = HISTORY_READS
        for seq, length in self._rows(self._queries.lengths, (section, id, floor, MAX_SAFE_INT, limit)):
            left -= length
            if left < 0 and entries:
                break
            entries += self._happenings(seq, section, id)
        return entries

    def commits_since(self, since: int) -> tuple[list[Json], bool]:
        """The commits after `since` with the old values, oldest first; and whether they are complete.

        Cost: the size of these commits in the log, up to a bound.
        """
        commits: list[Json] = []
        left = HISTORY_READS
        complete = since >= self.floor()
        for seq, length in self._rows(self._queries.since, (since, COMMITS_AT_MOST + 1)):
            left -= length
            if left < 0 or len(commits) == COMMITS_AT_MOST:
                complete = False
                break
            found = self._rows(self._queries.body, (seq,))
            commits += [orjson.loads(body) | {"seq": seq} for (body,) in found]
        return commits[::-1], complete

    def _happenings(self, seq: int, section: str, id: str) -> list[Json]:
        found = self._rows(self._queries.body, (seq,))
        commit = orjson.loads(found[0][0]) if found else {"changes": []}
        entries = []
        ids = [one["id"] for one in commit["changes"] if not one.pop("follows", False)]
        owners = {id.rpartition("/")[0] or id for id in ids}
        for change in commit["changes"]:
            if change["section"] == section and change["id"] == id:
                before = change.pop("before", None)
                told = {"seq": seq, "at": commit["at"], "cause": commit["cause"], "change": change}
                told |= {OWNERS: owners}
                entries.append(told if before is None else told | {"before": before})
        return entries

    def _line(self, query: str, values: tuple[Any, ...]) -> StoredLine | None:
        for handle, line, seq, before, forward, undone in self._rows(query, values):
            return StoredLine(handle, line, seq, before, bool(forward), bool(undone))
        return None
