"""The search records as one client may use them (registry.records.Records): none of a hidden source."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from pydantic import BaseModel

from sio_server.people.directory import Directory
from sio_server.registry.errors import no_such_record
from sio_server.registry.ops import Json
from sio_server.registry.privacy import Names
from sio_server.registry.records import Records, Repeated
from sio_server.registry.veil import not_its_collector


class VeiledRecords:
    """`private` says which sources are private, `hidden` which of them are hidden from the client, which acts
    as `source`; both are asked again after each wait, since a source may become private meanwhile."""

    def __init__(
        self,
        records: Records,
        private: Callable[[], Collection[str]],
        hidden: Callable[[], Names],
        source: str | None,
    ) -> None:
        self._records = records
        self._private = private
        self._hidden = hidden
        self._source = source

    async def put(
        self, source: str, records: Sequence[Any], model: type[BaseModel], key: tuple[str, str] | None
    ) -> Json | Repeated:
        """Stores the records."""
        if self._source in self._hidden():
            raise not_its_collector()
        return await self._records.put(source, records, model, key)

    async def put_people(
        self, source: str, people: Sequence[Any], model: type[BaseModel], spared: Sequence[str] | None
    ) -> Json:
        """Adds people to the directory, which everybody reads: none of a private source's."""
        if source in self._private() and people:
            none: dict[str, Json] = dict.fromkeys(("added", "changed", "unchanged", "removed"), 0)
            return none | {"rejected": ()}
        return await self._records.put_people(source, people, model, spared)

    @property
    def people(self) -> Directory:
        """The directory of people."""
        return self._records.people

    async def search(self, client: object, *, person: str | None = None, **fields: Any) -> Json:
        """The hits."""
        found = await self._records.search(client, person=person, **fields, **self._without())
        # The index leaves them out; one that came while it looked is left out here.
        return found | {"hits": [hit for hit in found["hits"] if hit["source"] not in self._hidden()]}

    async def quotes(self, **fields: Any) -> Json:
        """Sentences about a subject."""
        found = await self._records.quotes(**fields, **self._without())
        by = {person: [*self._shown(quotes)] for person, quotes in found["by"].items()}
        return {"about": [*self._shown(found["about"])], "by": by}

    async def record(self, **fields: Any) -> Json:
        """One record; one that is hidden is refused like one that never was."""
        found = await self._records.record(**fields)
        if found["source"] in self._hidden():
            raise no_such_record()
        return found

    async def named(self, person: str, records: Sequence[Json]) -> list[Json]:
        """Short names for records that the person was shown."""
        return await self._records.named(person, records)

    def hit(self, person: str, name: str) -> Json | None:
        """The hit that the person was shown by this name."""
        found = self._records.hit(person, name)
        return None if found is not None and found["source"] in self._hidden() else found

    async def summary(self) -> Json:
        """A summary of the records."""
        return without(await self._records.summary(), self._hidden())

    def _shown(self, quotes: Sequence[Json]) -> Iterator[Json]:
        hidden = tuple(f"{name}/" for name in self._hidden())
        return (quote for quote in quotes if not quote["id"].startswith(hidden or ("\0",)))

    def _without(self) -> dict[str, tuple[str, ...]]:
        hidden = self._hidden()
        return {"without": tuple(sorted(hidden))} if hidden else {}


def without(summary: Json, hidden: Names) -> Json:
    """A summary of records (models.search.SearchSummary) that counts none of these sources; which of the
    others is the oldest or the newest is not known then."""
    if not hidden:
        return summary
    left = {name: number for name, number in summary["by_source"].items() if name not in hidden}
    return summary | {"by_source": left, "records": sum(left.values()), "oldest": None, "newest": None}
