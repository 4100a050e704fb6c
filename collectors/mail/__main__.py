"""`python -m collectors.mail PATH...`: the messages of mbox files and Maildirs, as records."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from collectors import arguments as kinds
from collectors.actions.mine import Me
from collectors.actions.recent import Actions
from collectors.mail.reading import read_mail
from collectors.program import Job, source_name
from collectors.program import main as run_program
from collectors.types import Ask, Found

# Only these say what a file is; another dot is part of a mailbox's name, such as J.Smith.
_SUFFIX = re.compile(r"\.(?:mbox|mbx|eml|emlx|sbd)$", re.IGNORECASE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs it; the exit status."""
    about = (
        "Reads the mail in mbox files, Maildirs and .eml files as records: its text, not what is attached."
        " Marked action items become priorities or commitments, requests and promises are"
        " proposed, and its people become known to the board."
    )
    return run_program("collectors.mail", about, _add_arguments, _job, arguments)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    about = "an mbox file, a Maildir, an .eml file, or a folder of them"
    parser.add_argument("paths", type=Path, nargs="+", metavar="PATH", help=about)
    about = "include deleted mail, the bin, and spam"
    parser.add_argument("--deleted", action="store_true", help=about)
    kinds.add_me(
        parser, "what others ask of this person is for them to do, what others promise is owed to them"
    )
    kinds.add_actions(parser)


def _job(given: argparse.Namespace) -> Job:
    paths: list[Path] = given.paths

    def collect(ask: Ask) -> Iterator[Found]:
        actions = Actions(Me((*given.me, *ask.me)), given.actions)
        return read_mail(paths, ask, actions, deleted=given.deleted)

    name = _SUFFIX.sub("", paths[0].resolve().name)
    sections = ("people", "proposals")
    return Job(
        source=source_name("mail", name),
        collect=collect,
        sections=sections,
        watch=tuple(paths),
        from_texts=True,
    )


if __name__ == "__main__":
    sys.exit(main())
