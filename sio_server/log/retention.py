"""What the store forgets, and when: ages are by steady time (clock.StoreClock)."""

from __future__ import annotations

import time
from typing import Any

import apsw

from models.base import OP_KEPT_S
from sio_server.log.history import Query
from sio_server.log.schema import PART
from sio_server.state.codes import REST_S

RUNS_KEPT_S = 24 * 3600
OPS_BYTES = 64 << 20
"""Acks of large puts take up to 200 KB each: beyond this the oldest go before their day is over."""


def forget(writer: apsw.Connection, floor: int, now_s: float, keep_s: float) -> None:
    """Drops the changes up to `floor`, and what else is too old; notes both. Inside a transaction."""
    writer.execute("DELETE FROM item_changes WHERE part < ?", (floor // PART,))
    writer.execute("DELETE FROM changes WHERE seq <= ?", (floor,))
    writer.execute("DELETE FROM ops WHERE at_s < ?", (now_s - OP_KEPT_S,))
    _forget_large_ops(writer)
    writer.execute("DELETE FROM runs WHERE at_s < ?", (now_s - RUNS_KEPT_S,))
    writer.execute("DELETE FROM former WHERE given_s < ?", (now_s - REST_S,))
    # Each code's newest text stays, whatever its age: an old `seen` may still name it.
    writer.execute(
        "DELETE FROM texts WHERE at_s < ? AND seq <= ? AND EXISTS (SELECT 1 FROM texts AS newer"
        " WHERE newer.section = texts.section AND newer.code = texts.code"
        " AND newer.seq > texts.seq AND newer.seq <= ?)",
        (now_s - keep_s, floor, floor),
    )
    writer.execute("INSERT OR REPLACE INTO meta VALUES ('floor', ?)", (str(floor),))
    note_steady(writer, now_s)


def note_steady(writer: apsw.Connection, steady_s: float) -> None:
    """Keeps where the steady clock stands, for the next run to go on from."""
    writer.execute("INSERT OR REPLACE INTO meta VALUES ('steady_s', ?)", (str(steady_s),))


def last_steady(rows: Query) -> float:
    """Where the steady clock stood: the largest that was noted, and in a new store the wall clock."""
    noted = "SELECT max(s) FROM (SELECT max(at_s) AS s FROM changes UNION ALL SELECT max(at_s) FROM ops"
    rest = " UNION ALL SELECT CAST(value AS REAL) FROM meta WHERE key = 'steady_s')"
    found = rows(noted + rest, ())[0][0]
    return time.time() if found is None else float(found)


def _forget_large_ops(writer: apsw.Connection) -> None:
    left = OPS_BYTES
    sizes = "SELECT at_s, sum(octet_length(ack)) FROM ops GROUP BY at_s ORDER BY at_s DESC"
    found: list[Any] = writer.execute(sizes).fetchall()
    for at_s, size in found:
        left -= size
        if left < 0:
            writer.execute("DELETE FROM ops WHERE at_s <= ?", (at_s,))
            return
