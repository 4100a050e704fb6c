"""The directory in the database: each source's statements about people, as received (search/people)."""

from __future__ import annotations

import orjson

from sio_server.people.entries import Entry
from sio_server.registry.ops import Json
from sio_server.search.people import IN_ALL, PeopleBatch, plan
from sio_server.search.postgres.session import RecordsSession
from sio_server.search.postgres.tables import BOARDS, PEOPLE, delete_by_key

_LOCKED = f"SELECT people FROM {BOARDS} WHERE board = %s FOR UPDATE"


def entries(session: RecordsSession) -> list[Entry]:
    """All people of all sources, in a stable order."""
    rows = session.rows(
        f"SELECT source, names, addresses FROM {PEOPLE} WHERE board = %s ORDER BY source, own_id LIMIT %s",
        (session.board, IN_ALL),
    )
    return [Entry(row[0], tuple(orjson.loads(row[1])), tuple(orjson.loads(row[2]))) for row in rows]


def put(session: RecordsSession, batch: PeopleBatch) -> Json:
    """Stores what is new or changed. Shape: models.people.PutPeopleDone."""
    board = session.board
    with session.storing(_LOCKED, (board,)):
        rows = session.ask(
            f"SELECT own_id, names, addresses FROM {PEOPLE} WHERE board = %s AND source = %s",
            (board, batch.source),
        )
        [[in_all]] = session.ask(f"SELECT count(*) FROM {PEOPLE} WHERE board = %s", (board,))
        planned = plan(batch, {id: (names, addresses) for id, names, addresses in rows}, in_all)
        out = [*planned.gone, *planned.changed]
        if out:
            session.run(
                delete_by_key(PEOPLE, "own_id", "text", "board = %s AND source = %s"),
                (out, board, batch.source),
            )
            session.run(
                f"INSERT INTO {PEOPLE} SELECT %s, %s, * FROM unnest(%s::text[], %s::text[], %s::text[])",
                (
                    board,
                    batch.source,
                    [*planned.changed],
                    [names for names, _ in planned.changed.values()],
                    [addresses for _, addresses in planned.changed.values()],
                ),
            )
            session.run(f"UPDATE {BOARDS} SET people = people + 1 WHERE board = %s", (board,))
    return planned.done
