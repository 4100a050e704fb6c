"""Where mail lies: mbox files, Maildirs, and folders that hold some. Links are not followed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from collectors.folders import Unreadable, called, open_regular, place
from collectors.mail.mbox import LETTER_MAX_BYTES, Letter, letters, plain_line_ends
from collectors.types import Finding, Kind

_SUFFIXES = (".mbox", ".mbx")
_READ = ("cur", "new")  # in `tmp` is what is still on its way
_FLAGS = re.compile(r"[:!;]2,([A-Za-z]*)$")  # `:` is no name on every file system
_A_LINK = "it is a link, and links are not followed"


@dataclass(frozen=True)
class Place:
    """One folder of mail: an mbox file, or a Maildir; `name` is what it is called on the board."""

    path: Path
    name: str
    size_bytes: int
    is_maildir: bool = False

    def letters(self) -> Iterator[Letter | Finding]:
        """Its messages, and what could not be read. Errors: Unreadable, OSError."""
        if self.is_maildir:
            for part in _READ:
                yield from _files(self.path / part, f"{self.name}/{part}")
        else:
            with open_regular(self.path) as file:
                yield from letters(file)


def places(given: Path) -> Iterator[Place | Finding]:
    """The mail at the given path, by name."""
    top = Path(os.path.abspath(given))  # a name also for `.`
    try:
        if not top.is_dir():
            with open_regular(top) as file:
                yield Place(top, place(top, top.parent), os.fstat(file.fileno()).st_size)
            return
    except (OSError, ValueError, Unreadable) as error:
        yield _skipped(error, called(given))
        return
    none = True
    for one in _below(top):
        none = none and isinstance(one, Finding)
        yield one
    if none:
        why = "there is no mbox (a file that begins with `From `) and no Maildir in it"
        yield Finding(Kind.SKIPPED, called(given), why)


def _below(top: Path) -> Iterator[Place | Finding]:
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        name = place(folder, top.parent)
        try:
            entries = _entries(folder)
            is_maildir = {*_READ} <= {entry.name for entry in entries if entry.is_dir(follow_symlinks=False)}
            if is_maildir:
                yield Place(folder, name, sum(_size(folder / part) for part in _READ), True)
                entries = [entry for entry in entries if entry.name not in ("cur", "new", "tmp")]
            else:
                # The parts of a Maildir are hidden (`.Sent`), elsewhere what is hidden is no mail.
                entries = [entry for entry in entries if not entry.name.startswith(".")]
                yield from _mboxes(entries, name)
        except OSError as error:
            yield _skipped(error, name)
            continue
        for entry in entries:
            if entry.is_symlink() and Path(entry).is_dir():
                yield Finding(Kind.LEFT_OUT, f"{name}/{_shown(entry.name)}", _A_LINK)
        inner = [Path(entry) for entry in entries if entry.is_dir(follow_symlinks=False)]
        waiting += reversed(inner)


def _mboxes(entries: list[os.DirEntry[str]], name: str) -> Iterator[Place | Finding]:
    for entry in entries:
        path, shown = Path(entry), f"{name}/{_shown(entry.name)}"
        named = path.suffix.lower() in _SUFFIXES
        if path.is_dir() or not (named or not path.suffix):
            continue
        if entry.is_symlink():
            yield Finding(Kind.LEFT_OUT, shown, _A_LINK)
            continue
        try:
            with open_regular(path) as file:
                if named or file.read(5) == b"From ":
                    yield Place(path, shown, os.fstat(file.fileno()).st_size)
        except (OSError, Unreadable) as error:
            yield _skipped(error, shown)


def _files(folder: Path, name: str) -> Iterator[Letter | Finding]:
    """The messages of one part of a Maildir, each a file."""
    for entry in _entries(folder):
        if entry.name.startswith(".") or entry.is_dir(follow_symlinks=False):
            continue
        where = f"{name}/{_shown(entry.name)}"
        if entry.is_symlink():
            yield Finding(Kind.LEFT_OUT, where, _A_LINK)
            continue
        try:
            with open_regular(Path(entry)) as file:
                status = os.fstat(file.fileno())
                data = file.read(LETTER_MAX_BYTES)
        except (OSError, Unreadable) as error:
            yield _skipped(error, where)
            continue
        flags = _FLAGS.search(entry.name)
        yield Letter(
            plain_line_ends(data),
            where,
            status.st_size,
            datetime.fromtimestamp(status.st_mtime, UTC),
            "the file",
            flags[1] if flags else "",
            cut=status.st_size > LETTER_MAX_BYTES,
        )


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _size(folder: Path) -> int:
    with os.scandir(folder) as entries:
        return sum(entry.stat(follow_symlinks=False).st_size for entry in entries)


def _shown(name: str) -> str:
    return place(Path(name), Path())


def _skipped(error: Exception, where: str) -> Finding:
    if isinstance(error, Unreadable):
        return error.finding(where)
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return Finding(Kind.SKIPPED, where, f"it cannot be read ({words.lower()})")
