"""Octets of an iCalendar file into its calendars, each event and time zone still as content lines.

Folded lines are joined as octets and decoded then (RFC 5545, 3.1), each by itself: programs fold in the
middle of a character, and one bad octet must not decide how all others are read. Cutting comes before
parsing, so that one damaged event, alarm or to-do spoils nothing but itself.
"""

from __future__ import annotations

import codecs
import quopri
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from collectors.charsets import decoded
from collectors.texts import counted

_PACKED = {b"PK\x03\x04": "a ZIP archive", b"\x1f\x8b": "compressed by gzip"}
_PROBE_BYTES = 1_024  # enough to tell two bytes per character from one
# Each begins in one way only: what may begin at every place of a long line takes the square of its length.
_LINE_END = re.compile(rb"(?<!\r)\r*\n")
_ANY_LINE_END = re.compile(rb"(?<!\r)\r*\n|\r")
_BOUND = re.compile(r"\s*(BEGIN|END)\s*:\s*(([A-Z0-9-]*).*)", re.IGNORECASE)
_CHARSET = re.compile(rb"[A-Za-z-][^:\"]*;CHARSET=\"?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_QUOTED = re.compile(rb"[A-Za-z-][^:\"]*;(?:ENCODING=)?QUOTED-PRINTABLE[;:]", re.IGNORECASE)
_ENCODING = re.compile(";(?:(?:ENCODING=)?QUOTED-PRINTABLE|CHARSET=[^;:]*)", re.IGNORECASE)
_PLAIN_NAME = re.compile(r"[A-Z0-9-]+")
_GLUED = re.compile(r"(END:V[A-Z]+?)[^A-Z]?(BEGIN:V[A-Z]+)", re.IGNORECASE)
# What stands in a calendar by itself, and what stands in one of those: neither holds another of its own kind.
_OUTER = {"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY"}
_INNER = {"VALARM", "STANDARD", "DAYLIGHT", "AVAILABLE", "PARTICIPANT", "VLOCATION", "VRESOURCE"}
_OTHERS = {"VJOURNAL": "journal"}
_OBSERVANCES = {"STANDARD", "DAYLIGHT"}
_KNOWN = {"VCALENDAR"} | _OUTER | _INNER


class UnreadableCalendar(Exception):
    """The whole file is unusable; the message says why, as a clause."""


@dataclass
class Block:
    """One component: its own content lines and the line of the file where it begins; `damage` says what of it
    is missing, where it is not whole."""

    name: str
    line_no: int
    lines: list[str] = field(default_factory=list)
    damage: str = ""

    def text(self) -> str:
        return "\r\n".join([f"BEGIN:{self.name}", *self.lines, f"END:{self.name}", ""])

    def value(self, name: str) -> str:
        """The last value of that name, "" without one; a quick look, before anything is parsed."""
        found = [line for line in self.lines if line[: len(name)].upper() == name]
        rest = [line[len(name) :] for line in found if line[len(name) : len(name) + 1] in (":", ";")]
        return rest[-1].partition(":")[2].strip() if rest else ""


@dataclass
class CalendarText:
    """One VCALENDAR: its properties, its time zones, events and to-dos in the order of the file, and how many
    others there are."""

    properties: dict[str, str] = field(default_factory=dict)
    zones: list[Block] = field(default_factory=list)
    events: list[Block] = field(default_factory=list)
    to_dos: list[Block] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Cut:
    """The calendars of a file. `remarks` say what was odd about it; `missing` what is not there of it, ""
    when it is whole."""

    calendars: list[CalendarText]
    remarks: list[str]
    missing: str = ""


def cut(data: bytes, charset: str | None = None) -> Cut:
    """Parses the file; `charset` is the declared one.

    Errors: UnreadableCalendar if it is not a calendar.
    """
    if not data.strip():
        raise UnreadableCalendar("it is empty")
    for mark, packed in _PACKED.items():
        if data.startswith(mark):
            raise UnreadableCalendar(f"it is {packed}: unpack it first")
    lines = _Lines(charset)
    cutter = _Cutter()
    for line_no, line in lines.read(data):
        cutter.take(line_no, line)
    found = cutter.end()
    if not found.calendars:
        binary = "it holds binary data" if b"\0" in data else "there is no BEGIN:VCALENDAR in it"
        raise UnreadableCalendar(f"it is not a calendar: {binary}")
    return Cut(found.calendars, [*lines.remarks(), *found.remarks], found.missing)


class _Lines:
    """Unfolds and decodes the lines; counts oddities."""

    def __init__(self, charset: str | None) -> None:
        self._charset = charset
        self._odd: Counter[str] = Counter()
        self._first: dict[str, int] = {}

    def read(self, data: bytes) -> Iterator[tuple[int, str]]:
        """Each content line with the number of its first line in the file.

        White space at its end is dropped: the parsers refuse times that have some.
        """
        for line_no, line in _unfold(_as_octets(data)):
            text = self._decode(line_no, line).replace("\0", "").rstrip()
            glued = _GLUED.match(text)
            yield from [(line_no, part) for part in (glued.groups() if glued else [text])]

    def remarks(self) -> Iterator[str]:
        for odd, count in self._odd.items():
            where = (
                f"line {self._first[odd]}" if count == 1 else f"{count:,} lines from {self._first[odd]} on"
            )
            yield f"{where}: {odd}"

    def _decode(self, line_no: int, line: bytes) -> str:
        named = _CHARSET.match(line)
        charset = named[1].decode() if named else self._charset
        if _QUOTED.match(line):
            return _unquoted(line, charset)
        if charset is not None and b"\x1b" in line:  # a charset of escapes, such as ISO-2022-JP
            return decoded(line, charset)[0]
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            pass
        replaced = line.decode("utf-8", "replace")
        if named is None and not replaced.replace("\ufffd", "").isascii():
            return self._note(line_no, replaced, "some bytes are not UTF-8 and were replaced")
        if charset is not None:
            return decoded(line, charset)[0]
        # Old Windows programs write their own code page and do not say so.
        text = line.decode("cp1252", "replace")
        return self._note(line_no, text, "not UTF-8, and read as Windows-1252")

    def _note(self, line_no: int, text: str, odd: str) -> str:
        self._odd[odd] += 1
        self._first.setdefault(odd, line_no)
        return text


def _as_octets(data: bytes) -> bytes:
    """The file in a charset in which octets can be told apart: what has two for each is brought to UTF-8."""
    probe = data[2:_PROBE_BYTES]  # without the mark, which may be damaged or missing
    even, odd = probe[::2].count(0), probe[1::2].count(0)
    if max(even, odd) <= len(probe) // 4:
        return data
    text = data.decode("utf-16-be" if even > odd else "utf-16-le", "replace")
    return text.lstrip("\ufeff\ufffe").encode("utf-8", "replace")


def _unfold(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Logical lines. `BEGIN:` and `END:` of what is known are never folded: what hangs on one is a damaged
    line."""
    first_no, parts = 0, [b""]
    for line_no, line in enumerate(_physical(data), 1):
        folded = line[:1] in (b" ", b"\t") and not (len(parts) == 1 and _is_bound(parts[0]))
        if first_no and parts[-1].endswith(b"=") and _QUOTED.match(parts[0]):
            parts[-1] = parts[-1][:-1]
            parts.append(line[1:] if folded else line)
        elif first_no and folded:
            parts.append(line[1:])
        elif line:
            if first_no:
                yield first_no, b"".join(parts)
            first_no, parts = line_no, [line.removeprefix(codecs.BOM_UTF8)]
    if first_no:
        yield first_no, b"".join(parts)


def _unquoted(line: bytes, charset: str | None) -> str:
    """A line of vCalendar 1.0, as iCalendar would write it."""
    head, _, value = line.partition(b":")
    text = decoded(quopri.decodestring(value), charset)[0].replace("\\", "\\\\")
    text = "\\n".join(text.splitlines())
    return f"{_ENCODING.sub('', head.decode('utf-8', 'replace'))}:{text}"


def _physical(data: bytes) -> list[bytes]:
    line_feeds = data.count(b"\n")
    returns = data.count(b"\r") - data.count(b"\r\n")
    # A stray CR inside a value is no line end, but where nearly all lines end in one, it is.
    return (_ANY_LINE_END if returns > 2 * line_feeds else _LINE_END).split(data)


def _is_bound(line: bytes) -> bool:
    keyword, _, name = line.strip().upper().partition(b":")
    return keyword in (b"BEGIN", b"END") and name.decode("ascii", "replace") in _KNOWN


class _Cutter:
    """Cuts lines into components. Where BEGIN and END do not match, the component around is damaged, and the
    next one begins anew."""

    def __init__(self) -> None:
        self._found: list[CalendarText] = []
        self._calendar: CalendarText | None = None
        self._own = Block("VCALENDAR", 0)  # its lines, or those before any
        self._since = 0  # from there on no component came between them
        self._open: list[Block] = []
        self._remarks: list[str] = []
        self._may_end = False  # the last END was damaged, or the calendar had no BEGIN

    def take(self, line_no: int, line: str) -> None:
        bound = _bound(line)
        if bound is None:
            (self._open[-1] if self._open else self._own).lines.append(line)
            return
        keyword, name = bound
        self._may_end = self._own.line_no == 0
        if keyword == "BEGIN":
            self._begin(name, line_no)
        else:
            self._end(name, line_no)

    def end(self) -> Cut:
        """Ends the file."""
        missing = ""
        if self._calendar is not None and (self._open or not self._may_end):
            cut_off = self._open[0] if self._open else self._own
            missing = f"it is cut off: BEGIN:{cut_off.name} in line {cut_off.line_no} has no END"
        self._close_calendar("it is cut off")
        self._leave_out()
        return Cut(self._found, self._remarks, missing)

    def _begin(self, name: str, line_no: int) -> None:
        if name == "VCALENDAR":
            if self._calendar is not None:
                self._remarks.append(f"line {line_no}: the calendar before has no END:VCALENDAR")
            self._close_calendar("its END is missing or damaged")
            self._leave_out()
            self._calendar, self._own = CalendarText(), Block(name, line_no)
            return
        if self._calendar is None:
            if name not in _OUTER:
                return
            self._remarks.append(f"line {line_no}: BEGIN:VCALENDAR is missing or damaged")
            self._calendar, self._may_end = CalendarText(), True
        if name in _OUTER:
            self._close_all("its END is missing or damaged")
        elif name in _OBSERVANCES and self._open and self._open[-1].name in _OBSERVANCES:
            self._close_one()
        self._open.append(Block(name, line_no))

    def _end(self, name: str, line_no: int) -> None:
        if name == "VCALENDAR":
            self._close_calendar("its END is missing or damaged")
        elif any(block.name == name for block in self._open):
            while self._open[-1].name != name:
                self._close_one("a part of it has no END")
            self._close_one()
        elif self._open:
            self._end_damaged(name)
        elif name in _OUTER and self._calendar is not None:
            self._open.append(Block(name, line_no, self._own.lines[self._since :]))
            self._close_one(f"its BEGIN:{name} is damaged")
        else:
            self._may_end = name not in _KNOWN

    def _end_damaged(self, name: str) -> None:
        """An END for which there was no such BEGIN, inside of a component."""
        outer = self._open[0]
        if name in _OUTER:
            outer.name = name
            self._close_all(f"its BEGIN:{name} is damaged")
        elif name in _INNER:
            outer.damage = outer.damage or f"the BEGIN:{name} in it is damaged"
        else:
            self._close_one("its END is damaged")

    def _close_all(self, damage: str) -> None:
        while self._open:
            self._close_one(damage)

    def _close_one(self, damage: str = "") -> None:
        """The innermost component is over; damage of a part is damage of the whole."""
        block = self._open.pop()
        block.damage = block.damage or damage
        if self._open:
            outer = self._open[-1]
            outer.damage = outer.damage or block.damage
            if outer.name == "VTIMEZONE":
                outer.lines += [f"BEGIN:{block.name}", *block.lines, f"END:{block.name}"]
            return
        assert self._calendar is not None
        self._since = len(self._own.lines)
        if block.name == "VEVENT":
            self._calendar.events.append(block)
        elif block.name == "VTODO":
            self._calendar.to_dos.append(block)
        elif block.name == "VTIMEZONE":
            self._calendar.zones.append(block)
        elif block.name in _OTHERS:
            self._calendar.others[_OTHERS[block.name]] += 1

    def _close_calendar(self, damage: str) -> None:
        self._close_all(damage)
        if self._calendar is not None:
            pairs = (line.partition(":") for line in self._own.lines)
            named = {name.split(";")[0].strip().upper(): value.strip() for name, _, value in pairs}
            self._calendar.properties |= named
            self._found.append(self._calendar)
            self._calendar, self._own, self._since = None, Block("", 0), 0

    def _leave_out(self) -> None:
        """Lines that are in no calendar."""
        if self._own.lines:
            lines = counted(len(self._own.lines), "line")
            self._remarks.append(f"left out because outside BEGIN:VCALENDAR: {lines}")
            self._own.lines.clear()


def _bound(line: str) -> tuple[str, str] | None:
    """Keyword and name when the line begins or ends a component, also where that is damaged. `End: 5 pm`,
    which is a line of somebody's text, does neither."""
    found = _BOUND.match(line)
    if found is None:
        return None
    keyword, rest, name = found[1].upper(), found[2].upper().strip(), found[3].upper()
    if name in _KNOWN:
        return keyword, name
    plain = _PLAIN_NAME.fullmatch(rest) and line.isupper() and " " not in line
    return (keyword, rest) if plain or any(_is_near(rest, known) for known in _KNOWN) else None


def _is_near(name: str, known: str) -> bool:
    if len(name) != len(known):
        return len(name) > 3 and (name.startswith(known) or known.startswith(name))
    return sum(one != other for one, other in zip(name, known, strict=True)) == 1
