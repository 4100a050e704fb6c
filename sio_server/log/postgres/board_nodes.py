"""The other nodes of one board (log.nodes.Nodes)."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

import psycopg

from sio_server.log.nodes import CURRENT_S
from sio_server.log.postgres import tables
from sio_server.log.postgres.head import Head
from sio_server.log.postgres.membership import LIVING, Membership
from sio_server.log.postgres.session import Session
from sio_server.log.postgres.tables import SCHEMA
from sio_server.registry.ops import Json

_ELSEWHERE = f"""
    SELECT node FROM {SCHEMA}.links WHERE board = %s AND source = %s AND node <> %s AND node IN ({LIVING})
    ORDER BY node LIMIT 1
"""
_FORGET = f"DELETE FROM {SCHEMA}.links WHERE board = %s AND source = ANY(%s) AND node NOT IN ({LIVING})"


class BoardNodes:
    """Through the writer's session. Errors: LogError."""

    def __init__(self, session: Session, head: Head, membership: Membership) -> None:
        self._session, self._head, self._membership = session, head, membership

    def holds(self) -> bool:
        """Whether this node does what is due by time, and decides about nodes that died."""
        return self._membership.holds(self._session.board)

    def is_alone(self) -> bool:
        """Whether no other node is known to live."""
        return not self._membership.others

    def behind_s(self) -> float:
        """How old what is shown may be; 0 as long as that is not worth a word."""
        since_s = time.monotonic() - self._head.seen_s
        return since_s if since_s > CURRENT_S else 0.0

    def link(self, source: str) -> None:
        """Notes that the source is connected here."""
        self._run(*self._membership.link(self._session.board, source))

    def unlink(self, source: str) -> None:
        """Notes that it is connected here no more."""
        self._run(*self._membership.unlink(self._session.board, source))

    def elsewhere(self, source: str) -> str | None:
        """A living node to which the source is connected, other than this one."""
        found = self._session.rows(_ELSEWHERE, (self._session.board, source, self._membership.me))
        return str(found[0][0]) if found else None

    def tell(self, node: str, what: Json) -> None:
        """Sends the node something that it will see once. Errors: LogError."""
        try:
            self._head.put_beside(*tables.told(self._session.board, {"to": node, **what}), checked=False)
        except psycopg.Error as error:
            raise self._session.fault("write", error) from error

    def forget(self, names: Collection[str]) -> None:
        """Notes that it is settled what becomes of these sources of nodes that died."""
        self._run(_FORGET, (self._session.board, [*names]))

    def leave(self) -> None:
        """The board closes here."""
        self._run(*self._membership.leave(self._session.board))

    def _run(self, query: Any, values: tuple[Any, ...]) -> None:
        self._session.rows(f"{query} RETURNING board", values)
