"""What the server says about itself."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from models.base import Lax, Wire
from models.search import SearchSummary


class Lagging(Wire):
    """A client that is not reading what it is sent."""

    client: str
    sid: str
    backlog_bytes: int


class Connected(Wire):
    """A connection: who, as what, from where, since when, and what waits for it to be read."""

    client: str
    sid: str
    role: str
    source: str | None
    address: str
    transport: Literal["websocket", "polling"]
    since: str
    backlog_bytes: int
    lags: bool


class Clients(Wire):
    """Connected clients; `sessions` also counts those that were not let in, or not yet; `rooms` counts
    the clients that each room's patches reach. `lagging` and `connections` are for
    administrators, else empty; at most 500 connections are listed, those that lag and then the oldest."""

    total: int
    sessions: int
    rooms: dict[str, int]
    lagging: Annotated[tuple[Lagging, ...], Lax]
    connections: Annotated[tuple[Connected, ...], Lax] = ()


class HubStats(Wire):
    """How many requests wait for the next batch."""

    queued: int


class LogStats(Wire):
    """A client at `floor` or later can resume; `bytes` is the size of the store on disk."""

    head: int
    floor: int
    bytes: int


class SearchStats(SearchSummary):
    """Times are of the newest 1,000 searches, in the server; `memory_bytes` is that of the search process;
    `fault` says what does not work."""

    searches_waiting: int
    puts_waiting: int
    memory_bytes: int
    p50_ms: float | None
    p99_ms: float | None
    fault: str | None = None


class SourceShare(Wire):
    """How many items a source has, and how many bytes these take as JSON."""

    items: int
    bytes: int


class BoardCounts(Wire):
    """How many boards are open, and how many could not be opened when they were last asked for."""

    open: int
    faulty: int


class Stats(Wire):
    """The same as GET /stats; `totals` are counters since the start, by name and label; `by_source` has none
    that is private. On a server of several boards all is of the asker's board alone, `totals` is empty and
    `boards` null, but for administrators on `main`."""

    status: str
    version: str
    uptime_s: float
    epoch: str
    seq: int
    items: dict[str, int]
    by_source: dict[str, SourceShare] = Field(default={})
    clients: Clients
    hub: HubStats
    log: LogStats
    search: SearchStats
    loop_lag_ms: float
    memory_bytes: int
    totals: dict[str, Any]
    boards: BoardCounts | None = None
