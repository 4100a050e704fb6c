"""Bytes of an iCalendar file into its calendars, each event and time zone still as content lines.

Cutting comes before parsing, so that one damaged event, alarm or to-do spoils nothing but itself.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LINE_END = re.compile(r"\r*\n")


class UnreadableCalendar(Exception):
    """The whole file is of no use; the message says why, as a clause."""


@dataclass(frozen=True)
class Block:
    """One component: its own content lines and the line of the file where it begins."""

    name: str
    line_no: int
    lines: list[str] = field(default_factory=list)

    def text(self) -> str:
        return "\r\n".join([f"BEGIN:{self.name}", *self.lines, f"END:{self.name}", ""])


@dataclass(frozen=True)
class CalendarText:
    """One VCALENDAR: its properties, and its time zones and events in the order of the file."""

    properties: dict[str, str]
    zones: list[Block]
    events: list[Block]


@dataclass
class _Open:
    block: Block
    calendar: CalendarText | None


def cut(data: bytes) -> tuple[list[CalendarText], list[str]]:
    """The calendars of a file, and remarks on what was odd about it.

    Errors: UnreadableCalendar for what is no calendar, is cut off or does not nest.
    """
    text, remarks = _decode(data)
    calendars: list[CalendarText] = []
    stack: list[_Open] = []
    outside = 0
    for line_no, line in _unfold(text):
        keyword, _, name = line.partition(":")
        match keyword.strip().upper():
            case "BEGIN":
                stack.append(_begin(name.strip().upper(), line_no, stack))
            case "END":
                _end(name.strip().upper(), line_no, stack, calendars)
            case _ if stack:
                stack[-1].block.lines.append(line)
            case _:
                outside += 1
    if stack:
        cut_off = stack[-1].block
        raise UnreadableCalendar(f"it is cut off: BEGIN:{cut_off.name} in line {cut_off.line_no} has no END")
    if not calendars:
        raise UnreadableCalendar("it is no calendar: there is no BEGIN:VCALENDAR in it")
    if outside:
        remarks.append(f"{outside} lines outside BEGIN:VCALENDAR were left out")
    return calendars, remarks


def _begin(name: str, line_no: int, stack: list[_Open]) -> _Open:
    if name == "VCALENDAR":
        return _Open(Block(name, line_no), CalendarText({}, [], []))
    return _Open(Block(name, line_no), stack[-1].calendar if stack else None)


def _end(name: str, line_no: int, stack: list[_Open], calendars: list[CalendarText]) -> None:
    if not stack or stack[-1].block.name != name:
        opened = f"BEGIN:{stack[-1].block.name} of line {stack[-1].block.line_no}" if stack else "nothing"
        raise UnreadableCalendar(f"it is damaged: END:{name:.40} in line {line_no} closes {opened}")
    closed = stack.pop()
    block, calendar = closed.block, closed.calendar
    if name == "VEVENT" and calendar is None:
        raise UnreadableCalendar("it is no calendar: its events are outside BEGIN:VCALENDAR")
    if calendar is None:
        return
    if name == "VCALENDAR":
        calendar.properties.update(_properties(block.lines))
        calendars.append(calendar)
    elif name == "VEVENT":
        calendar.events.append(block)
    elif name == "VTIMEZONE":
        calendar.zones.append(block)
    elif stack and stack[-1].block.name == "VTIMEZONE":
        stack[-1].block.lines.extend([f"BEGIN:{name}", *block.lines, f"END:{name}"])


def _properties(lines: list[str]) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines)
    return {name.split(";")[0].strip().upper(): value.strip() for name, _, value in pairs}


def _decode(data: bytes) -> tuple[str, list[str]]:
    if not data.strip():
        raise UnreadableCalendar("it is empty")
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    remarks = []
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        # Old Windows programs write their own code page and do not say so. Latin-1 would always succeed too,
        # but turns the curly quotes of that code page into control characters.
        text = data.decode("cp1252", "replace")
        remarks.append("it is not UTF-8; its text was read as Windows-1252")
    if "\0" in text:
        raise UnreadableCalendar("it is no calendar: it holds binary data")
    return text, remarks


def _unfold(text: str) -> Iterator[tuple[int, str]]:
    """Each content line with the number of its first line in the file.

    White space at the end is dropped: the parser refuses times that have some.
    """
    first_no, parts = 0, [""]
    for line_no, line in enumerate(_LINE_END.split(text) if "\n" in text else text.split("\r"), 1):
        if line[:1] in (" ", "\t") and first_no:
            parts.append(line[1:])
        elif line:
            if first_no:
                yield first_no, "".join(parts).rstrip(" \t")
            first_no, parts = line_no, [line]
    if first_no:
        yield first_no, "".join(parts).rstrip(" \t")
