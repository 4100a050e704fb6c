"""Reads an untrusted zip, file by file: nothing is unpacked to disk, and zip bombs are refused."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, cast

from collectors.accounts import Account
from collectors.folders import Unreadable, open_regular
from collectors.remarks import Remarks
from collectors.texts import one_line
from collectors.types import Finding, Kind

# Chat packs 5 to 30 times; what DEFLATE can do at most, and only bombs do, is 1,030 times.
RATIO_MAX, RATIO_FREE_BYTES = 200, 2**20
# JSON packs to a tenth of its size; a small zip may unpack to 64 MiB whatever the ratio.
TOTAL_RATIO_MAX, TOTAL_FREE_BYTES = 100, 2**26
# The list of the files, about 100 bytes each, is read as a whole.
LIST_BYTES_MAX = 2**25
_PIECE_BYTES = 2**20  # unpacked at a time

_ENCRYPTED, _UTF8 = 0x1, 0x800  # bits of a zip entry's flags
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others may ask for gigabytes of dictionary


class ZipExport:
    """The files of a zip by their names; those that are not of an export are booked in `files`.

    Errors: Unreadable, when it is not a whole zip.
    """

    def __init__(self, path: Path, files: Account) -> None:
        self._file = _Measured(cast(io.BufferedReader, open_regular(path)).detach())
        try:
            self._zip = zipfile.ZipFile(self._file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
            self._file.close()
            raise Unreadable(
                f"it is not a zip file, or it was cut ({one_line(str(error)).lower()})"
            ) from None
        self._room = TOTAL_FREE_BYTES + TOTAL_RATIO_MAX * path.stat().st_size
        self._found: dict[str, zipfile.ZipInfo] = {}
        self._measured: set[str] = set()
        remarks = Remarks(path.name, files)
        for entry in self._zip.infolist():
            name = _name(entry)
            if entry.is_dir():
                continue
            files.see()
            if odd := _odd(entry, name):
                remarks.add(Kind.LEFT_OUT, one_line(name), odd)
            elif _hidden(name) or not name.endswith(".json"):
                files.leave("hidden" if _hidden(name) else "not .json")
            else:
                if name in self._found:
                    remarks.add(Kind.NOTE, name, "it is in the zip twice, and the later one counts")
                    files.leave("in the zip twice")
                self._found[name] = entry
        self.findings: tuple[Finding, ...] = tuple(remarks.findings())

    def names(self) -> Iterator[str]:
        """Of the JSON files."""
        yield from self._found

    def read(self, name: str, limit_bytes: int) -> bytes:
        """The bytes of a file. Errors: Unreadable."""
        entry = self._found[name]
        if entry.flag_bits & _ENCRYPTED:
            raise Unreadable("it is encrypted: unpack the zip with its password, and give the folder")
        if entry.compress_type not in _METHODS:
            raise Unreadable("it is compressed by a method that is not supported (only deflate is)")
        try:
            with self._zip.open(entry) as file:
                return self._within_bounds(file, entry, limit_bytes, name in self._measured)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError) as error:
            raise Unreadable(
                f"it is damaged in the zip ({one_line(str(error)).lower() or 'it is cut'})"
            ) from None

    def close(self) -> None:
        with suppress(OSError):
            self._zip.close()
        self._file.close()

    def _within_bounds(self, file: IO[bytes], entry: zipfile.ZipInfo, limit_bytes: int, again: bool) -> bytes:
        by_ratio = RATIO_FREE_BYTES + RATIO_MAX * entry.compress_size
        bound = min(limit_bytes, by_ratio, *(() if again else (self._room,)))
        found = bytearray()
        while len(found) <= bound and (piece := file.read(min(_PIECE_BYTES, bound + 1 - len(found)))):
            found += piece
        if len(found) <= bound:
            self._room -= 0 if again else len(found)
            self._measured.add(_name(entry))
            return bytes(found)
        self._room -= 0 if again else bound
        if bound == by_ratio:
            raise Unreadable(f"it unpacks to more than {RATIO_MAX} times its size, as zip bombs do")
        if bound == limit_bytes:
            raise Unreadable(f"it is larger than {limit_bytes / 2**20:g} MiB")
        raise Unreadable(f"the zip unpacks to more than {TOTAL_RATIO_MAX} times its size, as zip bombs do")


class _Measured(io.BufferedReader):
    """Refuses to read a list of files that would fill the memory."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size > LIST_BYTES_MAX:
            raise ValueError("it lists too many files")
        return super().read(size)


def _name(entry: zipfile.ZipInfo) -> str:
    """The name as its maker wrote it: many write UTF-8 and do not say so."""
    if not entry.flag_bits & _UTF8:
        with suppress(UnicodeError):
            return entry.filename.encode("cp437").decode("utf-8")
    return entry.filename


def _odd(entry: zipfile.ZipInfo, name: str) -> str:
    """Why the entry is not looked at, or ""."""
    path, windows = PurePosixPath(name), PureWindowsPath(name)
    if ".." in (*path.parts, *windows.parts) or path.is_absolute() or windows.drive or windows.root:
        return "its path climbs out of the export"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "it is a link"
    return ""


def _hidden(name: str) -> bool:
    """Whether it is a file that macOS and the like add."""
    return any(part == "__MACOSX" or part.startswith(".") for part in name.split("/"))
