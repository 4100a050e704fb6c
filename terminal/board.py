"""The board as lines of text: a pure function of the replica, the size of the window and the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import zip_longest
from typing import Any

from adjutant_client import Link, Replica, Stage
from terminal.dates import age, clock, moment
from terminal.plain_text import plain
from terminal.sections import BLOCKS, Block, Sight, other
from terminal.styled import Line, cut, padded, restyled, spread

# From this many columns on the board has two of its own.
WIDE = 110
_GAP = 2  # columns between the two
_ONE_COLUMN = (("calendar", "priorities", "owe", "owed", "proposals", "brief", "sources"),)
_TWO_COLUMNS = (("calendar", "brief", "sources"), ("priorities", "owe", "owed", "proposals"))
_KNOWN = frozenset({*BLOCKS, "system", "commitments"})  # commitments are two blocks, by direction
_BAR = 10  # characters of the progress bar
_STAGE_STYLES = {Stage.CONNECTED: "class:good", Stage.OFFLINE: "class:bad"}


@dataclass(frozen=True)
class Window:
    """The window to draw in, the person's zone, and what time it is in others that they want to see."""

    width: int
    height: int
    zone: tzinfo
    elsewhere: str = ""


def board(
    replica: Replica, link: Link, window: Window, now: datetime, own_brief: dict[str, Any] | None = None
) -> list[Line]:
    """At most `height` lines of at most `width` columns; all in grey while the server is unreachable."""
    if window.height <= 0:
        return []
    head = _head(replica, link, window, now)
    sight = Sight(replica, now, window.zone, window.height, own_brief)
    body = _body(sight, window.width, window.height - 1) if replica.sections else _nothing_yet(link)
    if link.stage is Stage.OFFLINE:
        body = restyled(body, "class:dim")
    return [head, *[cut(line, window.width) for line in body]][: window.height]


def _nothing_yet(link: Link) -> list[Line]:
    return [[("class:dim", f" no board yet: {plain(link.why) or 'waiting for the server'}")]]


def _head(replica: Replica, link: Link, window: Window, now: datetime) -> Line:
    system = next(iter(replica.items("system")), {})
    left: Line = [("class:head", " Adjutant "), *_status(system)]
    if system:
        left.append(("class:dim", f"  last sync {age(moment(system.get('last_sync')), now)}"))
    left.append(("class:dim", f"  {clock(now, window.zone)}, {window.elsewhere}" if window.elsewhere else ""))
    said = plain(system.get("message"))
    left.append(("", f"  {said}" if said else ""))
    since = f" since {clock(link.since, window.zone)}" if link.stage is Stage.OFFLINE else ""
    right = [(_STAGE_STYLES.get(link.stage, "class:warn"), f"  {link.stage}{since} ")]
    return spread(left, right, window.width)


def _status(system: dict[str, object]) -> Line:
    status, progress = plain(system.get("status")), system.get("progress")
    style = {"IDLE": "class:good", "ERROR": "class:bad"}.get(status, "class:warn")
    if status not in ("COLLECTING", "PROCESSING") or not isinstance(progress, int):
        return [(style, f" {status}")]
    full = max(0, min(_BAR, progress * _BAR // 100))
    return [(style, f" {status} [{'#' * full}{'-' * (_BAR - full)}] {progress}%")]


def _body(sight: Sight, width: int, height: int) -> list[Line]:
    if width < WIDE:
        return _column(_ONE_COLUMN[0], sight, width, height)
    left_width = (width - _GAP) // 2
    left, right = (
        _column(names, sight, wide, height)
        for names, wide in zip(_TWO_COLUMNS, (left_width, width - _GAP - left_width), strict=True)
    )
    nothing: Line = []
    pairs = zip_longest(left, right, fillvalue=nothing)
    return [[*padded(one, left_width + _GAP), *other] for one, other in pairs]


def _column(names: tuple[str, ...], sight: Sight, width: int, height: int) -> list[Line]:
    blocks = [BLOCKS[name](sight) for name in names if name != "proposals" or sight.replica.items(name)]
    if "owed" in names:  # sections without a block of their own come after the commitments
        blocks += [
            other(section, sight) for section in sight.replica.described.values() if _is_other(section)
        ]
    rooms = shares([1 + block.total * block.lines_each for block in blocks], height)
    return [line for block, room in zip(blocks, rooms, strict=True) for line in _lines(block, width, room)]


def _is_other(section: dict[str, object]) -> bool:
    return section["name"] not in _KNOWN and section["prefix"] is not None


def _lines(block: Block, width: int, room: int) -> list[Line]:
    """Heading and rows in this many lines; the heading says how many rows are left out."""
    if room <= 0:
        return []
    shown = (room - 1) // block.lines_each
    rows = block.rows[: shown * block.lines_each]
    missing = block.total - len(rows) // block.lines_each
    heading: Line = [("", " "), ("class:title", block.title)]
    if missing:
        heading.append(("class:dim", f"  +{missing} more" if rows else f"  {missing}"))
    if not block.total:
        heading.append(("class:dim", f"  {block.empty}"))
    return [cut(heading, width), *(row.drawn(width) for row in rows)]


def shares(wants: list[int], room: int) -> list[int]:
    """Lines for each part: no part gets more than it needs, and small needs are met before large ones."""
    given = [0] * len(wants)
    while room > 0 and any(got < want for got, want in zip(given, wants, strict=True)):
        for place, want in enumerate(wants):
            if room > 0 and given[place] < want:
                given[place] += 1
                room -= 1
    return given
