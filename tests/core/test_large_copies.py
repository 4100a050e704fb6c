"""Copies of a store larger than SQLite's cache (log/files, whole, backup): pages leave the cache before the
first one is written, and must have checksums all the same."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from sio_server.log import files, sums, whole
from sio_server.log.backup import back_up, restore
from sio_server.log.check import faults_in

TEXTS = 3_000  # of 1,500 characters on average: 2,500 pages, where the cache has 500
INTO = "import sqlite3, sys; a = sqlite3.connect(sys.argv[1]); a.execute('VACUUM INTO ?', (sys.argv[2],))"
COPY = "import sqlite3, sys; a, b = map(sqlite3.connect, sys.argv[1:]); a.backup(b); b.close(); a.close()"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("large") / "adjutant.db"
    with closing(whole.open_writer(database)) as writer:
        fill(writer)
        writer.pragma("wal_checkpoint", "TRUNCATE")
    return database


def fill(writer: apsw.Connection) -> None:
    with writer:
        rows = ((f"P{number}", number, "x" * number) for number in range(TEXTS))
        into = "INSERT INTO texts (section, code, seq, label, at_s) VALUES ('p', ?, ?, ?, 0)"
        writer.executemany(into, rows)
        sums.register(writer)
        sums.add_all(writer)


def rescued(database: Path, to: Path) -> None:
    with closing(whole.open_writer(database)) as writer:
        files.write_anew(writer, to)


def by_another(program: str, database: Path, to: Path) -> None:
    subprocess.run([sys.executable, "-c", program, str(database), str(to)], check=True)


@pytest.mark.parametrize("how", ["backup", "rescue", "vacuum into", "copy"])
def test_a_large_copy_can_be_put_back(store: Path, tmp_path: Path, how: str) -> None:
    copy = tmp_path / "copy.db"
    {
        "backup": lambda: back_up(store, copy),
        "rescue": lambda: rescued(store, copy),
        "vacuum into": lambda: by_another(INTO, store, copy),
        "copy": lambda: by_another(COPY, store, copy),
    }[how]()
    (tmp_path / "data").mkdir()
    restore(tmp_path / "data" / "adjutant.db", copy)
    assert not faults_in(tmp_path / "data" / "adjutant.db")


def test_a_large_store_without_checksums_gets_them_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = tmp_path / "adjutant.db"
    with monkeypatch.context() as before_there_were_any:
        before_there_were_any.setattr(files, "_can_check", lambda: False)
        with closing(whole.open_writer(plain)) as writer:
            fill(writer)
    with closing(whole.open_unverified(plain)) as made:
        assert not files.has_checksums(made)
    whole.open_whole(plain).close()
    assert not faults_in(plain)
