"""Walks untrusted folders: no link leads out, no file hangs the program or fills its memory."""

from __future__ import annotations

import codecs
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from collectors.accounts import Account
from collectors.types import Finding, Kind

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_CONTROL_SHARE = 0.01  # in pictures, archives and programs it is a tenth or more
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Unreadable(Exception):
    """A file or folder cannot be read: the message is a clause about it, `kind` how much it matters."""

    def __init__(self, why: str, kind: Kind = Kind.SKIPPED) -> None:
        super().__init__(why)
        self.kind = kind

    def finding(self, where: str) -> Finding:
        return Finding(self.kind, where, str(self))


def walk(root: Path, suffixes: Sequence[str] = (), files: Account | None = None) -> Iterator[Path | Finding]:
    """The regular files below `root` whose names end in one of `suffixes` (all, without any), by name.

    Hidden files are skipped. Links are not followed: their target is read where it is, or the link is a
    finding. Everything there is counted in `files`, except the fate of the yielded files.
    Errors: Unreadable, when `root` is not a folder that can be read.
    """
    endings = tuple(suffix.lower() for suffix in suffixes) or ("",)
    files = files or Account("file")
    try:
        top = root.resolve()
    except (OSError, RuntimeError) as error:
        raise _unreadable(error) from error
    waiting = _last_first(top, files)
    while waiting:
        entry = waiting.pop()
        path = Path(entry)
        try:
            if entry.is_dir(follow_symlinks=False):
                waiting += _last_first(path, files)
                continue
            files.see()
            found = _found(entry, top, endings, files)
        except (OSError, Unreadable) as error:
            found = _unreadable(error).finding(place(path, top))
        if isinstance(found, Finding):
            files.leave(found.kind)
            yield found
        elif found is not None:
            # The name it was asked for by, so that the caller can say it as it was given.
            yield root / path.relative_to(top)


def place(path: Path, root: Path) -> str:
    """The file's path below `root`, for people: `/` between names, odd bytes as `\\xff`."""
    below = path.relative_to(root) if path.is_relative_to(root) else path
    text = os.fsencode(below.as_posix()).decode("utf-8", "backslashreplace")
    return "".join(mark if mark.isprintable() else mark.encode("unicode_escape").decode() for mark in text)


def called(given: Path) -> str:
    """The name on the board of a path from the command line: as given, but of an absolute path, which reveals
    something about this machine, only the last name."""
    if given.is_absolute() or given.name in ("", ".."):
        whole = Path(os.path.abspath(given))
        return place(whole, whole.parent)
    return place(given, Path())


def open_regular(path: Path) -> BinaryIO:
    """The file, open for reading; pipes and devices, on which one may wait for ever, are refused.

    Errors: Unreadable.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise _unreadable(error) from error
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        raise Unreadable(
            "it is a folder" if stat.S_ISDIR(mode) else "it is not a regular file", Kind.LEFT_OUT
        )
    return os.fdopen(handle, "rb")


def read_bytes(path: Path, limit_bytes: int) -> bytes:
    """All of the file. Errors: Unreadable, also when it is larger."""
    with open_regular(path) as file:
        try:
            found = file.read(limit_bytes + 1)
        except OSError as error:
            raise _unreadable(error) from error
    if len(found) > limit_bytes:
        raise Unreadable(f"it is larger than {limit_bytes / 2**20:g} MiB")
    return found


def read_text(path: Path, limit_bytes: int) -> tuple[str, Finding | None]:
    """The file's text, and a note when its encoding had to be guessed; the note's `where` is its name.

    Errors: Unreadable; LEFT_OUT for a file that is not text.
    """
    text, remark = decode(read_bytes(path, limit_bytes))
    return text, Finding(Kind.NOTE, place(path, path.parent), remark) if remark else None


def decode(data: bytes) -> tuple[str, str]:
    """The text, and what was odd about its encoding, or "". Errors: Unreadable, if it is not text.

    A bad byte affects its line at most, and neither the encoding of other lines nor the file.
    """
    decoded, remark = _decoded(data)
    if "\0" not in decoded:
        return decoded, remark
    text = decoded.replace("\0", "")
    if not text or len(_CONTROL.findall(decoded)) > max(1, len(decoded) * _CONTROL_SHARE):
        raise Unreadable("it is not text", Kind.LEFT_OUT)
    return text, remark or "it holds NUL characters, which were left out"


def _decoded(text: bytes) -> tuple[str, str]:
    for bom, encoding in _BOMS:
        if text.startswith(bom):
            decoded = text[len(bom) :].decode(encoding, "replace")
            return decoded, f"some of it is not {encoding.upper()}" if "\ufffd" in decoded else ""
    text = text.removeprefix(codecs.BOM_UTF8)
    try:
        return text.decode("utf-8"), ""
    except UnicodeDecodeError:
        return _line_by_line(text)


def _line_by_line(text: bytes) -> tuple[str, str]:
    """Each line as UTF-8 if it is; otherwise with bad bytes replaced, or as Windows-1252 if nothing in it
    suggests UTF-8."""
    lines, read_as = list[str](), Counter[str]()
    for line in text.splitlines(keepends=True):
        try:
            decoded, name = line.decode("utf-8"), "" if line.isascii() else "utf-8"
        except UnicodeDecodeError:
            decoded, name = _damaged(line)
        read_as[name] += 1
        lines.append(decoded)
    return "".join(lines), _remark(read_as)


def _damaged(line: bytes) -> tuple[str, str]:
    replaced = line.decode("utf-8", "replace")
    if not replaced.replace("\ufffd", "").isascii():
        return replaced, "replaced"
    try:
        return line.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        return line.decode("latin-1"), "Latin-1"


def _remark(read_as: Counter[str]) -> str:
    guessed = [name for name in ("Windows-1252", "Latin-1") if read_as[name]]
    if not guessed:
        return "some of its bytes are not UTF-8 and were replaced"
    read = f"read as {' and '.join(guessed)}"
    if not read_as["utf-8"] and not read_as["replaced"]:
        return f"it is not UTF-8 and was {read}"
    lines = sum(read_as[name] for name in guessed)
    return f"{lines:,} of its lines {'is' if lines == 1 else 'are'} no UTF-8, {read}"


def _last_first(folder: Path, files: Account) -> list[os.DirEntry[str]]:
    """The folder's entries that are not hidden, in reverse, for a stack."""
    try:
        with os.scandir(folder) as entries:
            there = list(entries)
    except OSError as error:
        raise _unreadable(error) from error
    visible = [entry for entry in there if not entry.name.startswith(".")]
    files.see(hidden := len(there) - len(visible))
    files.leave("hidden (a folder counts as one)", hidden)
    return sorted(visible, key=lambda entry: entry.name, reverse=True)


def _found(
    entry: os.DirEntry[str], top: Path, endings: tuple[str, ...], files: Account
) -> Path | Finding | None:
    """The file, or the finding about it; None if it is counted already."""
    path = Path(entry)
    if entry.is_symlink():
        finding = _link(path, top, endings)
        files.leave("links that were not followed", finding is None)
        return finding
    if not entry.name.lower().endswith(endings):
        files.leave(f"not {' or '.join(endings)}")
        return None
    regular = entry.is_file(follow_symlinks=False)
    return path if regular else Finding(Kind.LEFT_OUT, place(path, top), "it is not a regular file")


def _link(path: Path, top: Path, endings: tuple[str, ...]) -> Finding | None:
    """The finding about a link that is not followed."""
    wanted = path.name.lower().endswith(endings)
    try:
        target = path.resolve(strict=True)
    except FileNotFoundError:
        return Finding(Kind.LEFT_OUT, place(path, top), "it is a link to nothing") if wanted else None
    except (OSError, RuntimeError):
        return Finding(Kind.LEFT_OUT, place(path, top), "it is a link that leads back to itself")
    is_folder = target.is_dir()
    if not is_folder and not wanted:
        return None
    if not target.is_relative_to(top):
        why = "it is a link that leads out of the folder"
    elif path.is_relative_to(target):
        why = "it is a link that leads back to itself"
    elif _is_read(target.relative_to(top), is_folder, endings):
        return None
    else:
        why = "it is a link to something that is not read here"
    return Finding(Kind.LEFT_OUT, place(path, top), why)


def _is_read(below: Path, is_folder: bool, endings: tuple[str, ...]) -> bool:
    hidden = any(name.startswith(".") for name in below.parts)
    return not hidden and (is_folder or below.name.lower().endswith(endings))


def _unreadable(error: Exception) -> Unreadable:
    match error:
        case Unreadable():
            return error
        case FileNotFoundError():
            return Unreadable("it does not exist, or no longer does")
        case NotADirectoryError():
            return Unreadable("it is not a folder")
        case IsADirectoryError():
            return Unreadable("it is a folder")
        case OSError() if error.strerror:
            return Unreadable(f"it cannot be read ({error.strerror.lower()})")
        case _:
            return Unreadable(f"it cannot be read ({error})")
