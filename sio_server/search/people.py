"""The directory's table in the search file: each source's statements about people, as received."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import apsw
import orjson
from pydantic import BaseModel, ValidationError

from sio_server.people.entries import Entry
from sio_server.registry.errors import faults_of
from sio_server.registry.ops import Json

OF_A_SOURCE = 5_000  # half of all, so that one source cannot fill the directory
IN_ALL = 10_000
"""People: both processes hold the directory in memory, some 10 MB at this size."""

Stated = Mapping[str, tuple[str, str]]
"""Names and addresses, each as a JSON list, by the source's own id."""


@dataclass(frozen=True)
class PeopleBatch:
    """A source's raw statements about people, to be validated as `model`. With `spared`, the source's people
    who are missing from the batch are removed, except those with these ids."""

    source: str
    people: Sequence[Any]
    model: type[BaseModel]
    spared: Collection[str] | None = None


class PeopleTable:
    """The table, through the writer's connection."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def entries(self) -> list[Entry]:
        """All people of all sources, in a stable order."""
        rows = self._connection.execute(
            "SELECT source, names, addresses FROM adjutant_directory ORDER BY source, own_id LIMIT ?",
            (IN_ALL,),
        )
        return [Entry(row[0], tuple(orjson.loads(row[1])), tuple(orjson.loads(row[2]))) for row in rows]

    def put(self, batch: PeopleBatch) -> Json:
        """Stores what is new or changed. Shape: models.people.PutPeopleDone. Errors: apsw.Error."""
        with self._connection:
            planned = plan(batch, self._known(batch.source), self._count())
            self._delete(batch.source, planned.gone)
            self._write(batch.source, planned.changed)
        return planned.done

    def _known(self, source: str) -> dict[str, tuple[str, str]]:
        rows = self._connection.execute(
            "SELECT own_id, names, addresses FROM adjutant_directory WHERE source = ?", (source,)
        )
        return {id: (names, addresses) for id, names, addresses in rows}

    def _count(self) -> int:
        found: int = self._connection.execute("SELECT count(*) FROM adjutant_directory").get
        return found

    def _delete(self, source: str, ids: Collection[str]) -> None:
        self._connection.execute(
            "DELETE FROM adjutant_directory WHERE source = ? AND own_id IN (SELECT value FROM json_each(?))",
            (source, orjson.dumps([*ids]).decode()),
        )

    def _write(self, source: str, rows: Stated) -> None:
        values = orjson.dumps([[id, *row] for id, row in rows.items()]).decode()
        self._connection.execute(
            "INSERT OR REPLACE INTO adjutant_directory"
            " SELECT ?, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)",
            (source, values),
        )


class Planned(NamedTuple):
    """What a batch changes, and its answer (models.people.PutPeopleDone)."""

    gone: set[str]
    changed: Stated
    done: Json


def plan(batch: PeopleBatch, known: Stated, in_all: int) -> Planned:
    """What to delete and to write; `known` are the source's people, `in_all` counts those of all sources."""
    rejected: list[Json] = []
    room = min(OF_A_SOURCE, IN_ALL - in_all + len(known))
    stated: dict[str, tuple[str, str]] = {}
    gone = _gone(batch, known)
    for index, id, row in _validated(batch, rejected):
        if id in stated or len((known.keys() - gone) | stated.keys() | {id}) <= room:
            stated[id] = row
        else:
            rejected.append(_fault(index, id, "id", f"the directory is full: {_limits()}"))
    changed = [id for id, row in stated.items() if known.get(id) != row]
    new = [id for id in changed if id not in known]
    done = {
        "added": len(new),
        "changed": len(changed) - len(new),
        "unchanged": len(stated) - len(changed),
        "removed": len(gone),
        "rejected": rejected,
    }
    return Planned(gone, {id: stated[id] for id in changed}, done)


def _gone(batch: PeopleBatch, known: Collection[str]) -> set[str]:
    if batch.spared is None:
        return set()
    mentioned = {person.get("id") for person in batch.people if isinstance(person, dict)}
    return {id for id in known if id not in mentioned and id not in batch.spared}


def _validated(batch: PeopleBatch, rejected: list[Json]) -> Iterator[tuple[int, str, tuple[str, str]]]:
    for index, given in enumerate(batch.people):
        try:
            person: Any = batch.model.model_validate(given)
        except ValidationError as error:
            path, message = faults_of(error)[0]
            rejected.append(
                _fault(index, given.get("id") if isinstance(given, dict) else None, path, message)
            )
            continue
        if person.names or person.addresses:
            yield index, person.id, (_json(person.names), _json(person.addresses))
        else:
            rejected.append(_fault(index, person.id, "names", "give a name or an address"))


def _fault(index: int, id: Any, path: str, message: str) -> Json:
    named = {"id": id[:255]} if isinstance(id, str) else {}
    return {"index": index, **named, "path": path, "message": message}


def _limits() -> str:
    return f"{OF_A_SOURCE:,} people of a source, {IN_ALL:,} in all"


def _json(texts: Sequence[str]) -> str:
    return orjson.dumps([*dict.fromkeys(texts)]).decode()
