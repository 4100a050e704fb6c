"""The size of SQLite's files on disk."""

from __future__ import annotations

from pathlib import Path


def size_bytes(database: Path) -> int:
    """Bytes of the file and its WAL, which may be missing."""
    return _of(database) + _of(Path(f"{database}-wal"))


def _of(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
