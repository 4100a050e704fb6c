"""The answers to `status` and `help`: aligned, and within 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from terminal.clock import Clock
from terminal.dates import age, moment
from terminal.plain_text import columns, plain
from terminal.styled import Line

Json = dict[str, Any]

_WIDTH = 80
_LABEL = 12
"""Columns of what a line of the status is about; a long name of a source moves the text of its own line."""
_USAGE = 31
"""Columns of how a command is typed; what is longer stands on a line of its own."""
_FAULTS_MAX = 10
_WORST = ("error", "offline", "stale")
_STYLES = {"stale": "class:warn"}


def status_lines(found: Json, times: Clock) -> Iterator[Line]:
    """The worst first: what failed, sources that are not up to date, what goes on, and how much there is."""
    system = found.get("system") or {}
    state, said = plain(system.get("status")).lower(), plain(system.get("message"))
    faults = sorted(found.get("faults") or [], key=_badness)
    if state == "error" and not _is_of_sources(said, faults[:_FAULTS_MAX]):
        yield from _told("Error", said, "class:bad")
    for one in faults[:_FAULTS_MAX]:
        yield from _told(
            plain(one.get("id")), _fault(one, times), _STYLES.get(one.get("status"), "class:bad")
        )
    if len(faults) > _FAULTS_MAX:
        yield from _told(
            "", f"and {len(faults) - _FAULTS_MAX} more sources that are not up to date", "class:warn"
        )
    sources = found.get("sources_online")
    if isinstance(sources, int):
        yield from _told("Sources", f"{sources} up to date" if sources or faults else "none yet", "")
    yield from _told("System", _running(system, times), "")
    counts = found.get("counts") or {}
    yield from _told("Board", ", ".join(f"{plain(name)} {number}" for name, number in counts.items()), "")


def _running(system: Json, times: Clock) -> str:
    """`collecting 40%, last sync 3 min ago: Collecting from ics:work`."""
    state, said = plain(system.get("status")).lower(), plain(system.get("message"))
    busy = state in ("collecting", "processing") and isinstance(system.get("progress"), int)
    done = f" {system['progress']}%" if busy else ""
    synced = moment(system.get("last_sync"))
    ago = f", last sync {age(synced, times.now())}" if synced else ""
    return f"{state}{done}{ago}" + (f": {said}" if said and state != "error" else "")


def _is_of_sources(said: str, faults: Iterable[Json]) -> bool:
    """Whether the system's error is only what the lines of the sources say, too."""
    for fault in faults:
        said = said.replace(f"{plain(fault.get('id'))}: {plain(fault.get('message'))}", "")
    return not said.strip("; ")


def _badness(fault: Json) -> tuple[int, str]:
    status = fault.get("status")
    return (_WORST.index(status) if status in _WORST else len(_WORST), str(fault.get("id")))


def _fault(fault: Json, times: Clock) -> str:
    said, pushed = plain(fault.get("message")), moment(fault.get("last_push_at"))
    last = f"last push {age(pushed, times.now())}" if pushed else "it never pushed"
    return f"{plain(fault.get('status'))}, {last}" + (f": {said}" if said else "")


def help_lines(commands: Iterable[Json]) -> Iterator[Line]:
    """How each command is typed, and beside it what it does."""
    for command in commands:
        usage, also = plain(command.get("usage")), command.get("also")
        others = f" ({', '.join(map(plain, also))})" if isinstance(also, list) and also else ""
        texts = textwrap.wrap(plain(command.get("help")) + others, _WIDTH - _USAGE - 3)
        lead: Line = [("", "  "), ("class:code", usage)]
        if columns(usage) > _USAGE - 1:
            yield lead
            lead = [("", "  ")]
        for text in texts or [""]:
            filled = sum(columns(part) for _, part in lead)
            yield [*lead, ("", " " * (_USAGE + 2 - filled)), ("", text)]
            lead = []


def _told(label: str, text: str, style: str) -> Iterator[Line]:
    """The label, and the text beside it, wrapped under itself."""
    first, *more = textwrap.wrap(text, _WIDTH - _LABEL - 4) or [""]
    yield [("", "  "), (style or "class:dim", label + " " * max(1, _LABEL - columns(label))), (style, first)]
    yield from ([("", " " * (_LABEL + 2)), (style, one)] for one in more)
