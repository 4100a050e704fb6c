"""What the store deletes and when; ages are in steady time (clock.StoreClock)."""

from __future__ import annotations

import time
from dataclasses import astuple, replace
from typing import Any

import apsw
import orjson

from models.base import OP_KEPT_S
from sio_server.clock import ClockNote
from sio_server.log.history import Query
from sio_server.log.schema import PART
from sio_server.log.sums import drop, set_meta
from sio_server.state.codes import REST_S

PRUNE_AT_ONCE = 5_000  # changes deleted in one transaction, while commits wait
RUNS_KEPT_S = 24 * 3600  # lines can be undone for a day (decision 14)
CHANGES_BYTES = 512 << 20
"""A change of 5,000 items takes a megabyte: beyond this the oldest go, however recent or few."""
OPS_BYTES = 64 << 20
"""Acks of large puts take up to 200 KB each: beyond this the oldest go before their day has passed."""


def floor_by_bytes(rows: Query) -> int:
    """The position up to which changes are deleted because later ones fill CHANGES_BYTES; 0 if they do not.

    Cost: reads the size of each change, once the whole store is larger than that.
    """
    [[used]] = rows(
        "SELECT (page_count - freelist_count) * page_size"
        " FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
        (),
    )
    if used <= CHANGES_BYTES:
        return 0
    sums = "SELECT seq, sum(octet_length(body)) OVER (ORDER BY seq DESC) AS bytes FROM changes"
    found = rows(f"SELECT max(seq) FROM ({sums}) WHERE bytes > ?", (CHANGES_BYTES,))
    return found[0][0] or 0


def forget(writer: apsw.Connection, floor: int, now: ClockNote, keep_s: float) -> None:
    """Deletes the changes up to `floor`, and all else that is too old. Inside a transaction."""
    now_s = now.steady_s
    drop(writer, "item_changes", "part < ?", (floor // PART,))
    drop(writer, "changes", "seq <= ?", (floor,))
    drop(writer, "ops", "at_s < ?", (now_s - OP_KEPT_S,))
    _forget_large_ops(writer)
    drop(writer, "runs", "at_s < ?", (now_s - RUNS_KEPT_S,))
    drop(writer, "former", "given_s < ?", (now_s - REST_S,))
    # Each code's newest text stays, whatever its age: an old `seen` may still name it.
    drop(
        writer,
        "texts",
        "at_s < ? AND seq <= ? AND EXISTS (SELECT 1 FROM texts AS newer"
        " WHERE newer.section = texts.section AND newer.code = texts.code"
        " AND newer.seq > texts.seq AND newer.seq <= ?)",
        (now_s - keep_s, floor, floor),
    )
    set_meta(writer, "floor", str(floor))
    note_clock(writer, now)


def note_clock(writer: apsw.Connection, note: ClockNote) -> None:
    """Saves the store's clock, so that the next run continues it. Inside a transaction."""
    set_meta(writer, "clock", orjson.dumps(astuple(note)).decode())


def last_clock(rows: Query) -> ClockNote:
    """The store's clock as last saved, but not before its last change."""
    found = rows("SELECT value FROM meta WHERE key = 'clock'", ())
    newest = rows(
        "SELECT max(s) FROM (SELECT max(at_s) AS s FROM changes UNION ALL SELECT max(at_s) FROM ops)", ()
    )
    return clock_of(found[0][0] if found else "", newest[0][0])


def clock_of(noted: str, newest_s: float | None) -> ClockNote:
    """The store's clock from what was saved ("": nothing) and the time of the last change."""
    if not noted:
        return ClockNote.first(time.time() if newest_s is None else float(newest_s))
    note = ClockNote(*orjson.loads(noted))
    return note if newest_s is None else replace(note, steady_s=max(note.steady_s, newest_s))


def _forget_large_ops(writer: apsw.Connection) -> None:
    left = OPS_BYTES
    sizes = "SELECT at_s, sum(octet_length(ack)) FROM ops GROUP BY at_s ORDER BY at_s DESC"
    found: list[Any] = writer.execute(sizes).fetchall()
    for at_s, size in found:
        left -= size
        if left < 0:
            drop(writer, "ops", "at_s <= ?", (at_s,))
            return
