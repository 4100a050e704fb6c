"""The history (state.History), read from the tables of `tables`."""

from __future__ import annotations

from collections.abc import Callable

from sio_server.log.history import Queries, SqlHistory
from sio_server.log.postgres.session import Session
from sio_server.registry.ops import REDONE

_POSITIONS = (
    "SELECT board, seq FROM adjutant.item_changes"
    " WHERE board = %s AND section = %s AND id = %s AND seq > %s AND seq < %s ORDER BY seq DESC LIMIT %s"
)
_LINE = (
    "SELECT handle, line, seq, before, forward, undone FROM adjutant.runs WHERE board = %s AND person = %s"
)
QUERIES = Queries(
    text="SELECT label FROM adjutant.texts WHERE board = %s AND section = %s AND code = %s AND seq <= %s"
    " ORDER BY seq DESC LIMIT 1",
    line=f"{_LINE} AND handle = %s",
    newest_line=f"{_LINE} AND forward = 1 AND undone = 0"
    " AND handle NOT IN (SELECT jsonb_array_elements_text(%s::jsonb)) ORDER BY seq DESC LIMIT 1",
    newest_undo=f"{_LINE} AND forward = 0 AND undone = 0"
    " AND handle NOT IN (SELECT jsonb_array_elements_text(%s::jsonb)) AND seq > (SELECT coalesce(max(seq), 0)"
    " FROM adjutant.runs AS given WHERE given.board = runs.board AND given.person = %s AND given.forward = 1"
    f" AND given.line NOT LIKE '{REDONE}%%') ORDER BY seq DESC LIMIT 1",
    # 2: undone, with nothing left to change
    positions="SELECT found.seq, CASE WHEN undone = 2 THEN '[' || found.seq || ']' ELSE cancels END"
    f" FROM ({_POSITIONS}) AS found"
    " LEFT JOIN adjutant.runs USING (board, seq) ORDER BY found.seq DESC",
    lengths=f"SELECT seq, length(body) FROM ({_POSITIONS}) AS found"
    " JOIN adjutant.changes USING (board, seq) ORDER BY seq DESC",
    since="SELECT seq, length(body) FROM adjutant.changes WHERE board = %s AND seq > %s"
    " ORDER BY seq DESC LIMIT %s",
    body="SELECT body FROM adjutant.changes WHERE board = %s AND seq = %s",
)


class PostgresHistory(SqlHistory):
    """The history of one board, through one session."""

    def __init__(self, session: Session, floor: Callable[[], int]) -> None:
        super().__init__(lambda query, values: session.rows(query, (session.board, *values)), floor, QUERIES)
