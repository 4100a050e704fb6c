"""Searching the records: the query, the hits, and what can be searched."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from models.base import MAX_SAFE_INT, DayOrInstant, Few, Lax, Prose, SourceName, Wire

MAX_QUERY = 1_000_000  # characters, so that no text is an error (query.MAX_PIECES bounds the work)
MAX_HITS = 100  # of one page
MAX_OFFSET = 100_000  # pages beyond it are asked for by programs only, which use `before:`

Channel = Annotated[str, Field(min_length=1, max_length=64)]
Place = Annotated[tuple[int, ...], Few(2)]


class SearchQuery(Wire):
    """Words, "phrases", -not, OR, begin*, source:slack, from:ana, after:2025-08-01, before:2025-09-01.

    Texts, titles, people, channels and file names are searched.

    `source`, `since` and `until` narrow it like filters in the text; a date in `until` includes that day.
    `channel`: a client's newer search on the same channel cancels its older one.
    """

    query: Annotated[str, Field(max_length=MAX_QUERY)]
    source: SourceName | None = None
    since: DayOrInstant | None = None
    until: DayOrInstant | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_HITS)] = 20
    offset: Annotated[int, Field(ge=0, le=MAX_OFFSET)] = 0
    channel: Channel | None = None


class Hit(Wire):
    """A matching record. `marks` are the matches in `snippet`, each [start, end) in code points.

    `title` is the beginning of the text where the record has none. `author` is as in the original.
    `score`: larger is better; left out when the hits are not ranked by relevance.
    """

    id: str
    source: str
    at: str | None
    title: str
    snippet: str
    marks: Annotated[tuple[Place, ...], Lax]
    score: float | None = None
    kind: str | None = None
    url: str | None = None
    author: str | None = None


class GetRecord(Wire):
    """`id` as a hit has it, `<source>/<id>`; evidence has `records/` before it. `around`: a statement or a
    quote, whose words are looked for. `start`: reads on from that character instead."""

    id: Annotated[str, Field(min_length=1, max_length=400)]
    around: Prose | None = None
    start: Annotated[int, Field(ge=0, le=MAX_SAFE_INT)] | None = None


class Record(Wire):
    """A record, opened: a part of its text, from character `start` of `length` on. `marks` are the words that
    were looked for, each [start, end) in code points of `text`; none if they are no longer there. `people`:
    the author and who else it names. Only the first 100,000 characters are looked through."""

    id: str
    source: str
    at: str | None
    title: str
    text: str
    start: int
    length: int
    marks: Annotated[tuple[Place, ...], Lax]
    people: Annotated[tuple[str, ...], Lax]
    kind: str | None = None
    url: str | None = None
    author: str | None = None


class NamedRecord(Wire):
    """A record that a statement of a typed brief rests on; `name` (S3) means it in the person's later
    lines."""

    name: str
    id: str
    at: str | None
    title: str
    author: str | None = None


class NamedHit(Hit):
    """A hit of a typed line; `name` (S3) means it in the person's later lines."""

    name: str


class Hits(Wire):
    """One page of hits.

    `total`      how many hits there are; with `at_least`, there may be more
    `ranked`     by `relevance`, recent records slightly higher; or `newest` first, when there are very many
    `partial`    the time limit was reached: these are the hits found by then
    `superseded` a newer search on the same channel cancelled this one: there are no hits
    `left_out`   how many words of the query were too many to be searched
    """

    hits: Annotated[tuple[Hit, ...], Lax]
    total: int
    ranked: Literal["relevance", "newest"]
    took_ms: float
    at_least: Literal[True] | None = None
    partial: Literal[True] | None = None
    superseded: Literal[True] | None = None
    left_out: int | None = None


class SearchSummary(Wire):
    """What can be searched; `bytes` is the size of the file on disk."""

    records: int
    by_source: dict[str, int]
    oldest: str | None
    newest: str | None
    bytes: int
