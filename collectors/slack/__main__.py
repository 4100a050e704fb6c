"""`python -m collectors.slack EXPORT`: the messages of a Slack export, as records."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from collectors import arguments as kinds
from collectors.actions.mine import Me
from collectors.actions.recent import Actions
from collectors.program import Job, source_name
from collectors.program import main as run_program
from collectors.slack.reading import Wanted, read_export
from collectors.types import Ask, Found

_EXPORT_OF = re.compile(r"[\s_-]+slack[\s_-]+export\b.*", re.IGNORECASE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs it; the exit status."""
    about = (
        "Reads the messages of a Slack export (its zip, or the folder that it unpacks to) as records."
        " Marked action items become priorities or commitments, requests and promises are"
        " proposed, and the board learns who is who."
    )
    return run_program("collectors.slack", about, _add_arguments, _job, arguments)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("export", type=Path, metavar="EXPORT", help="the zip or the folder")
    channels = "only these, by name or id, separated by commas"
    parser.add_argument("--channels", type=_channels, default=frozenset(), metavar="A,B", help=channels)
    since = "only messages of this day (UTC) and later"
    parser.add_argument("--since", type=_day, metavar="YYYY-MM-DD", help=since)
    kinds.add_me(
        parser, "what others ask of this person is for them to do, what others promise is owed to them"
    )
    kinds.add_actions(parser)
    kinds.add_zone(parser)


def _job(given: argparse.Namespace) -> Job:
    export: Path = given.export
    wanted = Wanted(given.channels, given.since)

    def collect(ask: Ask) -> Iterator[Found]:
        return read_export(
            export, ask, wanted, Actions(Me((*given.me, *ask.me)), given.actions, ZoneInfo(given.tz))
        )

    name = export.resolve().name.removesuffix(".zip")
    # Slack names the zip after the days that are in it: the next one is of the same workspace.
    workspace = _EXPORT_OF.sub("", name) or name
    sections = ("people", "proposals")
    return Job(
        source=source_name("slack", workspace),
        collect=collect,
        sections=sections,
        watch=(export,),
        from_texts=True,
    )


def _channels(text: str) -> frozenset[str]:
    names = frozenset(name.strip().removeprefix("#") for name in text.split(","))
    if "" in names:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of channels such as general,random")
    return names


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2024-05-31") from None


if __name__ == "__main__":
    sys.exit(main())
