"""What those are shown who do not see every source: commits, rows and the log, without what is hidden.

Everybody's seqs are the same and without gaps: of a commit of which one sees nothing there is its position.
"""

from __future__ import annotations

import hashlib
import operator
from collections.abc import Iterable, Iterator, Sequence
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
    key = orjson.dumps([seen.secret, sorted(seen.hidden), seen.lists])
    return hashlib.blake2b(
        mark.encode(), digest_size=MARK_BYTES, key=hashlib.sha256(key).digest()
    ).hexdigest()


def commit_for(seen: Seen, commit: Commit, registry: Registry) -> Commit:
    """The commit as this one sees it."""
    changes = [shown for one in commit.changes if (shown := _change_for(seen, one, registry)) is not None]
    whole = len(changes) == len(commit.changes) and all(map(operator.is_, changes, commit.changes))
    cause = commit.cause if whole else cause_for(seen, commit.cause, told=bool(changes))
    return replace(commit, cause=cause, changes=tuple(changes), mark=mark_for(seen, commit.mark))


def cause_for(seen: Seen, cause: dict[str, Any], *, told: bool) -> dict[str, Any]:
    """The cause of a commit with hidden changes; `told`: others of its changes are shown, and who made them.
    The line may quote what is hidden, and so may its op."""
    if not told or cause["actor"] in seen.hidden:
        return {"actor": PRIVATE, "command": PRIVATE}
    named = {name: cause[name] for name in ("actor", "name") if name in cause}
    return named | {"command": PRIVATE}


def logged_for(seen: Seen, commits: Iterable[Json], registry: Registry) -> Iterator[Json]:
    """Commits as the log has them, for this one; those of which nothing is shown are left out."""
    for commit in commits:
        changes = [
            change
            for change in commit["changes"]
            if registry.owner(change["section"], change["id"]) not in seen.hidden
        ]
        if len(changes) == len(commit["changes"]):
            yield commit
        elif changes:
            cause = cause_for(seen, commit["cause"], told=True)
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
    hooks = registry.source_hooks
    return orjson.dumps(hooks.health(orjson.loads(json))) if seen.lists and section == hooks.section else None


def _change_for(seen: Seen, change: EncodedChange, registry: Registry) -> EncodedChange | None:
    if registry.owner(change.section, change.id) not in seen.hidden:
        return change
    hooks = registry.source_hooks
    if not seen.lists or change.section != hooks.section:
        return None
    told = orjson.loads(change.json)
    for what in ("put", "set"):
        if what in told:
            told[what] = hooks.health(told[what])
    return replace(change, json=orjson.dumps(told))
