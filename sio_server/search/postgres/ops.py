"""Ops of puts in the database, as in the file (search/ops), but by the clock of the database: it is the one
clock that several servers have in common."""

from __future__ import annotations

import time

import orjson

from models.base import OP_KEPT_S
from sio_server.registry.errors import op_conflict
from sio_server.registry.ops import Json
from sio_server.search.ops import KEPT_BYTES, PRUNED_EVERY_S
from sio_server.search.postgres.session import RecordsSession
from sio_server.search.postgres.tables import OPS

_NOW = "extract(epoch FROM clock_timestamp())"


class PostgresOps:
    """The ops of one board, through the writer's session; all within the caller's transaction."""

    def __init__(self, session: RecordsSession) -> None:
        self._session = session
        self._prune_at_s = time.monotonic()

    def replay(self, key: tuple[str, str], fingerprint: str) -> Json | None:
        """The op's first answer; None if the op is new.

        Errors: conflict, if it was used for another request.
        """
        found = self._session.ask(
            f"SELECT fingerprint, answer FROM {OPS} WHERE board = %s AND principal = %s AND op = %s",
            (self._session.board, *key),
        )
        if not found:
            return None
        if found[0][0] != fingerprint:
            raise op_conflict()
        return orjson.loads(found[0][1])

    def record(self, key: tuple[str, str], fingerprint: str, answer: Json) -> None:
        """Stores the answer for repeats."""
        if time.monotonic() >= self._prune_at_s:
            self._prune()
            self._prune_at_s = time.monotonic() + PRUNED_EVERY_S
        self._session.run(
            f"INSERT INTO {OPS} VALUES (%s, %s, %s, {_NOW}, %s, %s)",
            (self._session.board, *key, fingerprint, orjson.dumps(answer).decode()),
        )

    def _prune(self) -> None:
        """Deletes old answers, and the oldest ones if they take too much room."""
        board = self._session.board
        self._session.run(f"DELETE FROM {OPS} WHERE board = %s AND at_s < {_NOW} - %s", (board, OP_KEPT_S))
        self._session.run(
            f"DELETE FROM {OPS} WHERE board = %s AND (principal, op) IN (SELECT principal, op FROM ("
            "SELECT principal, op,"
            " sum(octet_length(answer)) OVER (ORDER BY at_s DESC, principal, op) AS bytes"
            f" FROM {OPS} WHERE board = %s) AS sums WHERE bytes > %s)",
            (board, board, KEPT_BYTES),
        )
