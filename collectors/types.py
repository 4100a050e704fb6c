"""The types that a collector's function gets and yields.

A collector is a function from an `Ask` to the things it finds, one at a time; all else (sending, retries, the
spool, progress, the report) is done by the library.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from collectors.accounts import Account
from models.batch import GivenItem
from models.records import GivenRecord
from models.sources import Mode as Mode


@dataclass(frozen=True)
class Ask:
    """What one run should deliver, for the source named `source` on the board.

    `quick` wants what is new since `since`, when the last good one began, None when there was none. `me` are
    names and addresses of the person the board is for, as the server knows them. `held` has the items of
    the source on the board, as (section, id), by the text that their evidence names (collectors.unsaid).
    `records` is how many records of the source it has; None if that is not known. `items` are those of the
    sections in Job.writes, whole. `left` is the mark of the last run that ended well (Finished), "" if that
    is not known.
    """

    mode: Mode = Mode.FULL
    since: datetime | None = None
    source: str = ""
    me: tuple[str, ...] = ()
    held: Mapping[str, Collection[tuple[str, str]]] = field(default_factory=dict)
    records: int | None = None
    items: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    left: str = ""


def last_run(mark: str | None) -> datetime | None:
    """When the last good run began, from the mark that it left with the server; None if there was none.

    One in the future (a clock was wrong) is ignored: it would hide all changes until then.
    """
    try:
        began = datetime.fromisoformat(re.split("[ ~]", mark)[0]).astimezone(UTC) if mark else None
    except (ValueError, OverflowError):
        return None
    return began if began is None or began <= datetime.now(UTC) else None


class Kind(StrEnum):
    """How much a finding matters."""

    NOT_WRITTEN = "not written"  # what was decided on the board is not in the source, whose word counts
    SKIPPED = "skipped"  # something is missing that may be on the board: it may not be removed
    LEFT_OUT = "left out"  # something is missing on purpose
    NOTE = "note"  # everything is there, though not quite as the original says it


@dataclass(frozen=True)
class Finding:
    """One remark for the report; `where` says of what (a file, a line), and is empty for all of it.

    `count` is how many things it is about.
    What was skipped may be any of the old items, and all of them stay; with `spares` it is only the one with
    that id, and those whose ids go on with `#` after it.
    """

    kind: Kind
    where: str
    why: str
    count: int = 1
    spares: str = ""


@dataclass(frozen=True)
class Progress:
    """`done` of `total` parts are read (`total` None: unknown), and `doing` is next."""

    done: int
    total: int | None
    doing: str = ""


@dataclass(frozen=True)
class Gone:
    """The item with this id no longer exists; it need not have been on the board.

    `unmet` says that it was merely not found: it is removed if everything could be read.
    """

    section: str
    ids: tuple[str, ...]
    unmet: bool = False


@dataclass(frozen=True)
class NoneLeft:
    """The section is certainly empty: the old items may be removed although none is yielded."""

    section: str


@dataclass(frozen=True)
class Checkpoint:
    """All that was yielded before it is sent, and what is Gone too; then `keep` is called, with how many
    records the board has of the source, if it is known. What it notes down need not be yielded again."""

    keep: Callable[[int | None], None]


@dataclass(frozen=True)
class Rest:
    """What is not yielded of a section that the source owns whole is on the board as it should be, `count`
    items: only what is yielded is sent, and only what is Gone removed. For runs that know what the run before
    left (Ask.left)."""

    kind: type[GivenItem]
    count: int


@dataclass(frozen=True)
class Finished:
    """Once the run has ended well, and the board has taken all of it, `keep` is called: with the mark that it
    left there (the next run's Ask.left), and whether what is `Gone` and `unmet` was removed."""

    keep: Callable[[str, bool], None]


Item = GivenItem | GivenRecord
Found = Item | Finding | Progress | NoneLeft | Gone | Account | Checkpoint | Rest | Finished
Collect = Callable[[Ask], Iterator[Found] | AsyncIterator[Found]]
"""A plain generator runs on a thread of its own, an async one on the loop. It may be slow, and is asked
for no more than can be sent. An exception ends the run as failed: what it said becomes the reason."""
