"""Short names of hits: S1, S2, ... for each person."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from sio_server.registry.ops import Json

PEOPLE_KEPT = 1_000
HITS_KEPT = 500
_KEPT = ("id", "snippet", "source", "title")


class _Session:
    """One person's hits: a record keeps its name as long as it is among the newest."""

    def __init__(self) -> None:
        self._hits: OrderedDict[str, Json] = OrderedDict()  # by name
        self._names: dict[str, str] = {}  # by the record's id
        self._last = 0

    def name(self, hit: Json) -> str:
        name = self._names.get(hit["id"])
        if name is None:
            self._last += 1
            name = self._names[hit["id"]] = f"S{self._last}"
        self._hits[name] = {field: hit[field] for field in _KEPT}
        self._hits.move_to_end(name)
        if len(self._hits) > HITS_KEPT:
            _, oldest = self._hits.popitem(last=False)
            del self._names[oldest["id"]]
        return name

    def hit(self, name: str) -> Json | None:
        return self._hits.get(name)


class Names:
    """Everybody's."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[str, _Session] = OrderedDict()

    def give(self, person: str, hits: Sequence[Json]) -> list[Json]:
        """The hits, each with its `name`; a name never comes to mean another record."""
        session = self._sessions.setdefault(person, _Session())
        self._sessions.move_to_end(person)
        if len(self._sessions) > PEOPLE_KEPT:
            self._sessions.popitem(last=False)
        return [{"name": session.name(hit), **hit} for hit in hits]

    def hit(self, person: str, name: str) -> Json | None:
        """What is kept of the hit that the person knows by that name: id, snippet, source, title."""
        session = self._sessions.get(person)
        return None if session is None else session.hit(name)
