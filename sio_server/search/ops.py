"""Ops of puts: a repeat gets the first answer.

They have their own table, because an op and its effect must be in one transaction, and records are not in the
store's file. As for every op, a steady clock measures its age, it is kept for OP_KEPT_S, and another request
under it is an `op_conflict` (decision 46).
"""

from __future__ import annotations

import hashlib
import time
from typing import Any

import apsw
import orjson

from models.base import OP_KEPT_S
from sio_server.clock import ClockNote, StoreClock, SystemClock
from sio_server.registry.errors import op_conflict
from sio_server.registry.ops import Json

KEPT_BYTES = 32 << 20
"""Of all answers. A put that rejects 1,000 records has one of 200 KB; usual ones take 50 bytes."""
PRUNED_EVERY_S = 600.0  # far finer than the day for which ops are kept


class Ops:
    """The ops of one file, through the writer's connection; all within the caller's transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._execute = connection.execute
        self._clock = StoreClock(SystemClock(), ClockNote.first(self._last_steady_s()))
        self._prune_at_s = self._clock.steady()

    def replay(self, key: tuple[str, str], fingerprint: str) -> Json | None:
        """The op's first answer; None if the op is new.

        Errors: conflict, if it was used for another request.
        """
        found = self._execute(
            "SELECT fingerprint, answer FROM adjutant_ops WHERE principal = ? AND op = ?", key
        ).get
        if found is None:
            return None
        if found[0] != fingerprint:
            raise op_conflict()
        return orjson.loads(found[1])

    def record(self, key: tuple[str, str], fingerprint: str, answer: Json) -> None:
        """Stores the answer for repeats."""
        now_s = self._clock.steady()
        if now_s >= self._prune_at_s:
            self._prune(now_s)
            self._prune_at_s = now_s + PRUNED_EVERY_S
        values = (*key, now_s, fingerprint, orjson.dumps(answer).decode())
        self._execute("INSERT INTO adjutant_ops VALUES (?, ?, ?, ?, ?)", values)
        self._execute("INSERT OR REPLACE INTO adjutant_meta VALUES ('steady_s', ?)", (str(now_s),))

    def _prune(self, now_s: float) -> None:
        """Deletes old answers, and the oldest ones if they take too much room."""
        self._execute("DELETE FROM adjutant_ops WHERE at_s < ?", (now_s - OP_KEPT_S,))
        self._execute(
            "DELETE FROM adjutant_ops WHERE (principal, op) IN (SELECT principal, op FROM ("
            "SELECT principal, op, sum(length(answer)) OVER (ORDER BY at_s DESC, principal, op) AS bytes"
            " FROM adjutant_ops) WHERE bytes > ?)",
            (KEPT_BYTES,),
        )

    def _last_steady_s(self) -> float:
        """The last reading of the steady clock; in a new file the wall clock."""
        found: Any = self._execute(
            "SELECT max(s) FROM (SELECT max(at_s) AS s FROM adjutant_ops UNION ALL"
            " SELECT CAST(value AS REAL) FROM adjutant_meta WHERE key = 'steady_s')"
        ).get
        return time.time() if found is None else float(found)


def fingerprint_of(*request: Any) -> str:
    """A digest that distinguishes requests."""
    return hashlib.sha256(orjson.dumps(request, option=orjson.OPT_SORT_KEYS)).hexdigest()
