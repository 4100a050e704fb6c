"""The requests of an index that is in another process (search.Backend)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from sio_server.registry.ops import Json
from sio_server.registry.records import MOST_RECORDS, Most


class Requests:
    """What is asked is the same for each file of the process; how it gets there is `_ask`."""

    async def _ask(self, name: str, *arguments: Any) -> Json:
        raise NotImplementedError

    async def put(
        self,
        source: str,
        records: Sequence[Any],
        model: type[BaseModel],
        key: tuple[str, str] | None,
        most: Most = MOST_RECORDS,
    ) -> tuple[Json, bool]:
        """As search.Backend says."""
        named = model.__module__, model.__name__
        answer, replayed = await self._ask("put", source, records, *named, key, most)
        return answer, replayed

    async def put_people(
        self, source: str, people: Sequence[Any], model: type[BaseModel], spared: Sequence[str] | None
    ) -> Json:
        """As search.Backend says."""
        return await self._ask("put_people", source, people, model.__module__, model.__name__, spared)

    async def search(self, client: int, **fields: Any) -> Json:
        """As search.Backend says."""
        return await self._ask("search", client, fields)

    async def quotes(self, **fields: Any) -> Json:
        """As search.Backend says."""
        return await self._ask("quotes", fields)

    async def record(self, **fields: Any) -> Json:
        """As search.Backend says."""
        return await self._ask("record", fields)

    async def summary(self) -> Json:
        """As search.Backend says."""
        return await self._ask("summary")
