"""What changed since a position, item by item in people's words, from the commits since then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

import orjson

from sio_server.registry.fields import DUE, Kind
from sio_server.registry.ops import Json, name_of
from sio_server.registry.registry import Section
from sio_server.state.sentences import sentence
from sio_server.state.state import State

_UNTOLD = frozenset({"id", "rev", "code", "source", "held", "source_values", DUE.link})
CANCELLED = "cancelled"


@dataclass
class _Item:
    """An item that changed: whether it existed before, and the old values of its changed fields."""

    section: Section[Any]
    code: str
    was_there: bool
    last: Json
    before: dict[str, Json] = field(default_factory=dict)


def digest(commits: Iterable[Json], state: State, zone: tzinfo) -> list[Json]:
    """The items that differ from before, newest change first. Shape: [models.history.Told]."""
    found: dict[tuple[str, str], _Item] = {}
    for commit in commits:
        codes: dict[tuple[str, str], str] = {}  # of removed items: each may turn into a new one
        for change in commit["changes"]:
            section = state.registry.sections.get(change["section"])
            if section is not None and section.prefix is not None:
                _note(found, codes, section, change, commit)
    told = (_told(item, id, state, zone) for (_, id), item in found.items())
    return sorted((one for one in told if one is not None), key=lambda one: -one["seq"])


def _note(
    found: dict[tuple[str, str], _Item],
    codes: dict[tuple[str, str], str],
    section: Section[Any],
    change: Json,
    commit: Json,
) -> None:
    name, code = (section.name, change["id"]), change["code"]
    if "gone" in change:
        codes[section.name, code] = change["id"]
    elif "put" in change and (section.name, code) in codes:
        former = found.pop((section.name, codes[section.name, code]), None)
        found |= {} if former is None else {name: former}
    item = found.setdefault(name, _Item(section, code, "put" not in change, commit))
    item.last = commit
    for field_name, value in (change.get("before") or {}).items():
        item.before.setdefault(field_name, value)


def _told(item: _Item, id: str, state: State, zone: tzinfo) -> Json | None:
    section = item.section
    row = state.rows[section.name].get(id)
    now = None if row is None else orjson.loads(row.json)
    changed = {} if now is None or not item.was_there else _changed(item.before, now)
    if (now is None and not item.was_there) or (now is not None and item.was_there and not changed):
        return None
    told = {
        "section": section.name,
        "id": id,
        "code": item.code,
        "title": str((now or item.before).get(section.headline) or id),
        "what": "removed" if now is None else _what(section, changed) if item.was_there else "added",
        "by": item.last["cause"]["actor"],
        "name": name_of(item.last["cause"]),
        "command": item.last["cause"].get("command"),
        "seq": item.last["seq"],
        "at": item.last["at"],
    }
    told |= {"changed": changed} if changed else {}
    return told | {"text": sentence(told, section, zone)}


def _changed(before: dict[str, Json], now: dict[str, Json]) -> dict[str, Json]:
    """Old and new value of each field that differs."""
    names = (name for name in before if name not in _UNTOLD and before[name] != now.get(name))
    return {name: {"old": before[name], "new": now.get(name)} for name in names}


def _what(section: Section[Any], changed: dict[str, Json]) -> str:
    """The word for the change: the most telling one that applies."""
    done = changed.get(section.done.field) if section.done is not None else None
    if done is not None and section.done is not None and done["new"] in section.done.values:
        return "done"
    if done is not None and section.done is not None and done["old"] in section.done.values:
        return "reopened"
    if any(value["new"] == CANCELLED for value in changed.values()):
        return CANCELLED
    if section.begins in changed:
        return "moved"
    people = {each.name for each in section.fields if each.kind is Kind.PERSON}
    return "assigned" if people & changed.keys() else "changed"
