"""A disk under the store that fails when it is told to: a VFS of SQLite's, below the one with checksums."""

from __future__ import annotations

import mmap
import time
from enum import IntEnum
from pathlib import Path
from typing import Any

import apsw

SYNC_FAILED = "the disk could not be synced"


class Disk(IntEnum):
    """How the disk is."""

    GOOD = 0
    FULL = 1
    SYNC_FAILS = 2
    SYNC_HANGS = 3  # for as long as this is so


class Switch:
    """How the disk is, in a byte that two processes share."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(mmap.PAGESIZE))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), mmap.PAGESIZE)

    @property
    def disk(self) -> Disk:
        return Disk(self._shared[0])

    @disk.setter
    def disk(self, disk: Disk) -> None:
        self._shared[0] = disk


class FaultyFile(apsw.VFSFile):
    """A file on the disk."""

    def __init__(self, switch: Switch, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        self._switch = switch

    def xWrite(self, data: bytes, offset: int) -> None:
        if self._switch.disk is Disk.FULL:
            raise apsw.FullError("the disk is full")
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        if self._switch.disk is Disk.SYNC_FAILS:
            failed: Any = apsw.IOError(SYNC_FAILED)
            failed.extendedresult = apsw.SQLITE_IOERR_FSYNC
            raise failed
        while self._switch.disk is Disk.SYNC_HANGS:
            time.sleep(0.005)
        super().xSync(flags)


class FaultyDisk(apsw.VFS):
    """What SQLite writes to in this process, from now on."""

    def __init__(self, switch: Switch) -> None:
        super().__init__("faulty", "unix", makedefault=True)
        self._switch = switch

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        return FaultyFile(self._switch, name, flags)
