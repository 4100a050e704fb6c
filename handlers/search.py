"""Searching the records, beside the state: neither waits for the other."""

from __future__ import annotations

from models.base import Nothing
from models.search import Hits, SearchQuery, SearchSummary
from sio_server.registry.ops import Json
from sio_server.registry.registry import Asker, Family

FAMILY = Family("search")


@FAMILY.query("query", SearchQuery, cost=5, returns=Hits, aside=True)
async def query(asker: Asker, payload: SearchQuery) -> Json:
    """Finds records by words and filters. Any text is a valid query."""
    return await asker.records.search(asker, **payload.model_dump())


@FAMILY.query("stats", Nothing, returns=SearchSummary, aside=True)
async def stats(asker: Asker, payload: Nothing) -> Json:
    """Counts the records, with their sources and their period."""
    return await asker.records.summary()
