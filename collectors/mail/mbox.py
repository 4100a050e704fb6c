"""Splits an mbox file into messages, one at a time: it may be many gigabytes, so it is never held as a whole.

The format is a habit, not a standard. A message begins with a line `From <sender> <date>`, with the date at
its end, as programs write it. Such a line in the text of a message is written `>From `, though not by every
program, so an empty line before or a header after has to confirm it. A sentence that begins with "From " is
not a border.
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
from collectors.mail.parts import Part
from collectors.texts import counted
from collectors.types import Finding, Kind

LETTER_MAX_BYTES = 10 * 2**20  # of one mail; attachments beyond it are not read anyway
_LINE_MAX_BYTES = 2**16  # read at a time, so that a file without line ends fits into memory
_BORDER_MAX_BYTES = 1_000  # a line "From " has about 60
_BEGIN = b"From "
_DAY = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = rb"\d\d?:\d\d(?::\d\d)?"
_ZONE = rb"(?:[+-]\d{4}|[A-Z]{1,5}(?:[ ]DST)?)"
_YEAR = rb"(?:19|20|21)\d\d"
# As `asctime` writes it, with a zone where some put one; or as in a mail's header.
_DATE = re.compile(
    rb"""\ (?P<date>
        %(day)s,?\ +%(month)s\ +\d\d?\ +%(clock)s(?:\ +%(zone)s)*\ +%(year)s(?:\ +%(zone)s)?
        | %(day)s,?\ +\d\d?\ +%(month)s\ +%(year)s\ +%(clock)s(?:\ +%(zone)s)?
    )(?:\ \([^()]*\)|\ remote\ from\ \S+)?\s*$"""
    % {b"day": _DAY, b"month": _MONTH, b"clock": _CLOCK, b"zone": _ZONE, b"year": _YEAR},
    re.VERBOSE,
)
_HEADER = re.compile(rb"[!-9;-~]{1,100}:")
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)


@dataclass(frozen=True)
class Letter:
    """One message as it lies there, of `size_bytes`; `came_at` is when `came_by` says it came.

    `data` is only its beginning if `cut_at` (bytes) is not 0, and only its headers if some of its parts are
    in `root`.
    """

    data: bytes
    where: str
    size_bytes: int
    came_at: datetime | None = None
    came_by: str = ""
    flags: str = ""
    cut_at: int = 0
    root: Part | None = None


def cut_at(size_bytes: int, at_most: int = LETTER_MAX_BYTES) -> int:
    """After how many bytes a mail of this size ends, if `at_most` are read; 0 if it is read to its end."""
    return at_most if size_bytes > at_most else 0


@dataclass
class _Gathered:
    """The message being read."""

    line: int
    border: bytes
    size: int = 0
    pieces: list[bytes] = field(default_factory=list)

    def add(self, piece: bytes) -> None:
        if self.size < LETTER_MAX_BYTES:
            self.pieces.append(piece[: LETTER_MAX_BYTES - self.size])
        self.size += len(piece)

    def letter(self, came_at: datetime | None) -> Letter:
        data = plain_line_ends(b"".join(self.pieces))
        dated = _date(self.border)
        return Letter(
            _ESCAPED.sub(rb"\1", data) if b">From " in data else data,
            f"line {self.line:,}",
            len(self.border) + self.size,
            dated or came_at,
            "the line before it" if dated else "the file",
            cut_at=cut_at(self.size),
        )


def letters(file: BinaryIO, came_at: datetime | None = None) -> Iterator[Letter | Finding]:
    """The messages of an mbox, and what lies before the first one; `came_at` is for those that nothing dates.

    An empty file is an mbox without messages; one that begins with headers lacks only its first border.
    Errors: Unreadable when it is none, OSError when reading fails.
    """
    gathered: _Gathered | None = None
    number, strays, begins, blank, strict = 1, 0, True, True, False
    for piece, following in pairwise(chain(_pieces(file), (b"",))):
        if begins and piece.startswith(_BEGIN) and _is_border(piece, following, blank, strict):
            if gathered is not None:
                yield gathered.letter(came_at)
            elif strays:
                yield Finding(Kind.SKIPPED, "line 1", f"{counted(strays, 'line')} before the first message")
            strict = strict or is_dated(piece)  # as one is, so are all
            gathered = _Gathered(number, piece)
        elif gathered is not None:
            gathered.add(piece)
        elif not strays and _HEADER.match(piece):
            gathered = _Gathered(number, b"")
            gathered.add(piece)
        elif piece.strip():
            strays += 1
        # Of a line longer than a piece, only the last piece ends it.
        blank = begins and piece in (b"\n", b"\r\n")
        begins = piece.endswith(b"\n")
        number += begins
    if gathered is not None:
        yield gathered.letter(came_at)
    elif strays:
        raise Unreadable("it is not an mbox: no line `From ... <date>` begins a message in it")


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


def is_dated(line: bytes) -> bool:
    """Whether it is a line `From ... <date>`."""
    return len(line) <= _BORDER_MAX_BYTES and _DATE.search(line) is not None


def is_header(line: bytes) -> bool:
    """Whether it may be a line of a message's head."""
    return _HEADER.match(line) is not None


def _is_border(line: bytes, following: bytes, blank: bool, strict: bool) -> bool:
    headed = is_header(following)
    if not is_dated(line):
        return blank and headed and not strict
    sender = _sender(line)
    if headed:
        return blank or b" " not in sender
    return blank and (b"@" in sender or sender in (b"-", b"MAILER-DAEMON"))


def _sender(line: bytes) -> bytes:
    """What stands before the date: a word, unless it is a sentence that ends in a date."""
    found = _DATE.search(line)
    return line[len(_BEGIN) : found.start()].strip() if found else b""


def _date(border: bytes) -> datetime | None:
    found = _DATE.search(border)
    return moment(found["date"].decode("latin-1")) if found else None
