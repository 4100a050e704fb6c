"""A search's reader on the file: a connection, and what belongs to it."""

from __future__ import annotations

import apsw

from sio_server.search.labels import LabelIndex
from sio_server.search.rows import FileRows
from sio_server.search.runs import FileVocabulary, Runs
from sio_server.search.store import Reader
from sio_server.search.text_index import TextIndex
from sio_server.search.tokenizer import Tokenizer


class FileReader(Reader):
    """A reader, for one thread at a time."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection
        tokenizer = Tokenizer(connection)
        labels = LabelIndex(connection, tokenizer)
        runs = Runs(FileVocabulary(connection))
        super().__init__(tokenizer, TextIndex(connection), labels, runs, FileRows(connection))
