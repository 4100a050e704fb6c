"""`python -m collectors.notes FOLDER...`: notes as records, their open tasks as priorities, and who owes
whom what as commitments."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import combinations
from pathlib import Path
from zoneinfo import ZoneInfo

from collectors import arguments as kinds
from collectors.folders import Unreadable, called, place, read_text, walk
from collectors.notes.note import SUFFIXES, read_note
from collectors.program import Job, UsageError, source_name
from collectors.program import main as run_program
from collectors.texts import shown
from collectors.types import Ask, Finding, Found, Item, Kind, Mode, NoneLeft, Progress
from models.commitments import GivenCommitment
from models.priorities import GivenPriority

NOTE_MAX_BYTES = 10 << 20
SECTIONS = ("priorities", "commitments")


@dataclass(frozen=True)
class Folder:
    """`label` goes before the names of its files, where several folders are read."""

    path: Path
    label: str = ""

    def name_of(self, path: Path) -> str:
        return self.label + place(path, self.path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs it; the exit status."""
    about = (
        "Brings the notes (.md, .markdown, .txt) of folders to the board: each note as a record, open tasks"
        " `- [ ] ...` as priorities, and lines like `I owe @ana: the draft by Friday` or `@bo owes me the"
        " numbers` as commitments."
    )
    return run_program("collectors.notes", about, _add_arguments, _job, arguments)


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="a folder of notes")
    zone = "whose clock counts for times without a zone, such as Europe/Berlin (%(default)s)"
    parser.add_argument("--tz", type=kinds.zone, default="UTC", metavar="ZONE", help=zone)


def _job(given: Namespace) -> Job:
    folders = _folders(given.folders)
    if given.source is None and len(folders) > 1:
        raise UsageError("say with --source what several folders are called together")
    zone = ZoneInfo(given.tz)
    return Job(
        source=source_name("notes", folders[0].path.resolve().name),
        collect=lambda ask: collect(folders, zone, ask),
        sections=SECTIONS,
        watch=tuple(folder.path for folder in folders),
    )


def _folders(given: Sequence[Path]) -> list[Folder]:
    found = [(path, path.resolve()) for path in given]
    for (one, whole), (other, whole_other) in combinations(found, 2):
        if whole.is_relative_to(whole_other) or whole_other.is_relative_to(whole):
            raise UsageError(f"{one} and {other} hold the same notes: give one of them")
        if whole.name == whole_other.name:
            raise UsageError(f"{one} and {other} have one name: run them by themselves, with --source")
    return [Folder(path, f"{whole.name}/" if len(found) > 1 else "") for path, whole in found]


def collect(folders: Sequence[Folder], zone: tzinfo, ask: Ask) -> Iterator[Found]:
    """All that the notes tell; a quick run passes over those that were not changed since."""
    whole, told, read = True, set[str](), 0
    paths: list[tuple[Folder, Path]] = []
    for folder in folders:
        for one in _listed(folder):
            if isinstance(one, Path):
                paths.append((folder, one))
            else:
                whole = whole and one.kind is not Kind.SKIPPED
                yield one
    for number, (folder, path) in enumerate(paths):
        file = folder.name_of(path)
        yield Progress(number, len(paths), file)
        try:
            found = _read(path, file, zone, ask)
        except Unreadable as error:
            whole = whole and error.kind is not Kind.SKIPPED
            yield error.finding(file)
            continue
        read += 1
        told |= {section for one in found if (section := _section(one))}
        yield from found
    yield Progress(len(paths), len(paths))
    if read and whole:
        yield from (NoneLeft(section) for section in SECTIONS if section not in told)
    elif not paths and whole:
        kinds_read = ", ".join(SUFFIXES)
        names = ", ".join(called(folder.path) for folder in folders)
        yield Finding(Kind.LEFT_OUT, names, f"there is no note in it ({kinds_read})")


def _listed(folder: Folder) -> Iterator[Path | Finding]:
    try:
        for one in walk(folder.path, SUFFIXES):
            yield one if isinstance(one, Path) else Finding(one.kind, folder.label + one.where, one.why)
    except Unreadable as error:
        yield error.finding(called(folder.path))


def _read(path: Path, file: str, zone: tzinfo, ask: Ask) -> list[Item | Finding]:
    """Errors: Unreadable."""
    try:
        status = path.stat()
        saved_s = status.st_mtime
        # What is copied or moved here keeps the time at which it was saved.
        changed_s = max(saved_s, status.st_ctime)
        if ask.mode is Mode.QUICK and ask.since is not None and changed_s < ask.since.timestamp():
            return []
        text, remark = read_text(path, NOTE_MAX_BYTES)
        found = list(read_note(file, text, saved_s, zone, datetime.now(UTC)))
    except FileNotFoundError:
        raise Unreadable("it is not there any more") from None
    except (OSError, ValueError, LookupError, RecursionError) as error:
        raise Unreadable(f"it cannot be read ({shown(str(error))})") from error
    return [Finding(remark.kind, file, remark.why), *found] if remark else found


def _section(one: Item | Finding) -> str:
    match one:
        case GivenPriority():
            return "priorities"
        case GivenCommitment():
            return "commitments"
        case _:
            return ""


if __name__ == "__main__":
    sys.exit(main())
