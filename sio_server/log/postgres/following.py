"""Reads what other nodes have appended to a board, and what changed beside its state."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import orjson

from sio_server.log.base import FromOthers, LogError
from sio_server.log.postgres.head import ROW, Head, Left
from sio_server.log.postgres.meta import POLICY
from sio_server.log.postgres.session import Session
from sio_server.log.postgres.tables import SCHEMA
from sio_server.log.rows import profiles_in
from sio_server.state.commit import Commit
from sio_server.state.followed import Followed
from sio_server.state.state import State

AT_ONCE = 200  # commits that are read at a time: between them clients have their turn
BYTES_AT_ONCE = 8 << 20

_SIZES = f"""
    SELECT seq, body, mark, effects, sum(length(body)) OVER (ORDER BY seq) - length(body) AS before
    FROM {SCHEMA}.changes WHERE board = %s AND seq >= %s ORDER BY seq LIMIT {AT_ONCE}
"""
_CHANGES = (
    f"SELECT seq, body, mark, effects FROM ({_SIZES}) AS found WHERE before < {BYTES_AT_ONCE} ORDER BY seq"
)
"""From the change that this node has on, whose mark proves that the others go on from it."""
_NEWS = f"SELECT * FROM ({ROW}) AS head LEFT JOIN ({_CHANGES}) AS change ON true ORDER BY change.seq".encode()
"""Both of one moment, and in one round trip: each patch waits for it. Without a change: NULL."""
_OF_HEAD = len(Left._fields)
_PERSONS = f"""
    SELECT person, CASE WHEN changed > %s THEN body END FROM {SCHEMA}.profiles WHERE board = %s
"""
_TOLD = f"SELECT body FROM {SCHEMA}.told WHERE board = %s AND number > %s AND number <= %s ORDER BY number"
_POLICY = f"SELECT value FROM {SCHEMA}.meta WHERE board = %s AND key = '{POLICY}'"


def catch_up(session: Session, head: Head, state: State, me: str) -> FromOthers:
    """What is new for this node (`me`) since the head as it knows it, which moves there.

    Errors: SetBack, when the board does not go on from there; LogError.
    """
    left, began = head.left, time.monotonic()
    found = session.rows(_NEWS, (session.board, session.board, left.seq))
    if not found:
        raise head.gone()
    now = Left(*found[0][:_OF_HEAD])
    if head.is_at(now, began):
        return FromOthers()
    if head.was_set_back_to(now):
        raise head.set_back()
    rows = [row[_OF_HEAD:] for row in found if row[_OF_HEAD] is not None]
    moved = (now.seq, now.mark) != (left.seq, left.mark)
    if left.seq and moved and [row[2] for row in rows if row[0] == left.seq] != [left.mark]:
        raise head.set_back()
    news = [row for row in rows if row[0] > left.seq]
    beside = _beside(session, left, now, state, me) if now.beside != left.beside else FromOthers()
    done = Followed(state)
    try:
        for seq, body, mark, effects in news:
            done.add(Commit.from_log(seq, body, mark), effects)
    except (ValueError, KeyError, TypeError) as error:
        raise LogError(
            f"the board {session.board} holds a change that cannot be followed: {error}"
        ) from error
    is_all = not news or news[-1][0] == now.seq
    left = now if is_all else now._replace(seq=news[-1][0], mark=news[-1][2], appended="")
    applied = head.follow(left, began if is_all else None)
    return replace(beside, done=done.done, is_all=is_all, applied=applied)


def _beside(session: Session, left: Left, now: Left, state: State, me: str) -> FromOthers:
    """All profiles, the policy, and what was told."""
    persons: list[Any] = session.rows(_PERSONS, (left.beside, session.board))
    changed = profiles_in([(person, body) for person, body in persons if body is not None])
    kept = {person: state.profiles[person] for person, body in persons if body is None}
    policy = session.rows(_POLICY, (session.board,))
    told = session.rows(_TOLD, (session.board, left.beside, now.beside))
    text = str(policy[0][0]) if policy else ""
    found = [orjson.loads(body) for (body,) in told]
    return FromOthers((), {**kept, **changed}, text, [what for what in found if what.get("to", me) == me])
