"""The port to the search records, which are outside state and hub (decision 23)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel

from sio_server.people.directory import Directory
from sio_server.registry.ops import Json

MAX_RECORDS = 5_000_000  # 80 MB of the time index, and files of some 10 GB
Most = tuple[int, int]  # how many records there may be of all sources, and of one
MOST_RECORDS: Most = (MAX_RECORDS, MAX_RECORDS)


@dataclass(frozen=True)
class Repeated:
    """The first answer to this op."""

    data: Json


class Records(Protocol):
    """Stores and searches records, outside the state."""

    async def put(
        self, source: str, records: Sequence[Any], model: type[BaseModel], key: tuple[str, str] | None
    ) -> Json | Repeated:
        """Stores the records that fit the model; `key` is (principal, op).

        Errors: storage_unavailable, busy, conflict.
        """

    async def put_people(
        self, source: str, people: Sequence[Any], model: type[BaseModel], spared: Sequence[str] | None
    ) -> Json:
        """Adds people to the directory. With `spared`, other people of the source are removed, except
        those with these ids.

        Errors: storage_unavailable, busy.
        """

    @property
    def people(self) -> Directory:
        """The directory of people."""

    async def search(self, client: object, *, person: str | None = None, **fields: Any) -> Json:
        """The hits for the fields of models.search.SearchQuery; a `channel` is the client's own. With a
        `person` the hits get short names.

        Errors: storage_unavailable, busy.
        """

    async def quotes(self, **fields: Any) -> Json:
        """Sentences about `subject`, and the last ones of `people` (a query for each name), said before
        `until`: `{about: [quote], by: {name: [quote]}}`, a quote being `{id, at, author, title, text}`, the
        newest first.

        Errors: storage_unavailable, busy.
        """

    async def record(self, **fields: Any) -> Json:
        """One record, by the fields of models.search.GetRecord; with `file` only if it is of that file (its
        `meta.file`). Shape: models.search.Record.

        Errors: not_found, storage_unavailable, busy.
        """

    async def named(self, person: str, records: Sequence[Json]) -> list[Json]:
        """Gives records short names, as hits have them. Shape: as given, with `name`."""

    def hit(self, person: str, name: str) -> Json | None:
        """Id, snippet, source and title of the hit that this short name was shown for; None if there never
        was one.

        Errors: stale_target, when the name's hit is no longer remembered.
        """

    async def summary(self) -> Json:
        """A summary of the records.

        Errors: storage_unavailable.
        """
