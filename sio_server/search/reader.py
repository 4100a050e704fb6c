"""A search's reader: a connection, and what belongs to it."""

from __future__ import annotations

from collections import OrderedDict

import apsw

from sio_server.search.labels import LabelIndex
from sio_server.search.runs import Runs
from sio_server.search.text_index import TextIndex
from sio_server.search.tokenizer import Tokenizer

FEW_KEPT = 500  # remembered; the oldest goes


class Reader:
    """A reader, for one thread at a time."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection
        self.tokenizer = Tokenizer(connection)
        self.text = TextIndex(connection)
        self.labels = LabelIndex(connection, self.tokenizer)
        self.runs = Runs(connection)
        self.few = Few()


class Few:
    """Expressions that had few matches when they were last searched."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, None] = OrderedDict()

    def add(self, expression: str) -> None:
        """Remembers the expression, and forgets the oldest."""
        self._kept[expression] = None
        self._kept.move_to_end(expression)
        if len(self._kept) > FEW_KEPT:
            self._kept.popitem(last=False)

    def __contains__(self, expression: str) -> bool:
        return expression in self._kept
