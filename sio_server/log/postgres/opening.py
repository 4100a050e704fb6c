"""Makes a board's tables and row where they are missing, and reads where its clock stood."""

from __future__ import annotations

import logging
from pathlib import Path

import psycopg
from psycopg import Connection

from sio_server.clock import ClockNote
from sio_server.log import files
from sio_server.log.base import LogError
from sio_server.log.files import HeadNote
from sio_server.log.postgres import tables
from sio_server.log.postgres.session import Session
from sio_server.log.postgres.tables import SCHEMA
from sio_server.log.retention import clock_of
from sio_server.log.whole import new_epoch

SET_BACK = "%s had a change %d and now ends at %d otherwise: it was set back, or its newest changes are lost"

log = logging.getLogger("adjutant.store")

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('adjutant tables'))"
"""Of two servers that start at once, one waits for the other's tables."""
_THERE = f"SELECT 1 FROM {SCHEMA}.boards WHERE board = %s"
_MAKE = f"""
    INSERT INTO {SCHEMA}.boards (board, version, epoch, seq, mark, appended)
    VALUES (%s, {tables.NEWEST}, %s, 0, '', '') ON CONFLICT DO NOTHING
"""
_ARE_NEWEST = """
    SELECT count(*) = %s AND to_regclass('adjutant.told') IS NOT NULL FROM information_schema.columns
    WHERE table_schema = %s AND (table_name, column_name) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
"""


def make_tables(session: Session, where: str) -> None:
    """Makes what is missing; `where` names the board in an error.

    Errors: LogError.
    """
    connection = session.connection
    try:
        with connection.transaction():
            make_schema(connection)
            connection.execute(_MAKE, (session.board, new_epoch()))
    except psycopg.Error as error:
        raise session.fault("make the tables in", error) from error
    version = f"SELECT version FROM {SCHEMA}.boards WHERE board = %s"
    found = session.rows(version, (session.board,))[0][0]
    if found > tables.NEWEST:
        raise LogError(f"{where} is from a newer version of Adjutant: update this one")
    if found < tables.NEWEST:  # whoever wrote it until now is gone: it held the board's lock alone
        try:
            session.run(
                f"UPDATE {SCHEMA}.boards SET version = %s WHERE board = %s", (tables.NEWEST, session.board)
            )
        except psycopg.Error as error:
            raise session.fault("write", error) from error


def make_schema(connection: Connection) -> None:
    """Makes the tables if they are missing, and what they lack. Inside a transaction.

    Errors: psycopg.Error.
    """
    connection.execute(_ONE_AT_A_TIME)
    added = [list(names) for names in zip(*tables.ADDED, strict=True)]
    [[made]] = connection.execute(_ARE_NEWEST, (len(tables.ADDED), SCHEMA, *added)).fetchall()
    if not made:  # else no right to make tables is needed
        for statement in tables.create():
            connection.execute(statement)


def is_made(connection: Connection) -> bool:
    """Whether the database has our tables. Errors: psycopg.Error."""
    there = "SELECT to_regclass(%s) IS NOT NULL"
    [[made]] = connection.execute(there, (f"{SCHEMA}.boards",)).fetchall()
    return bool(made)


def refuse_if_elsewhere(session: Session, note: HeadNote, data_dir: Path, where: str) -> None:
    """Refuses to begin an empty board where there is or was one: all would seem to be lost.

    Errors: LogError.
    """
    try:
        if is_made(session.connection) and session.rows(_THERE, (session.board,)):
            return
    except psycopg.Error as error:
        raise session.fault("read", error) from error
    if (store := data_dir / files.STORE).exists():
        move = "`serve.py migrate` takes it there, or move that file away to start with an empty board"
        raise LogError(f"the board is in {store}, and there is none in {where}: {move}")
    noted = note.read()
    if noted is not None and noted[1] > 0:
        anew = f"remove {data_dir / files.IN_POSTGRESQL} to start with an empty board"
        raise LogError(f"{where} is gone; it had {noted[1]} changes: restore it from a backup, or {anew}")


def goes_on(session: Session, note: HeadNote, where: str, epoch: str, head: tuple[int, str]) -> bool:
    """Whether the board has every commit that this server noted; if not, the database was set back, or a
    standby without the newest changes was promoted."""
    noted = note.read()
    if noted is None or noted[0] != epoch:
        return True
    _, seq, mark = noted
    query = f"SELECT mark FROM {SCHEMA}.changes WHERE board = %s AND seq = %s"
    found = session.rows(query, (session.board, seq))
    if seq <= head[0] and (not found or found[0][0] == mark):
        return True
    log.error(SET_BACK, where, seq, head[0])
    return False


def last_clock(session: Session, noted: str) -> ClockNote:
    """The board's clock as last saved (`noted`), but not before its last change."""
    newest = (
        "SELECT max(s), extract(epoch FROM clock_timestamp())::float8"
        f" FROM (SELECT max(at_s) AS s FROM {SCHEMA}.changes WHERE board = %s"
        f" UNION ALL SELECT max(at_s) FROM {SCHEMA}.ops WHERE board = %s) AS newest"
    )
    [[at_s, now_s]] = session.rows(newest, (session.board, session.board))
    return clock_of(noted, at_s) if noted or at_s is not None else ClockNote.first(now_s)
