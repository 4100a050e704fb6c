"""Remarks about the parts of one file: a few by name, then how many more there are."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from collectors.accounts import Account
from collectors.texts import counted, shown
from collectors.types import Finding, Kind

NAMED_MAX, LISTS_MAX = 3, 100  # parts named of each kind; kinds
_SAID_MAX = 200  # characters of an error's own text
_HERE = Path(__file__).parent
_log = logging.getLogger("collectors.remarks")
_log.addHandler(logging.NullHandler())


class Unusable(ValueError):
    """A part cannot be used: the message says why, as a clause."""


@dataclass
class _Alike:
    """Similar remarks of one kind: `named` are the first ones, each a part and its remark."""

    named: list[tuple[str, str]] = field(default_factory=list)
    count: int = 0


class Remarks:
    """Gathers remarks about parts of `place`, so that a thoroughly broken file does not fill the report.

    A part that is not used is counted in `account`, if there is one.
    """

    def __init__(self, place: str, account: Account | None = None) -> None:
        self._place, self._account = place, account
        self._met: dict[tuple[Kind, str], _Alike] = {}

    def add(self, kind: Kind, part: str, why: str, like: str = "") -> None:
        """`part` of the place, as "line 7". Remarks of one kind that say the same are one finding; those that
        are `like` each other are counted after the first few: "7 more `like`"."""
        if self._account is not None and kind is not Kind.NOTE:
            self._account.leave(kind.value)
        key = (kind, like or why)
        if key not in self._met and len(self._met) >= LISTS_MAX:
            key = (kind, "have other problems")
        alike = self._met.setdefault(key, _Alike())
        alike.count += 1
        if len(alike.named) < NAMED_MAX:
            alike.named.append((part, why))

    @contextmanager
    def guard(self, part: str, like: str = "cannot be read") -> Iterator[None]:
        """Any error with the part costs only that part: it is skipped, by name."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - parsers raise anything for what nobody has seen before
            self.add(Kind.SKIPPED, part, why_not(error), like)

    def findings(self) -> Iterator[Finding]:
        """The findings about the place."""
        for (kind, like), alike in self._met.items():
            (part, why), *others = alike.named
            more = alike.count - len(alike.named)
            if all(other == why for _, other in others):
                also = _also([other for other, _ in others], more)
                yield Finding(kind, f"{self._place}, {part}", why + also, alike.count)
                continue
            for named_part, named_why in alike.named:
                yield Finding(kind, f"{self._place}, {named_part}", named_why)
            if more:
                yield Finding(kind, self._place, f"{more:,} more {like}", more)


def why_not(error: Exception) -> str:
    """Why a part with this error cannot be used, as a clause."""
    match error:
        case ValidationError():
            fault = error.errors()[0]
            field_name = ".".join(map(str, fault["loc"]))
            return shown(f"it is not valid: {field_name}: {fault['msg']}", _SAID_MAX)
        case Unusable():
            return shown(str(error), _SAID_MAX)
        case OSError(strerror=str(said)):
            return shown(f"it cannot be read ({said.lower()})", _SAID_MAX)
        case UnicodeError():
            return "its characters cannot be read: it is in another encoding than it says"
        case RecursionError():
            return "it is nested too deeply"
        case MemoryError():
            return "it is too large for the memory of this machine"
        case _:
            _log.debug("a reader's own fault", exc_info=error)
            return f"the reader has a fault of its own with it ({_place_of(error)}): please report that"


def _place_of(error: Exception) -> str:
    """Where in the collectors it happened, as "mail/html.py:212"."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    inside = (frame for frame in frames if Path(frame.filename).is_relative_to(_HERE))
    frame = next(inside, None)
    return f"{Path(frame.filename).relative_to(_HERE)}:{frame.lineno}" if frame else "in a library"


def _also(parts: list[str], more: int) -> str:
    """` (also line 9, line 12 and 7 others)`."""
    if not parts:
        return ""
    tail = f" and {counted(more, 'other')}" if more else ""
    return f" (also {', '.join(parts)}{tail})"
