"""Where the records of a board are, as the server says it to the process of the index."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, TypeAlias

import orjson

RECORDS_AT = "ADJUTANT_RECORDS_AT"
"""The environment variable in which the process of the index finds the main board's."""


class Database(NamedTuple):
    """A board's part of a database; the address may have a password."""

    url: str
    board: str


Address: TypeAlias = Path | Database
"""A search file, or a database."""


def named(address: Address) -> str:
    """As text, which `addressed` reads."""
    said = [*address] if isinstance(address, Database) else str(address.absolute())
    return orjson.dumps(said).decode()


def addressed(text: str) -> Address:
    """The address of that text."""
    said = orjson.loads(text)
    return Path(said) if isinstance(said, str) else Database(*said)
