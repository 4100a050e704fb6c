"""Fills an empty state from a log's rows, whichever database they come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pydantic import ValidationError

from sio_server.log.base import LogError
from sio_server.log.rows import profiles_in
from sio_server.registry.ops import EVERYTHING
from sio_server.state.codes import Rest
from sio_server.state.state import Row, State

Rows = Callable[[str], Iterable[Any]]
"""The rows of one of the queries below."""

HEADS = "SELECT room, seq, mark FROM heads"
ITEMS = "SELECT section, id, text_seq, body FROM items ORDER BY section, id"
PROFILES = "SELECT person, body FROM profiles"
RESTS = (
    "SELECT section, code, id, label, seq, at_s, NULL FROM resting"
    " UNION ALL SELECT section, code, id, label, seq, at_s, given_s FROM former"
)


def fill(state: State, rows: Rows, where: str) -> None:
    """Fills the state; `where` names the store in an error.

    Errors: LogError, when another version wrote it.
    """
    try:
        for section, _, text_seq, body in rows(ITEMS):
            model = state.registry.sections[section].item
            state.load(section, Row(model.model_validate_json(body), body.encode(), text_seq))
        for section, code, *rest in rows(RESTS):
            state.books[section].load(code, Rest(*rest))
        state.keep(profiles_in([*rows(PROFILES)]))
    except (KeyError, TypeError, ValidationError) as error:
        raise LogError(f"{where} holds an item of another version: {error}") from error
    for room, seq, mark in rows(HEADS):
        state.heads[room], state.marks[room] = seq, mark
    state.seq = state.heads[EVERYTHING]
    for book in state.books.values():
        book.loaded()
