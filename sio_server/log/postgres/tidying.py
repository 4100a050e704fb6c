"""What the log on PostgreSQL deletes and when, as on SQLite (log/retention); ages are in steady time."""

from __future__ import annotations

from typing import Any

from models.base import OP_KEPT_S
from sio_server.log.postgres.session import Session
from sio_server.log.postgres.tables import COLUMNS, SCHEMA, TOLD_S
from sio_server.log.retention import CHANGES_BYTES, OPS_BYTES, RUNS_KEPT_S
from sio_server.state.codes import REST_S


def floor(session: Session, newest_kept: int, since_s: float) -> int:
    """The position up to which changes may go: older than `since_s` and not after `newest_kept`, or more than
    CHANGES_BYTES before the newest."""
    aged = (
        f"SELECT coalesce(max(seq), 0) FROM (SELECT seq FROM {SCHEMA}.changes"
        " WHERE board = %s AND at_s < %s ORDER BY at_s DESC, seq DESC LIMIT 1) AS aged"
    )
    sums = (
        "SELECT seq, sum(octet_length(body)) OVER (ORDER BY seq DESC) AS bytes"
        f" FROM {SCHEMA}.changes WHERE board = %s"
    )
    [[by_age]] = session.rows(aged, (session.board, since_s))
    by_age = min(int(by_age), newest_kept)
    if size_bytes(session) <= CHANGES_BYTES:  # else each body's size is read
        return by_age
    query = f"SELECT coalesce(max(seq), 0) FROM ({sums}) AS sums WHERE bytes > %s"
    [[by_bytes]] = session.rows(query, (session.board, CHANGES_BYTES))
    return max(by_age, int(by_bytes))


def forget(session: Session, floor: int, now_s: float, keep_s: float) -> None:
    """Deletes the changes up to `floor`, and all else that is too old. Inside a transaction.

    Errors: psycopg.Error.
    """
    sizes = (
        "SELECT at_s, sum(octet_length(ack)) OVER (ORDER BY at_s DESC) AS bytes"
        f" FROM {SCHEMA}.ops WHERE board = %s"
    )
    # Each code's newest text stays, whatever its age: an old `seen` may still name it.
    old = f"at < clock_timestamp() - interval '{TOLD_S} s'"
    newer = (
        f"SELECT 1 FROM {SCHEMA}.texts AS newer WHERE newer.board = texts.board"
        " AND newer.section = texts.section AND newer.code = texts.code"
        " AND newer.seq > texts.seq AND newer.seq <= %s"
    )
    _drop(session, "told", old)
    _drop(session, "item_changes", "seq <= %s", floor)
    _drop(session, "changes", "seq <= %s", floor)
    _drop(session, "ops", "at_s < %s", now_s - OP_KEPT_S)
    too_large = f"at_s <= (SELECT max(at_s) FROM ({sizes}) AS sums WHERE bytes > %s)"
    _drop(session, "ops", too_large, session.board, OPS_BYTES)
    _drop(session, "runs", "at_s < %s", now_s - RUNS_KEPT_S)
    _drop(session, "former", "given_s < %s", now_s - REST_S)
    _drop(session, "texts", f"at_s < %s AND seq <= %s AND EXISTS ({newer})", now_s - keep_s, floor, floor)


def size_bytes(session: Session) -> int:
    """The size of all boards' tables in the database."""
    names = [f"{SCHEMA}.{table}" for table in COLUMNS]
    query = "SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(%s::text[]) AS name"
    return int(session.rows(query, (names,))[0][0])


def _drop(session: Session, table: str, which: str, *values: Any) -> None:
    session.run(f"DELETE FROM {SCHEMA}.{table} WHERE board = %s AND {which}", (session.board, *values))
