"""Splits text into words exactly as the index does: by SQLite's own tokenizer."""

from __future__ import annotations

import apsw

from sio_server.search.query import Token

_REASON = apsw.FTS5_TOKENIZE_DOCUMENT


class Tokenizer:
    """`porter unicode61`, the index's tokenizer. For one thread at a time."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._tokenizer = connection.fts5_tokenizer("porter", ["unicode61"])

    @classmethod
    def alone(cls) -> Tokenizer:
        """A tokenizer without a file, for records that are elsewhere."""
        return cls(apsw.Connection(":memory:"))

    def __call__(self, text: str) -> list[Token]:
        """The tokens of the text, each with its [start, end) in characters."""
        encoded = text.encode("utf-8", "replace")
        found: list[Token] = self._tokenizer(encoded, _REASON, None, include_colocated=False)  # type: ignore[assignment]
        if len(encoded) == len(text):  # ASCII: a byte is a character
            return found
        tokens: list[Token] = []
        at_byte = at = 0
        for start, end, token in found:
            begin = at + len(encoded[at_byte:start].decode())
            at, at_byte = begin + len(encoded[start:end].decode()), end
            tokens.append((begin, at, token))
        return tokens
