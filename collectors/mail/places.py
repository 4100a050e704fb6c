"""Where mail lies: mbox files, Maildirs, files of one message, and folders that hold some.

What a file is, its beginning says and not its name: a mailbox may be called `J.Smith`. Links are not
followed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from collectors.accounts import Account
from collectors.folders import Unreadable, called, open_regular, place
from collectors.mail.encoded import folder_name
from collectors.mail.mbox import LETTER_MAX_BYTES, Letter, cut_at, letters, plain_line_ends
from collectors.mail.sniff import HEAD_BYTES, Form, foreign, form_of
from collectors.remarks import Remarks
from collectors.types import Finding, Kind

_READ = ("cur", "new")
_IN_MAILDIR = (*_READ, "tmp")
_FLAGS = re.compile(r"[:!;]2,([A-Za-z]*)$")  # `:` is no name on every file system
_LENGTH = re.compile(rb"\s*(\d{1,12})\s*\n")
_EMLX_FLAGS = re.compile(rb"<key>flags</key>\s*<integer>(\d{1,18})</integer>")
_EMLX_DELETED = 0x2  # a bit of Apple Mail's flags
_A_LINK = "it is a link, and links are not followed"
_NOT_MAIL, _HIDDEN, _ON_ITS_WAY = "not mail", "hidden", "still on their way (tmp)"


@dataclass(frozen=True)
class Place:
    """One folder of mail: an mbox file, or a folder with files of one message each (a Maildir is one), which
    are named by `messages`; `name` is what it is called on the board."""

    path: Path
    name: str
    size_bytes: int
    messages: tuple[str, ...] | None = None

    def letters(self, files: Account) -> Iterator[Letter | Finding]:
        """Its messages, and what could not be read; books the files. Errors: Unreadable, OSError."""
        if self.messages is not None:
            for message in self.messages:
                where = "/".join((self.name, *map(_shown, message.split("/"))))
                yield _message(self.path / message, where, files)
            return
        with open_regular(self.path) as file:
            came_at = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
            yield from letters(file, came_at)
        files.take()


@dataclass
class Search:
    """Looks for mail at paths; `files` accounts for all files that lie there, and `remarks` name those that
    are no mail."""

    files: Account

    def places(self, given: Path) -> Iterator[Place | Finding]:
        """The mail at the given path, by name."""
        top = Path(os.path.abspath(given))  # a name also for `.`
        if top.is_dir():
            yield from self._in_folder(top, called(given))
            return
        self.files.see()
        try:
            found = _sniffed(top)
        except (OSError, ValueError, Unreadable) as error:
            yield self._skipped(error, called(given))
            return
        if found is None:
            self.files.leave(Kind.SKIPPED)
            why = (
                foreign(top.name)
                or "it is not mail: neither an mbox (which begins with `From `) nor a message"
            )
            yield Finding(Kind.SKIPPED, called(given), why)
            return
        form, size_bytes = found
        if form is Form.MBOX:
            yield Place(top, _shown(top.name), size_bytes)
        else:
            yield Place(top.parent, _shown(top.parent.name), size_bytes, (top.name,))

    def _in_folder(self, top: Path, given: str) -> Iterator[Place | Finding]:
        others = Remarks(_shown(top.name))
        none = True
        for one in self._below(top, others):
            none = none and isinstance(one, Finding)
            yield one
        yield from others.findings()
        if none:
            why = "there is no mail in it: no mbox (a file that begins with `From `), Maildir or .eml file"
            yield Finding(Kind.SKIPPED, given, why)

    def _below(self, top: Path, others: Remarks) -> Iterator[Place | Finding]:
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            name = _name(folder, top)
            try:
                entries = _entries(folder)
                is_maildir = _is_maildir(entries)
                if is_maildir:
                    yield from self._maildir(folder, name)
                    entries = [entry for entry in entries if entry.name not in _IN_MAILDIR]
                yield from self._files(entries, folder, name, others)
            except OSError as error:
                yield self._skipped(error, name)
                continue
            inner = []
            for entry in entries:
                if entry.is_symlink() and Path(entry).is_dir():
                    yield Finding(Kind.LEFT_OUT, f"{name}/{_shown(entry.name)}", _A_LINK)
                elif entry.is_dir(follow_symlinks=False) and self._is_looked_into(entry, is_maildir):
                    inner.append(Path(entry))
            waiting += reversed(inner)

    def _is_looked_into(self, entry: os.DirEntry[str], in_maildir: bool) -> bool:
        """The parts of a Maildir are hidden (`.Sent`); elsewhere what is hidden is no mail, unless it is
        one."""
        if in_maildir or not entry.name.startswith("."):
            return True
        try:
            return _is_maildir(_entries(Path(entry)))
        except OSError:
            return False

    def _maildir(self, folder: Path, name: str) -> Iterator[Place | Finding]:
        messages, size_bytes = [], 0
        for part in _IN_MAILDIR:
            for entry in _entries(folder / part) if (folder / part).is_dir() else ():
                where = f"{name}/{part}/{_shown(entry.name)}"
                if entry.is_dir(follow_symlinks=False):
                    yield Finding(Kind.LEFT_OUT, where, "it is a folder among the messages of a Maildir")
                    continue
                self.files.see()
                if entry.is_symlink():
                    self.files.leave(Kind.LEFT_OUT)
                    yield Finding(Kind.LEFT_OUT, where, _A_LINK)
                elif part not in _READ or entry.name.startswith("."):
                    self.files.leave(_HIDDEN if part in _READ else _ON_ITS_WAY)
                else:
                    size_bytes += entry.stat(follow_symlinks=False).st_size
                    messages.append(f"{part}/{entry.name}")
        yield Place(folder, name, size_bytes, tuple(messages))

    def _files(
        self, entries: list[os.DirEntry[str]], folder: Path, name: str, others: Remarks
    ) -> Iterator[Place | Finding]:
        messages, size_bytes = [], 0
        for entry in entries:
            path, where = Path(entry), f"{name}/{_shown(entry.name)}"
            if entry.is_dir(follow_symlinks=False) or (entry.is_symlink() and path.is_dir()):
                continue
            self.files.see()
            if entry.name.startswith("."):
                self.files.leave(_HIDDEN)
                continue
            if entry.is_symlink():
                self.files.leave(Kind.LEFT_OUT)
                yield Finding(Kind.LEFT_OUT, where, _A_LINK)
                continue
            try:
                found = _sniffed(path)
            except (OSError, Unreadable) as error:
                yield self._skipped(error, where)
                continue
            if found is None:
                yield from self._not_mail(entry.name, where, others)
            elif found[0] is Form.MBOX:
                yield Place(path, where, found[1])
            else:
                messages.append(entry.name)
                size_bytes += found[1]
        if messages:
            yield Place(folder, name, size_bytes, tuple(messages))

    def _not_mail(self, name: str, where: str, others: Remarks) -> Iterator[Finding]:
        if why := foreign(name):
            self.files.leave(Kind.LEFT_OUT)
            yield Finding(Kind.LEFT_OUT, where, why)
            return
        self.files.leave(_NOT_MAIL)
        others.add(Kind.NOTE, where.partition("/")[2], "it is not mail, so it is skipped")

    def _skipped(self, error: Exception, where: str) -> Finding:
        finding = _unreadable(error, where)
        self.files.leave(finding.kind)
        return finding


def _message(path: Path, where: str, files: Account) -> Letter | Finding:
    """The message in a file of its own."""
    try:
        with open_regular(path) as file:
            status = os.fstat(file.fileno())
            data = file.read(LETTER_MAX_BYTES)
    except (OSError, Unreadable) as error:
        finding = _unreadable(error, where)
        files.leave(finding.kind)
        return finding
    files.take()
    flags = _FLAGS.search(path.name)
    marks = flags[1] if flags else "T" if path.name.startswith(",") else ""  # so MH marks what is deleted
    if path.suffix.lower() == ".emlx" and (length := _LENGTH.match(data)):
        end = length.end() + int(length[1])
        known = _EMLX_FLAGS.search(data, end)
        marks = "T" if known and int(known[1]) & _EMLX_DELETED else marks
        data = data[length.end() : end]
    return Letter(
        plain_line_ends(data),
        where,
        status.st_size,
        datetime.fromtimestamp(status.st_mtime, UTC),
        "the file",
        marks,
        cut_at=cut_at(status.st_size),
    )


def _sniffed(path: Path) -> tuple[Form, int] | None:
    """What the file is, and its size; None for no mail. Errors: OSError, Unreadable."""
    with open_regular(path) as file:
        form = form_of(path.name, file.read(HEAD_BYTES))
        return (form, os.fstat(file.fileno()).st_size) if form else None


def _is_maildir(entries: list[os.DirEntry[str]]) -> bool:
    """Whether a folder of these is one; what copies folders often leaves out the empty ones."""
    names = {entry.name for entry in entries if entry.is_dir(follow_symlinks=False)}
    return "cur" in names or {"new", "tmp"} <= names


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _name(folder: Path, top: Path) -> str:
    return "/".join(map(folder_name, place(folder, top.parent).split("/")))


def _shown(name: str) -> str:
    return folder_name(place(Path(name), Path()))


def _unreadable(error: Exception, where: str) -> Finding:
    if isinstance(error, Unreadable):
        return error.finding(where)
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return Finding(Kind.SKIPPED, where, f"it cannot be read ({words.lower()})")
