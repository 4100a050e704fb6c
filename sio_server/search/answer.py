"""A search from the question to the hits, on a reader's connection."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import apsw
import orjson

from models.base import YEARS, day_or_instant, format_instant, is_day
from sio_server.registry.records import Json
from sio_server.search.matching import DAY_S, Found, Page, Seeking
from sio_server.search.query import Query, begin_of, parse
from sio_server.search.snippets import Snippets
from sio_server.search.time_index import UNKNOWN, Spans, plain
from sio_server.search.words import Words

TEXT_READ = 100_000
TITLE_OF_TEXT = 80
_PACKED_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)


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
        moment = datetime.fromtimestamp(at_s, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return format_instant(moment) if moment.year in YEARS else None


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
        "SELECT messages.id, CAST(substr(content, 1, ?) AS BLOB), CAST(messages.source AS BLOB),"
        " CAST(date AS BLOB), own_id, kind, title, url, author"
        " FROM json_each(?) AS page CROSS JOIN messages ON messages.id = page.value"
        " LEFT JOIN adjutant_records AS records ON records.id = messages.id",
        (TEXT_READ, orjson.dumps([id for id, _ in found.page]).decode()),
    )
    by_id = {row[0]: row[1:] for row in rows}
    return [_hit(id, by_id[id], score, snippets, spans) for id, score in found.page if id in by_id]


def _hit(id: int, row: tuple[Any, ...], score: float | None, snippets: Snippets, spans: Spans) -> Json:
    text, source, date = map(plain, row[:3])
    own_id, kind, title, url, author = row[3:]
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


def _at(date: str, at_s: int) -> str | None:
    """As the record says it, where the wire writes it so; else what SQLite made of it."""
    packed = _PACKED_DAY.fullmatch(date)
    try:
        at = day_or_instant("-".join(packed.groups()) if packed else date)
        return at if int(at[:4]) in YEARS else None
    except ValueError:
        return None if at_s == UNKNOWN else instant_of(at_s)


def _title_of(text: str) -> str:
    line = text.strip().partition("\n")[0].strip()
    return line if len(line) <= TITLE_OF_TEXT else line[: TITLE_OF_TEXT - 1].rstrip() + "…"
