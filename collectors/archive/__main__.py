"""`python -m collectors.archive DIR`: the old system's daily archives, as records and events."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from collectors import arguments as kinds
from collectors.actions.mine import Me
from collectors.actions.recent import Actions
from collectors.archive.event import CALENDAR, Window
from collectors.archive.reading import read_archive
from collectors.program import Job, source_name
from collectors.program import main as run_program
from collectors.types import Ask, Found

DAYS_MAX = 3_660  # ten years


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs it; the exit status."""
    about = "Reads the old system's archives, DIR/<source>/<YYYY-MM-DD>/*.jsonl(.gz), as records and events."
    return run_program("collectors.archive", about, _add_arguments, _job, arguments)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("folder", type=Path, metavar="DIR", help="the folder of the archives")
    add("--days-back", type=_days, default=7, metavar="DAYS", help="how far back events count (%(default)s)")
    add("--days-ahead", type=_days, default=60, metavar="DAYS", help="and how far ahead (%(default)s)")
    kinds.add_me(
        parser, "what others ask of this person is for them to do, what others promise is owed to them"
    )
    kinds.add_actions(parser)
    kinds.add_zone(parser)


def _job(given: argparse.Namespace) -> Job:
    folder: Path = given.folder
    return Job(
        source=source_name("archive", folder.resolve().name),
        collect=partial(_collect, folder, given),
        # Without a calendar in it, an archive has nothing to say about which events are to go.
        sections=("people", "proposals", *(("calendar",) if _has_calendar(folder) else ())),
        watch=(folder,),
        from_texts=True,
    )


def _collect(folder: Path, given: argparse.Namespace, ask: Ask) -> Iterator[Found]:
    window = Window.around(datetime.now(UTC).date(), given.days_back, given.days_ahead)
    actions = Actions(Me((*given.me, *ask.me)), given.actions)
    return read_archive(folder, ask, window, ZoneInfo(given.tz), actions)


def _has_calendar(folder: Path) -> bool:
    try:
        return any(entry.name.lower() == CALENDAR for entry in folder.iterdir())
    except OSError:
        return False  # the run says what is wrong


def _days(text: str) -> int:
    return int(kinds.number(text, 0, DAYS_MAX, "days"))


if __name__ == "__main__":
    sys.exit(main())
