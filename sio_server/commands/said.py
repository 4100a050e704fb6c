"""What a person says of something new: `Bo: the numbers by 2026-12-01` is whose, what, and by when.

Nothing is guessed: a name stands before a colon, a date as `YYYY-MM-DD` (or an instant) after `by` at the
very end; all else, and whatever stands in quotation marks, is what it is about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.base import day_or_instant
from sio_server.commands.grammar import QUOTED, unquoted
from sio_server.registry.errors import bad_request

_NAME = r"(?:[^\W\d_a-z]|@)[^\s:|\"“”]*"
_PARTICLE = r"(?:[a-z]{1,3}|&)"
_WHO = re.compile(
    rf"(?P<who>[^\s:|\"“”]{{1,80}}|{_NAME}(?: (?:{_PARTICLE} ){{0,2}}{_NAME}){{0,5}}):\s+(?=\S)"
)
_DUE = re.compile(r"\s+by (?P<due>\d{4}-\d\d-\d\d(?:[Tt]\S{1,30})?)$", re.ASCII)


@dataclass(frozen=True)
class Said:
    """What it is about, whose it is and by when, as far as that was said."""

    what: str
    who: str | None = None
    due: str | None = None


def said(text: str, *, who: bool, due: bool) -> Said:
    """The text taken apart, where what it is said of has somebody to whom it belongs, and a date.

    Errors: bad_request, for a date that there is not.
    """
    named = _WHO.match(text) if who else None
    dated = _DUE.search(text, named.end() if named else 0) if due else None
    what = text[named.end() if named else 0 : dated.start() if dated else len(text)]
    return Said(
        unquoted(what) if QUOTED.fullmatch(what) else what,
        named["who"] if named else None,
        _day(dated["due"]) if dated else None,
    )


def _day(text: str) -> str:
    try:
        return day_or_instant(text)
    except ValueError as error:
        raise bad_request(f"by {text}: {error}. Put the text in quotation marks if it is no date.") from None
