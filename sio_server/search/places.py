"""The place of a board's records by its address."""

from __future__ import annotations

from sio_server.search.address import Database, addressed
from sio_server.search.file import FilePlace
from sio_server.search.store import Place


def place_of(text: str) -> Place:
    """The place of an address as text (address.named)."""
    address = addressed(text)
    if not isinstance(address, Database):
        return FilePlace(address)
    from sio_server.search.postgres.store import PostgresPlace  # only whoever uses it needs the driver

    return PostgresPlace(address.url, address.board)
