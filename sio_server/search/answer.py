"""Answers one search request on a reader's connection."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from models.base import YEARS, day_or_instant, format_instant, is_day
from sio_server.people.directory import NOBODY, Directory
from sio_server.registry.ops import Json
from sio_server.search.matching import Matcher, Matches, Page
from sio_server.search.query import DAY, Query, start_of
from sio_server.search.snippets import Snippets
from sio_server.search.store import Reader, Row, Rows
from sio_server.search.time_index import NO_TIME, TimeIndex, decode

TITLE_OF_TEXT = 80
"""Characters of the text's first line that replace a missing title."""
_PACKED_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)


@dataclass(frozen=True)
class SearchRequest:
    """The fields of models.search.SearchQuery, without `channel`; none of the sources in `without` count."""

    query: str
    source: str | None = None
    since: str | None = None
    until: str | None = None
    limit: int = 20
    offset: int = 0
    without: Sequence[str] = ()


def answer(
    reader: Reader,
    time_index: TimeIndex,
    request: SearchRequest,
    now_s: float,
    is_cancelled: Callable[[], bool],
    people: Directory = NOBODY,
) -> Json:
    """Shape: models.search.Hits, without `took_ms`."""
    query = reader.parse(request.query, people)
    if query.is_empty and request.query.strip():
        return no_hits()  # punctuation only
    _narrow(query, request)
    page = Page(request.limit, request.offset)
    everything = query.is_empty and not request.query.strip()
    matches = Matcher(reader, time_index, query, page, is_cancelled, everything).run(now_s)
    snippets = Snippets(query, reader.tokenizer, is_cancelled)
    hits = _hits(reader.rows, matches, snippets, time_index)
    found: dict[str, Json] = {"hits": hits, "total": matches.total, "ranked": matches.ranked}
    if matches.at_least:
        found["at_least"] = True
    if matches.partial:
        found["partial"] = True
    if query.left_out:
        found["left_out"] = query.left_out
    return found


def no_hits(superseded: bool = False, partial: bool = False) -> Json:
    """The answer of a search without hits; `superseded` or `partial` when it was cancelled."""
    found: dict[str, Json] = {"hits": [], "total": 0, "ranked": "relevance"}
    if superseded:
        return found | {"at_least": True, "superseded": True}
    return found | ({"at_least": True, "partial": True} if partial else {})


def instant_of(at_s: int) -> str | None:
    """Seconds since the epoch in wire format; None outside the years that it covers."""
    try:
        moment = datetime.fromtimestamp(at_s, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return format_instant(moment) if moment.year in YEARS else None


def _narrow(query: Query, request: SearchRequest) -> None:
    """Adds the request's own filters to those in the text."""
    query.hidden = [*request.without]
    if request.source is not None:
        query.and_source = request.source
    if request.since is not None:
        query.narrow(start_of(request.since), None)
    if request.until is not None:
        ends_s = start_of(request.until)
        query.narrow(None, None if ends_s is None else ends_s + (DAY if is_day(request.until) else 0))


def _hits(rows: Rows, matches: Matches, snippets: Snippets, time_index: TimeIndex) -> list[Json]:
    by_id = {row[0]: row for row in rows.of([id for id, _ in matches.page])}
    return [_hit(by_id[id], score, snippets, time_index) for id, score in matches.page if id in by_id]


def _hit(row: Row, score: float | None, snippets: Snippets, time_index: TimeIndex) -> Json:
    id = row[0]
    text, source, date = map(decode, row[1:4])
    at, own_id, kind, title, url, author = row[4:]
    snippet, marks = snippets.of(text)
    hit = {
        "id": f"{source}/{own_id}" if own_id is not None else f"{source}/row;{id}",
        "source": source,
        "at": at or at_of(date, time_index.at(id)),
        "title": title or title_of(text),
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


def at_of(date: str, at_s: int) -> str | None:
    """An old row's date in wire format: unchanged if it has that form, else as SQLite parses it."""
    packed = _PACKED_DAY.fullmatch(date)
    try:
        at = day_or_instant("-".join(packed.groups()) if packed else date)
        return at if int(at[:4]) in YEARS else None
    except ValueError:
        return None if at_s == NO_TIME else instant_of(at_s)


def title_of(text: str) -> str:
    """The text's first line, for a record without a title."""
    line = text.strip().partition("\n")[0].strip()
    return line if len(line) <= TITLE_OF_TEXT else line[: TITLE_OF_TEXT - 1].rstrip() + "…"
