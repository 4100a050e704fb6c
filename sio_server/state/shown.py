"""What those are shown who do not see every source: commits, rows and the log, without what is hidden.

Everybody's seqs are the same and without gaps: of a commit of which one sees nothing there is its position.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

import orjson

from models.base import Item
from sio_server.registry.ops import Json
from sio_server.registry.privacy import Seen
from sio_server.registry.registry import Registry
from sio_server.state.commit import MARK_BYTES, Commit, EncodedChange

PRIVATE = "private"
"""The author and command of a change that is not shown."""


Outline = Callable[[dict[str, Json]], dict[str, Json]]


class Encoded(Protocol):
    """An item, and its encoded form."""

    @property
    def item(self) -> Item:
        """The item."""

    @property
    def json(self) -> bytes:
        """Its encoded form."""


def mark_for(seen: Seen | None, mark: str) -> str:
    """The mark as this one is given it: it proves the same past, seen through the same eyes, and tells
    nothing of what is hidden (decision 100)."""
    if seen is None or not mark:
        return mark
    return _keyed(mark, seen.secret, sorted(seen.hidden), seen.lists, seen.outlines)


def commit_for(seen: Seen, commit: Commit, registry: Registry) -> Commit:
    """The commit as this one sees it."""
    changes = [shown for one in commit.changes if (shown := change_for(seen, one, registry)) is not None]
    hidden = [one.follows for one in commit.changes if registry.owner(one.section, one.id) in seen.hidden]
    cause = _cause_beside(seen, commit.cause, hidden, told=len(hidden) < len(commit.changes))
    return replace(commit, cause=cause, changes=tuple(changes), mark=mark_for(seen, commit.mark))


def cause_for(seen: Seen, cause: dict[str, Any], *, told: bool) -> dict[str, Any]:
    """The cause of a commit with hidden changes; `told`: others of its changes are shown, and who made them.
    The line may quote what is hidden, and so may its op."""
    if not told or cause["actor"] in seen.hidden:
        return {"actor": PRIVATE, "command": PRIVATE}
    named = {name: cause[name] for name in ("actor", "name") if name in cause}
    return named | {"command": PRIVATE}


def _cause_beside(seen: Seen, cause: dict[str, Any], hidden: Iterable[bool], *, told: bool) -> dict[str, Any]:
    """The cause of a commit with hidden changes; of each, whether it only `follows` from others (a conflict,
    a due date before an event). Such a one is in no line; if it hid the line, one could try out when
    something private is, and what hangs on what all see."""
    if told and all(hidden):
        return cause
    return cause_for(seen, cause, told=told)


def logged_for(seen: Seen, commits: Iterable[Json], registry: Registry) -> Iterator[Json]:
    """Commits as the log has them, for this one; those of which nothing is shown are left out."""
    for commit in commits:
        changes, hidden = [], []
        for change in commit["changes"]:
            if registry.owner(change["section"], change["id"]) in seen.hidden:
                hidden.append(change.get("follows", False))
            else:
                changes.append(change)
        if changes:
            cause = _cause_beside(seen, commit["cause"], hidden, told=True)
            yield commit | {"changes": changes, "cause": cause}


def of_rows(
    registry: Registry, section: str, rows: Sequence[Encoded], seen: Seen
) -> Iterator[tuple[Item, bytes]]:
    """The items of a section with their encoded forms, for this one."""
    for row in rows:
        json = row_for(seen, registry, section, row.item.id, row.json)
        if json is not None:
            yield row.item, json


def row_for(seen: Seen, registry: Registry, section: str, id: str, json: bytes) -> bytes | None:
    """An item's encoded form for this one; None if it is hidden."""
    if registry.owner(section, id) not in seen.hidden:
        return json
    outline = _outline_for(seen, registry, section)
    return None if outline is None else orjson.dumps(outline(orjson.loads(json)))


def change_for(seen: Seen, change: EncodedChange, registry: Registry) -> EncodedChange | None:
    """The change for this one; None if it is hidden. Nobody is sent its `id`, which is still the item's."""
    if registry.owner(change.section, change.id) not in seen.hidden:
        return change
    outline = _outline_for(seen, registry, change.section)
    if outline is None:
        return None
    told = orjson.loads(change.json)
    told |= outline({"id": change.id})
    told |= {what: outline(told[what]) for what in ("put", "set") if what in told}
    return replace(change, json=orjson.dumps(told))


def _outline_for(seen: Seen, registry: Registry, section: str) -> Outline | None:
    """What this one is shown of the hidden items of a section; None for nothing."""
    hooks = registry.source_hooks
    if section == hooks.section:
        return hooks.health if seen.lists else None
    outline = registry.sections[section].outline if seen.outlines else None

    def unnamed(fields: dict[str, Json]) -> dict[str, Json]:
        assert outline is not None
        name = {"id": _keyed(fields["id"], seen.secret)} if "id" in fields else {}  # ids name the source
        return outline(fields) | name

    return unnamed if outline else None


def _keyed(text: str, *key: Json) -> str:
    """A hash that only the server can make."""
    secret = hashlib.sha256(orjson.dumps(key)).digest()
    return hashlib.blake2b(text.encode(), digest_size=MARK_BYTES, key=secret).hexdigest()
