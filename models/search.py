"""Search over the records: the question, the hits, and what there is to be searched."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from models.base import DayOrInstant, Lax, SourceName, Wire

MAX_QUERY = 1_000_000
MAX_HITS = 100
MAX_OFFSET = 100_000

Channel = Annotated[str, Field(min_length=1, max_length=64)]
Place = Annotated[tuple[int, ...], Lax, Field(max_length=2)]


class SearchQuery(Wire):
    """Words, "phrases", -not, OR, begin*, source:slack, from:ana, after:2025-08-01, before:2025-09-01.

    `source`, `since` and `until` narrow it as `source:` does; `until` a date includes that day.
    `channel`: a newer search of the same client on the same channel ends the one that still runs.
    """

    query: Annotated[str, Field(max_length=MAX_QUERY)]
    source: SourceName | None = None
    since: DayOrInstant | None = None
    until: DayOrInstant | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_HITS)] = 20
    offset: Annotated[int, Field(ge=0, le=MAX_OFFSET)] = 0
    channel: Channel | None = None


class Hit(Wire):
    """A record that was found. `marks` are [start, end) of each match in `snippet`, in code points.

    `title` is the beginning of the text where the record has none. `author` is as the original says it.
    `score`: the larger the better; left out when the hits are not ranked by relevance.
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


class NamedHit(Hit):
    """A hit that a typed line found; `name` (S3) stands for it in the person's later lines."""

    name: str


class Hits(Wire):
    """One page of what was found.

    `total`      of all hits; with `at_least` there may be more
    `ranked`     `relevance`, recent ones a little before others; or `newest` first, when there are very many
    `partial`    the time was over: this is what was found until then
    `superseded` a newer search on the same channel ended this one: it has no hits
    `left_out`   so many words of the query were more than can be asked at once
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
    """What there is to be searched; `bytes` is what the file takes on disk."""

    records: int
    by_source: dict[str, int]
    oldest: str | None
    newest: str | None
    bytes: int
