"""The history (state.History), read from the tables of `schema`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

import orjson

from models.base import MAX_SAFE_INT
from sio_server.log.schema import PART
from sio_server.registry.ops import ItemChange, Json
from sio_server.state.history import OWNERS, StoredLine

Query = Callable[[str, Iterable[Any]], list[Any]]

POSITIONS_AT_ONCE = 64  # read in one query: few items have changed more often
COMMITS_AT_MOST = 5_000  # in one answer on what changed; beyond, it says that it is incomplete
HISTORY_READS = 8 << 20
"""Characters of the log that one item's history may read: a few of the largest commits."""

_OF_ITEM = (
    "WITH RECURSIVE parts (part) AS (SELECT max(part) FROM item_changes"
    " UNION ALL SELECT part - 1 FROM parts WHERE part > ?)"
    " SELECT seq FROM parts CROSS JOIN item_changes USING (part)"
    " WHERE section = ? AND id = ? AND seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?"
)
"""The item's positions, newest first: one lookup in each part (schema.PART), from the newest down."""


class SqlHistory:
    """The history, read through one connection."""

    def __init__(self, rows: Query, floor: Callable[[], int]) -> None:
        self._rows = rows
        self.floor = floor

    def text_at(self, section: str, code: str, seq: int) -> str | None:
        """The text of the code's item at that position; None if no longer known."""
        query = (
            "SELECT label FROM texts WHERE section = ? AND code = ? AND seq <= ? ORDER BY seq DESC LIMIT 1"
        )
        found = self._rows(query, (section, code, seq))
        return str(found[0][0]) if found else None

    def line(self, person: str, handle: str) -> StoredLine | None:
        """The person's line with that handle."""
        return self._line("person = ? AND handle = ?", (person, handle))

    def newest_line(self, person: str, without: Collection[str]) -> StoredLine | None:
        """The person's newest line that can be undone, except these handles."""
        left = orjson.dumps([*without]).decode()
        which = (
            "person = ? AND forward AND NOT undone AND handle NOT IN (SELECT value FROM json_each(?))"
            " ORDER BY seq DESC LIMIT 1"
        )
        return self._line(which, (person, left))

    def positions_of(
        self, section: str, id: str, since: int, before: int
    ) -> list[tuple[int, tuple[int, ...]]]:
        """The positions between these two at which the item changed, newest first."""
        cancels = "iif(undone = 2, json_array(seq), cancels)"  # 2: undone, with nothing left to change
        query = f"SELECT seq, {cancels} FROM ({_OF_ITEM}) LEFT JOIN runs USING (seq) ORDER BY seq DESC"
        rows = self._rows(query, (since // PART, section, id, since, before, POSITIONS_AT_ONCE))
        return [(seq, tuple(orjson.loads(cancels or "[]"))) for seq, cancels in rows]

    def change_at(self, seq: int) -> ItemChange | None:
        """The author and command of that commit."""
        found = self._rows("SELECT body ->> '$.cause' FROM changes WHERE seq = ?", (seq,))
        cause = orjson.loads(found[0][0]) if found else None
        return ItemChange.of(seq, cause) if cause else None

    def changes_of(self, section: str, id: str, limit: int) -> list[Json]:
        """The item's changes, newest first; fewer when they are parts of huge commits."""
        query = f"SELECT seq, length(body) FROM ({_OF_ITEM}) JOIN changes USING (seq) ORDER BY seq DESC"
        floor = self.floor()
        entries: list[Json] = []
        left = HISTORY_READS
        for seq, length in self._rows(query, (floor // PART, section, id, floor, MAX_SAFE_INT, limit)):
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
        query = "SELECT seq, length(body) FROM changes WHERE seq > ? ORDER BY seq DESC LIMIT ?"
        complete = since >= self.floor()
        for seq, length in self._rows(query, (since, COMMITS_AT_MOST + 1)):
            left -= length
            if left < 0 or len(commits) == COMMITS_AT_MOST:
                complete = False
                break
            found = self._rows("SELECT body FROM changes WHERE seq = ?", (seq,))
            commits += [orjson.loads(body) | {"seq": seq} for (body,) in found]
        return commits[::-1], complete

    def _happenings(self, seq: int, section: str, id: str) -> list[Json]:
        found = self._rows("SELECT body FROM changes WHERE seq = ?", (seq,))
        commit = orjson.loads(found[0][0]) if found else {"changes": []}
        entries = []
        ids = [change["id"] for change in commit["changes"]]
        owners = {id.rpartition("/")[0] or id for id in ids}
        for change in commit["changes"]:
            if change["section"] == section and change["id"] == id:
                before = change.pop("before", None)
                told = {"seq": seq, "at": commit["at"], "cause": commit["cause"], "change": change}
                told |= {OWNERS: owners}
                entries.append(told if before is None else told | {"before": before})
        return entries

    def _line(self, which: str, values: tuple[Any, ...]) -> StoredLine | None:
        query = f"SELECT handle, line, seq, before, forward, undone FROM runs WHERE {which}"
        for handle, line, seq, before, forward, undone in self._rows(query, values):
            return StoredLine(handle, line, seq, before, bool(forward), bool(undone))
        return None
