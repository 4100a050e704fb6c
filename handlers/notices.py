"""What people are told: a meeting begins soon, something was assigned to them, a source failed.

The one place that decides it, for open pages and closed ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from briefs.facts import takes_place
from models.base import format_instant, is_day
from models.calendar import CalendarItem
from models.links import without_secrets
from models.sources import SourceStatus
from sio_server.registry.notices import Happened, Notice, Reader
from sio_server.registry.ops import name_of
from sio_server.registry.registry import Context, View

LONGEST = timedelta(minutes=240)
"""The longest time before a meeting that people may ask for (models.prefs.Notify)."""
NEWS_FOR = timedelta(days=1)  # what happened is no news after that
_TEXT_MAX = 200  # characters: as much as devices show, and an encrypted message has 4 KiB


def soon(view: View, ctx: Context, happened: Sequence[Happened]) -> Iterator[Notice]:
    """The meetings that begin soon: not what was cancelled or declined, or takes none of one's time."""
    now, until = ctx.at, format_instant(ctx.now + LONGEST)
    event: CalendarItem
    for event in view.items(ctx.registry.sections["calendar"]):
        if (
            now < event.start <= until
            and not is_day(event.start)
            and takes_place(event)
            and event.busy is not False
        ):
            yield _soon(event, ctx)


def _soon(event: CalendarItem, ctx: Context) -> Notice:
    start = datetime.fromisoformat(event.start)
    left_min = math.ceil((start - ctx.now).total_seconds() / 60)

    def concerns(reader: Reader) -> bool:
        before_min = reader.wants.get("before_min")
        return before_min is not None and left_min <= before_min

    told = {
        "title": "" if event.private else without_secrets(event.title)[:_TEXT_MAX],
        "minutes": str(left_min),
    }
    named = "soon", "calendar", event.id, f"soon {event.id} {event.start}"
    return Notice(*named, told, start, concerns, event.code)


def given(view: View, ctx: Context, happened: Sequence[Happened]) -> Iterator[Notice]:
    """What was assigned to somebody by somebody else."""
    for one in happened:
        change = one.change
        assignee = (change.get("put") or change.get("set") or {}).get("assignee")
        if assignee and ("before" not in change or "assignee" in change["before"]):
            item = view.get(ctx.registry.sections["priorities"], change["id"])
            if item is not None:
                yield _given(one, assignee, item.title, item.code, ctx)


def _given(one: Happened, assignee: str, title: str, code: str, ctx: Context) -> Notice:
    id = one.change["id"]

    def concerns(reader: Reader) -> bool:
        return bool(reader.wants.get("assigned")) and reader.is_me(assignee)

    told = {"title": without_secrets(title)[:_TEXT_MAX], "who": name_of(one.cause)[:_TEXT_MAX]}
    named = "given", "priorities", id, f"given {id} {one.seq}"
    return Notice(
        *named, told, ctx.now + NEWS_FOR, concerns, code, frozenset({one.cause["actor"], name_of(one.cause)})
    )


def failed(view: View, ctx: Context, happened: Sequence[Happened]) -> Iterator[Notice]:
    """The sources whose newest run has failed."""
    for one in happened:
        told = one.change.get("put") or one.change.get("set") or {}
        if told.get("status") == SourceStatus.ERROR:
            id = one.change["id"]
            source = view.get(ctx.registry.sections["sources"], id)
            why = told.get("message") or (source.message if source is not None else None) or ""
            fields = {"name": id, "why": without_secrets(why)[:_TEXT_MAX]}
            named = "failed", "sources", id, f"failed {id} {one.seq}"
            yield Notice(*named, fields, ctx.now + NEWS_FOR, lambda reader: bool(reader.wants.get("source")))
