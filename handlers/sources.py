"""Sources: a line for each collector, kept from what it pushes."""

from __future__ import annotations

import re
from datetime import timedelta

from models.ack import ErrorCode
from models.base import format_instant
from models.sources import Source, SourcesState, SourceStatus
from sio_server.errors import Refusal
from sio_server.registry import Context, Family, Fed, Feed, Ops, Put, Section, View

SECTION = Section(
    "sources",
    Source,
    shape=SourcesState,
    place=lambda items: {"sources": [json for _, json in items]},
)
FAMILY = Family("sources", SECTION)

FRESH_FOR = timedelta(seconds=60)
"""A push that changes nothing is noted at most this often, so that it costs no commit."""


def check(view: View, source: str, run: int | str) -> None:
    """Refuses a run that is older than the newest seen: numbers by size, texts by their words and numbers."""
    known = view.get(SECTION, source)
    if known is None or known.run is None:
        return
    if type(run) is type(known.run) and _run_order(run) < _run_order(known.run):
        message = f"A newer run of {source} has begun: this one is over."
        raise Refusal(ErrorCode.SOURCE_FENCED, message, details={"newest": known.run})


def _run_order(run: int | str) -> list[tuple[int, str]]:
    """run-9 comes before run-10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", str(run))
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def record(view: View, ctx: Context, fed: Fed) -> Ops:
    """Notes what a source pushed, or lost to a person's drop."""
    old = view.get(SECTION, fed.source)
    new = old or Source(id=fed.source)
    update: dict[str, object] = {"items": max(0, new.items + fed.grew)}
    if fed.pushed:
        update |= {"status": SourceStatus.ONLINE, "message": None}
        update |= {} if fed.run is None else {"run": fed.run}
    new = new.model_copy(update=update)
    if fed.pushed and (fed.changed or new != old or _is_old(new, ctx)):
        pushed_at = format_instant(ctx.now.replace(microsecond=0))
        new = new.model_copy(update={"last_push_at": pushed_at})
    return [Put(SECTION.name, new)]


def _is_old(source: Source, ctx: Context) -> bool:
    if source.last_push_at is None:
        return True
    return source.last_push_at < format_instant(ctx.now - FRESH_FOR)


FEED = Feed(SECTION.name, check, record)
