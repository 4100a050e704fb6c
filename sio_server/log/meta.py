"""A store's own settings: a few named values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import apsw

from sio_server.log.base import LogError
from sio_server.log.sums import set_meta

TOKENS = "tokens"
"""Set once tokens were in use: the store then stays closed to strangers even if the token file is missing."""


class Meta:
    """The values, through the writer's connection. Errors: LogError."""

    def __init__(self, writer: apsw.Connection, query: Callable[[str, Iterable[Any]], list[Any]]) -> None:
        self._writer = writer
        self._query = query

    def get(self, key: str, default: str = "") -> str:
        """The value."""
        found = self._query("SELECT value FROM meta WHERE key = ?", (key,))
        return str(found[0][0]) if found else default

    def put(self, key: str, value: str) -> None:
        """Sets the value, if it differs."""
        if self.get(key) != value:
            try:
                with self._writer:
                    set_meta(self._writer, key, value)
            except apsw.Error as error:
                raise LogError(f"cannot write {self._writer.filename}: {error}") from error
