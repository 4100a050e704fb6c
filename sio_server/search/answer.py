"""A search from the question to the hits, on a reader's connection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import apsw
import orjson

from models.base import day_or_instant, format_instant, is_day
from sio_server.registry import Json
from sio_server.search.query import Query, begin_of, parse
from sio_server.search.seeking import DAY_S, Found, Page, Seeking
from sio_server.search.snippets import Snippets
from sio_server.search.spans import UNKNOWN, Spans
from sio_server.search.words import Words

TEXT_READ = 100_000
TITLE_OF_TEXT = 80


@dataclass(frozen=True)
class Asked:
    """What a client asks for (models.search.SearchQuery)."""

    query: str
    source: str | None = None
    since: str | None = None
    until: str | None = None
    limit: int = 20
    offset: int = 0


def answer(
    connection: apsw.Connection,
    words: Words,
    spans: Spans,
    asked: Asked,
    now_s: float,
    is_over: Callable[[], bool],
) -> Json:
    """Shape: models.search.Hits, without `took_ms`."""
    query = parse(asked.query, words)
    if query.is_empty and asked.query.strip():
        return nothing()  # signs alone: nothing to look for
    _narrow(query, asked)
    page = Page(asked.limit, asked.offset)
    everything = query.is_empty and not asked.query.strip()
    found = Seeking(connection, spans, query, page, now_s, is_over, everything).found()
    hits = _hits(connection, found, Snippets(query, words, is_over), spans)
    told: dict[str, Json] = {"hits": hits, "total": found.total, "ranked": found.ranked}
    if found.at_least:
        told["at_least"] = True
    if found.partial:
        told["partial"] = True
    if query.left_out:
        told["left_out"] = query.left_out
    return told


def nothing(superseded: bool = False, partial: bool = False) -> Json:
    """The answer of a search that did not come to anything."""
    told: dict[str, Json] = {"hits": [], "total": 0, "ranked": "relevance"}
    if superseded:
        return told | {"at_least": True, "superseded": True}
    return told | ({"at_least": True, "partial": True} if partial else {})


def instant_of(at_s: int) -> str | None:
    """Seconds since 1970 as the wire writes them; None for a time that it cannot write."""
    try:
        return format_instant(datetime.fromtimestamp(at_s, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def _narrow(query: Query, asked: Asked) -> None:
    """The request's own filters, besides those in the text."""
    if asked.source is not None:
        query.also_feed = asked.source
    if asked.since is not None:
        query.narrow(begin_of(asked.since), None)
    if asked.until is not None:
        ends_s = begin_of(asked.until)
        query.narrow(None, None if ends_s is None else ends_s + (DAY_S if is_day(asked.until) else 0))


def _hits(connection: apsw.Connection, found: Found, snippets: Snippets, spans: Spans) -> list[Json]:
    rows = connection.execute(
        "SELECT messages.id, substr(content, 1, ?), messages.source, date, own_id, kind, title, url, author"
        " FROM json_each(?) AS page CROSS JOIN messages ON messages.id = page.value"
        " LEFT JOIN adjutant_records AS records ON records.id = messages.id",
        (TEXT_READ, orjson.dumps([id for id, _ in found.page]).decode()),
    )
    by_id = {row[0]: row[1:] for row in rows}
    return [_hit(id, by_id[id], score, snippets, spans) for id, score in found.page if id in by_id]


def _hit(id: int, row: tuple[str | None, ...], score: float | None, snippets: Snippets, spans: Spans) -> Json:
    text, source, date, own_id, kind, title, url, author = row
    text = _clean(text)
    snippet, marks = snippets.of(text)
    hit = {
        "id": f"{source}/{own_id}" if own_id is not None else f"{source}/row;{id}",
        "source": source,
        "at": _at(date, spans.at(id)),
        "title": title or _title_of(text),
        "snippet": snippet,
        "marks": marks,
    }
    more = {
        "score": None if score is None else float(f"{score:.4g}"),
        "kind": kind,
        "url": url,
        "author": author,
    }
    return hit | {name: value for name, value in more.items() if value is not None}


def _clean(text: str | bytes | None) -> str:
    """Old records may hold anything."""
    return text if isinstance(text, str) else str(text or "")


def _at(date: str | None, at_s: int) -> str | None:
    try:
        return day_or_instant(str(date))
    except ValueError:
        return None if at_s == UNKNOWN else instant_of(at_s)


def _title_of(text: str) -> str:
    line = text.strip().partition("\n")[0].strip()
    return line if len(line) <= TITLE_OF_TEXT else line[: TITLE_OF_TEXT - 1].rstrip() + "…"
