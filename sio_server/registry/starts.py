"""A due date that follows the start of an event: `due P7 before C4`.

The item's link (`due_before`) is the event's id, and its due date is the start of that event, whatever
changes either of them. While there is no such event the date stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sio_server.registry.fields import DUE
from sio_server.registry.items import Finalize
from sio_server.registry.ops import Ops, Put
from sio_server.registry.registry import C, Changed, Context, Section, View


def following_starts(name: str, finalize: Finalize[C]) -> Callable[[View, View, Changed, Context], Ops]:
    """The `follow` of the section with that name and rule for its items: it follows events and itself."""

    def follow(before: View, after: View, changed: Changed, ctx: Context) -> Ops:
        section: Section[C] = ctx.registry.sections[name]
        date, link = DUE.name, DUE.link
        events = [each for each in ctx.registry.sections.values() if each.begins]
        moved = _moved(events, before, after, changed)
        own = (after.get(section, id) for where, id in changed if where == name)
        linked = {item.id: item for item in own if item is not None and getattr(item, link) is not None}
        if moved:
            linked |= {item.id: item for item in after.items(section) if getattr(item, link) in moved}
        ops: Ops = []
        for item in linked.values():
            id = getattr(item, link)
            now = {link: moved.get(id, id)}
            starts = (getattr(event, each.begins) for each in events if (event := after.get(each, now[link])))
            settled = item.model_copy(update=now | {date: next(starts, getattr(item, date))})
            if settled != item:
                ops.append(Put(name, finalize(settled, {}, ctx)))
        return ops

    return follow


def _moved(events: Sequence[Section[Any]], before: View, after: View, changed: Changed) -> dict[str, str]:
    """The events that begin at another time or are new: their ids, by the former one if that is another
    (decision 29)."""
    sections = {section.name: section for section in events}
    moved: dict[str, str] = {}
    gone: dict[str, str] = {}
    came: dict[str, str] = {}
    for name, id in changed:
        if name not in sections:
            continue
        old, new = before.get(sections[name], id), after.get(sections[name], id)
        if new is None:
            gone |= {} if old is None else {old.code: id}
        elif old is None:
            moved[id] = came[new.code] = id
        elif getattr(old, sections[name].begins) != getattr(new, sections[name].begins):
            moved[id] = id
    return moved | {gone[code]: came[code] for code in gone.keys() & came.keys()}


def unlinked(item: C, stated: Mapping[str, Any]) -> C:
    """The item, which follows no event once somebody states another due date."""
    if DUE.name in stated and DUE.link not in stated:
        return item.model_copy(update={DUE.link: None})
    return item
