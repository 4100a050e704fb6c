"""What a run of the iCalendar collector did, for people and for the shell."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from collectors.calendar_item import Item
from collectors.findings import Finding, Kind, shown

_COUNTS = ("added", "changed", "unchanged", "removed")


@dataclass(frozen=True)
class Report:
    """One run: what was read, what could not be, and what the server made of it (None: not pushed)."""

    source: str
    window: str
    calendars: int
    events: int
    cancelled: int
    items: list[Item]
    unreadable: list[str] = field(default_factory=list)
    findings: list[tuple[str, Finding]] = field(default_factory=list)
    ack: dict[str, Any] | None = None
    not_pushed: str = ""
    complete: bool = True

    @property
    def exit_status(self) -> int:
        lost = any(finding.kind is not Kind.NOTE for _, finding in self.findings)
        return 1 if self.ack is None or self.unreadable or lost or self.rejected else 0

    @property
    def rejected(self) -> list[dict[str, Any]]:
        rejected = (self.ack or {}).get("rejected")
        return [one for one in rejected if isinstance(one, dict)] if isinstance(rejected, list) else []

    @property
    def summary(self) -> str:
        """One line for the board's head."""
        if self.ack is None:
            return f"{self.source}: {self.not_pushed}"
        missing = sum(finding.kind is Kind.SKIPPED for _, finding in self.findings) + len(self.rejected)
        return f"{self.source}: {count(len(self.items), 'event')}" + (
            f", {missing} could not be taken" if missing else ""
        )

    def lines(self) -> Iterator[str]:
        """The report, aligned; each fault on a line of its own."""
        for label, text in self._rows():
            yield f"{label:<11} {text}"

    def _rows(self) -> Iterator[tuple[str, str]]:
        yield "source", self.source
        yield "window", self.window
        cancelled = f", {self.cancelled} cancelled" if self.cancelled else ""
        yield (
            "read",
            (
                f"{count(self.calendars, 'calendar')} with {count(self.events, 'event')}: "
                f"{count(len(self.items), 'occurrence')}{cancelled}"
            ),
        )
        if self.ack is None:
            yield "board", f"not changed: {self.not_pushed}"
        else:
            counts = [f"{self.ack.get(name, 0)} {name}" for name in _COUNTS]
            yield "board", ", ".join([*counts, f"{len(self.rejected)} rejected"])
        if self.ack is not None and not self.complete:
            yield "", "nothing was removed, since not all events could be read"
        for fault in self.unreadable:
            yield "unreadable", fault
        for kind in Kind:
            yield from ((kind, _place(name, one)) for name, one in self.findings if one.kind is kind)
        for one in self.rejected:
            yield "rejected", self._rejection(one)

    def _rejection(self, one: dict[str, Any]) -> str:
        index: Any = one.get("index")
        known = isinstance(index, int) and 0 <= index < len(self.items)
        title = shown(self.items[index]["title"]) if known else ""
        return shown(f"{one.get('id')} {title}: {one.get('path')}: {one.get('message')}")


def _place(name: str, finding: Finding) -> str:
    return f"{': '.join(filter(None, (name, finding.event)))}: {finding.why}"


def count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
