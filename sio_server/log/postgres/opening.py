"""Makes a board's tables and row where they are missing, and reads where its clock stood."""

from __future__ import annotations

import logging

import psycopg

from sio_server.clock import ClockNote
from sio_server.log.base import LogError
from sio_server.log.files import HeadNote
from sio_server.log.postgres import tables
from sio_server.log.postgres.session import Session
from sio_server.log.postgres.tables import SCHEMA
from sio_server.log.retention import clock_of
from sio_server.log.whole import new_epoch

log = logging.getLogger("adjutant.store")

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('adjutant tables'))"
"""Of two servers that start at once, one waits for the other's tables."""
_MAKE = f"INSERT INTO {SCHEMA}.boards VALUES (%s, {tables.NEWEST}, %s, 0, '', '') ON CONFLICT DO NOTHING"


def make_tables(session: Session, where: str) -> None:
    """Makes what is missing; `where` names the board in an error.

    Errors: LogError.
    """
    connection = session.connection
    try:
        with connection.transaction():
            connection.execute(_ONE_AT_A_TIME)
            there = "SELECT to_regclass(%s) IS NOT NULL"
            [[made]] = connection.execute(there, (f"{SCHEMA}.boards",)).fetchall()
            if not made:  # else no right to make tables is needed
                for statement in tables.create():
                    connection.execute(statement)
            connection.execute(_MAKE, (session.board, new_epoch()))
    except psycopg.Error as error:
        raise session.fault("make the tables in", error) from error
    version = f"SELECT version FROM {SCHEMA}.boards WHERE board = %s"
    if session.rows(version, (session.board,))[0][0] > tables.NEWEST:
        raise LogError(f"{where} is from a newer version of Adjutant: update this one")


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
    why = "it was set back, or its newest changes are lost"
    log.error("%s had a change %d and now ends at %d otherwise: %s", where, seq, head[0], why)
    return False


def last_clock(session: Session, noted: str) -> ClockNote:
    """The board's clock as last saved (`noted`), but not before its last change."""
    newest = (
        f"SELECT max(s) FROM (SELECT max(at_s) AS s FROM {SCHEMA}.changes WHERE board = %s"
        f" UNION ALL SELECT max(at_s) FROM {SCHEMA}.ops WHERE board = %s) AS newest"
    )
    [[at_s]] = session.rows(newest, (session.board, session.board))
    return clock_of(noted, at_s)
