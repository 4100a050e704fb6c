"""Collections: all sources asked at once for what they have, and followed until each has answered."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from models.base import Few, Lax, SourceName, Wire, Writes
from models.sources import Mode, RunStatus


class Share(Wire):
    """One source's part in a collection; `message` says what it is doing, or why it failed."""

    source: str
    status: Annotated[RunStatus, Lax] = RunStatus.ASKED
    percent: int = 0
    counts: dict[str, int] | None = None
    message: str | None = None


class Collection(Wire):
    """The running collection, or the last one; `done` only if every source delivered what it has.

    `by` asked for it; people call them `by_name`, where that is another word. `run` is the run of each of its
    sources; at `ends_by` those that are not finished have failed. The
    server uses a clock that never jumps for that; `ends_ms` is the same moment by that clock.
    """

    run: int
    mode: Annotated[Mode, Lax]
    by: str
    by_name: str | None = None
    started_at: str
    ends_by: str
    ends_ms: int = 0
    ended_at: str | None = None
    status: Annotated[RunStatus, Lax] = RunStatus.RUNNING
    percent: int = 0
    message: str | None = None
    sources: Annotated[tuple[Share, ...], Lax] = ()


class StartCollection(Writes):
    """Without `sources`, all that are connected and can be asked; `limit_s` is how long they have."""

    mode: Annotated[Mode, Lax]
    limit_s: Annotated[int, Field(ge=1, le=86_400)] | None = None
    sources: Annotated[tuple[SourceName, ...], Few(1_000, least=1)] | None = None


class Started(Wire):
    """The run to follow, and who was asked."""

    run: int
    sources: Annotated[tuple[str, ...], Lax]


class CancelCollection(Writes):
    """`run` is the collection's."""

    run: int
