"""What requests ask of the records: a port of its own, since it is beside the state and the hub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel

Json = Any


@dataclass(frozen=True)
class Repeated:
    """A query's answer that its op got before."""

    data: Json


class Records(Protocol):
    """What was said and written, and the search over it. It waits for nothing of the state."""

    async def put(
        self, source: str, records: Sequence[Any], given: type[BaseModel], key: tuple[str, str] | None
    ) -> Json | Repeated:
        """Takes records in, each if it is what `given` says; `key` is (principal, op).

        Errors: storage_unavailable, busy, conflict.
        """

    async def search(self, client: object, *, person: str | None = None, **asked: Any) -> Json:
        """The hits for models.search.SearchQuery's fields; a `channel` is the client's own. For a
        `person` they get short names.

        Errors: storage_unavailable, busy.
        """

    def hit(self, person: str, name: str) -> Json | None:
        """Id, snippet, source and title of the hit that the person knows by that short name."""

    async def summary(self) -> Json:
        """What there is to be searched.

        Errors: storage_unavailable.
        """
