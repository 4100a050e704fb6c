"""An mbox file into its messages, one at a time: it may be many gigabytes, so it is never held as a whole.

The format is a habit, not a standard. A message begins with a line `From ` and a date; such a line in the
text of a message is written `>From `, though not by every program, so a date and an empty line before (or a
header after) have to confirm it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, pairwise
from typing import BinaryIO

from collectors.folders import Unreadable
from collectors.mail.headers import moment

LETTER_MAX_BYTES = 10 * 2**20
_LINE_MAX_BYTES = 2**16
_BORDER_MAX_BYTES = 1_000
_BEGIN = b"From "
_DAY = re.compile(rb"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b")
_DATED = (
    _DAY,
    re.compile(rb"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b"),
    re.compile(rb"\b\d\d?:\d\d\b"),
    re.compile(rb"\b(?:19|20|21)\d\d\b"),
)
_HEADER = re.compile(rb"[!-9;-~]{1,100}:")
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)


@dataclass(frozen=True)
class Letter:
    """One message as it lies there, of `size_bytes`; `came_at` is when `came_by` says it came."""

    data: bytes
    where: str
    size_bytes: int
    came_at: datetime | None = None
    came_by: str = ""
    flags: str = ""
    cut: bool = False  # `data` is only its beginning


@dataclass
class _Gathered:
    """The message that is being read."""

    line: int
    border: bytes
    size: int = 0
    pieces: list[bytes] = field(default_factory=list)

    def add(self, piece: bytes) -> None:
        if self.size < LETTER_MAX_BYTES:
            self.pieces.append(piece[: LETTER_MAX_BYTES - self.size])
        self.size += len(piece)

    def letter(self) -> Letter:
        data = plain_line_ends(b"".join(self.pieces))
        return Letter(
            _ESCAPED.sub(rb"\1", data) if b">From " in data else data,
            f"line {self.line:,}",
            len(self.border) + self.size,
            _date(self.border),
            "the line before it",
            cut=self.size > LETTER_MAX_BYTES,
        )


def letters(file: BinaryIO) -> Iterator[Letter]:
    """The messages of an mbox. Errors: Unreadable when it is none, OSError when reading fails.

    An empty file is an mbox without messages.
    """
    gathered: _Gathered | None = None
    number, begins, blank, strict = 1, True, True, False
    for piece, following in pairwise(chain(_pieces(file), (b"",))):
        if begins and piece.startswith(_BEGIN) and _is_border(piece, following, blank, strict):
            if gathered is not None:
                yield gathered.letter()
            else:
                strict = _is_dated(piece)  # as the first is, so are all
            gathered = _Gathered(number, piece)
        elif gathered is not None:
            gathered.add(piece)
        elif piece.strip():
            raise Unreadable("it is no mbox: it does not begin with a line `From ... <date>`")
        # Of a line longer than a piece, only the last piece ends it.
        blank = begins and piece in (b"\n", b"\r\n")
        begins = piece.endswith(b"\n")
        number += begins
    if gathered is not None:
        yield gathered.letter()


def plain_line_ends(data: bytes) -> bytes:
    """The bytes with `\\n` at the ends of all lines."""
    return data.replace(b"\r\n", b"\n") if b"\r" in data else data


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    """The lines, those that are too long in several pieces."""
    first = file.readline(_LINE_MAX_BYTES).removeprefix(codecs.BOM_UTF8)
    if first:
        yield first
    while piece := file.readline(_LINE_MAX_BYTES):
        yield piece


def _is_border(line: bytes, following: bytes, blank: bool, strict: bool) -> bool:
    headed = _HEADER.match(following) is not None
    if _is_dated(line):
        return blank or headed
    return blank and headed and not strict


def _is_dated(line: bytes) -> bool:
    return len(line) <= _BORDER_MAX_BYTES and all(sign.search(line) for sign in _DATED)


def _date(border: bytes) -> datetime | None:
    day = _DAY.search(border)
    return moment(border[day.start() :].decode("latin-1")) if day else None
