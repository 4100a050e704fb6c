"""The time zones of a calendar: those that it defines, and those that it only names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import cast
from zoneinfo import ZoneInfo

from icalendar import Timezone

from collectors import zone_names
from collectors.ics.text import Block
from collectors.texts import counted, shown

_LONG_AGO = re.compile(r"^(DTSTART[^:\r\n]*:)1(?:[0-8]\d\d|9[0-6]\d)", re.MULTILINE | re.IGNORECASE)


class Zones:
    """The time zones that one calendar speaks of.

    `blocks` are its VTIMEZONEs. What a name was taken for, where that is a guess, is remembered for the
    report.
    """

    def __init__(self, blocks: Sequence[Block] = ()) -> None:
        self._blocks = {_plain(block.value("TZID")): block for block in blocks}
        self._faults: list[str] = []
        self._found: dict[str, tzinfo | None] = {}
        self._guessed: dict[str, str] = {}
        self._unknown: Counter[str] = Counter()

    def find(self, name: str) -> tzinfo | None:
        """The zone of that name; None for one that nobody knows."""
        if name not in self._found:
            self._found[name] = self._find(name)
        if self._found[name] is None:
            self._unknown[name] += 1
        return self._found[name]

    def remarks(self) -> Iterator[str]:
        """What to say of them, once all are found."""
        yield from self._faults
        for name, taken in self._guessed.items():
            yield f"its time zone {shown(name)} is not defined in it, and is read as {taken}"
        for name, count in self._unknown.items():
            times = f"{counted(count, 'time')} in it {'is' if count == 1 else 'are'}"
            yield f"its time zone {shown(name)} is unknown; {times} read without one"

    def _defined(self, name: str) -> tzinfo | None:
        """The zone as the calendar defines it."""
        block = self._blocks.get(name)
        if block is None:
            return None
        try:
            # Outlook's begin in 1601, and the library goes through all years since for every time.
            text = _LONG_AGO.sub(r"\g<1>1972", block.text())
            found: tzinfo = cast("Timezone", Timezone.from_ical(text)).to_tz(lookup_tzid=False)
            datetime(2026, 1, 1, tzinfo=found).utcoffset()
        except Exception as error:  # noqa: BLE001 - the parsers raise anything for what they cannot use
            detail = shown(str(error)) or "nothing more is known"
            self._faults.append(
                f"its time zone {shown(name)} (line {block.line_no}) cannot be read: {detail}"
            )
            return None
        return found

    def _find(self, name: str) -> tzinfo | None:
        plain = _plain(name)
        # IANA's own rules go before a calendar's copy of them, which often begins or ends too soon.
        known = zone_names.iana(plain) or self._defined(plain) or zone_names.listed(plain)
        if known is not None:
            return known
        stated = zone_names.stated(name)
        if isinstance(stated, ZoneInfo):
            self._guessed[name] = stated.key
        elif stated is not None and any(
            mark.isalpha() for mark in name.upper().replace("UTC", "").replace("GMT", "")
        ):
            self._guessed[name] = f"{stated} all year"
        return stated


def _plain(name: str) -> str:
    return name.strip(" \t\"'/")
