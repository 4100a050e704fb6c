"""`python -m collectors.notes FOLDER...`: notes as records, what is mine to do as priorities, and who owes
whom what as commitments."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from zoneinfo import ZoneInfo

from collectors import arguments as kinds
from collectors.notes.vault import SECTIONS, Folder, Vault
from collectors.program import Job, UsageError, source_name
from collectors.program import main as run_program


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs it; the exit status."""
    about = (
        "Reads the notes and minutes (.md, .markdown, .txt) in folders onto the board: each as a record,"
        " and the action items in them (tasks `- [ ] ...`, `AI(Bob): ...`, lists and tables below `Action"
        " items`, promises like `I owe Ana the draft`) as priorities and commitments."
    )
    return run_program("collectors.notes", about, _add_arguments, _job, arguments)


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="a folder of notes")
    about = "leave out notes and folders with this name or path, with * and ?, such as Templates or drafts/*"
    parser.add_argument("--exclude", action="append", default=[], metavar="PATTERN", help=about)
    kinds.add_me(parser, "their own action items become priorities, those of others are owed to them")
    kinds.add_zone(parser)


def _job(given: Namespace) -> Job:
    folders = _folders(given.folders)
    if given.source is None and len(folders) > 1:
        raise UsageError("give several folders one name together, with --source")
    return Job(
        source=source_name("notes", folders[0].path.resolve().name),
        collect=Vault(folders, ZoneInfo(given.tz), given.exclude, given.me).collect,
        sections=SECTIONS,
        watch=tuple(folder.path for folder in folders),
        from_texts=True,
    )


def _folders(given: Sequence[Path]) -> list[Folder]:
    found = [(path, path.resolve()) for path in given]
    for (one, whole), (other, whole_other) in combinations(found, 2):
        if whole.is_relative_to(whole_other) or whole_other.is_relative_to(whole):
            raise UsageError(f"{one} and {other} hold the same notes: give one of them")
        if whole.name == whole_other.name:
            raise UsageError(
                f"{one} and {other} have the same name: run them separately, each with its own --source"
            )
    return [Folder(path, f"{whole.name}/" if len(found) > 1 else "") for path, whole in found]


if __name__ == "__main__":
    sys.exit(main())
