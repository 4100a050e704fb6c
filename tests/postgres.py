"""PostgreSQL for tests: a real instance in a folder of its own, which a test may kill, stop and start again.

With `in_use()` the servers and cores of the tests keep their boards there: a database for each data
directory.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import psutil
import psycopg
from psycopg.sql import SQL, Identifier

from sio_server.log.postgres.log import PostgresLog
from sio_server.log.sqlite import SqliteLog
from sio_server.search.file import FilePlace
from sio_server.search.postgres.store import PostgresPlace
from sio_server.search.store import Place
from tests.ports import free_port

STARTS_WITHIN_S = 240.0
STILL_IN_USE = "pre-existing shared memory block"
_ROLE = "postgres"
_FLAGS = ("-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200")
_use = False
_files = False


@cache
def programs() -> Path | None:
    """The folder of PostgreSQL's programs; None where it is not installed."""
    debian = Path("/usr/lib/postgresql").glob("[0-9]*/bin/postgres")
    newest = max(debian, key=lambda one: int(one.parent.parent.name), default=None)
    found = newest or (Path(beside).resolve() if (beside := shutil.which("postgres")) else None)
    return None if found is None else found.parent


MISSING = "PostgreSQL is not installed"


class Postgres:
    """An instance; it begins empty, and keeps its folder over `stop`, `kill` and `start`."""

    def __init__(self, copy_of: Postgres | None = None, memory: str = "32MB") -> None:
        """With `copy_of`, a standby of that running instance, which follows it by streaming; `memory`: of its
        own cache."""
        self.folder = _new_folder()
        self.port = free_port()
        self._flags = (*_FLAGS, "-c", f"shared_buffers={memory}")
        self._process: subprocess.Popen[bytes] | None = None
        if copy_of is None:
            _run(self.folder, "cp", "-r", str(_initialised() / "data"), "data")
        else:
            where_from = f"host=127.0.0.1 port={copy_of.port} user={_ROLE} application_name=standby"
            flags = ("-R", "-N", "-c", "fast", "-D", "data", "-d", where_from)
            _run(self.folder, _path_of("pg_basebackup"), *flags)
        atexit.register(self.remove)

    def url(self, database: str = "postgres") -> str:
        """The address of a database, which is made if there is none."""
        if database != "postgres":
            with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
                there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,))
                if there.fetchone() is None:
                    connection.execute(SQL("CREATE DATABASE {}").format(Identifier(database)))
        return self._url(database)

    def start(self) -> None:
        """Returns when it takes connections."""
        self._process = self._launch()
        ends_at = time.monotonic() + STARTS_WITHIN_S
        while True:
            try:
                psycopg.connect(self._url("postgres")).close()  # a standby takes them too
                return
            except psycopg.OperationalError:
                is_over = self._process.poll() is not None
                said = (self.folder / "log").read_text()
                assert time.monotonic() < ends_at, said
                if is_over:  # a process of the one that was killed may still be on its way out
                    assert STILL_IN_USE in said[-1_000:], said
                    self._process = self._launch()
                time.sleep(0.05)

    def _launch(self) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [_path_of("postgres"), "-D", "data", "-p", str(self.port), "-k", ".", *self._flags],
                cwd=self.folder,
                user=_user(),
                stdout=log,
                stderr=log,
            )

    def promote(self) -> None:
        """Makes a standby the primary; returns when it takes writes."""
        _run(self.folder, _path_of("pg_ctl"), "promote", "-w", "-D", "data")

    def run(self, statement: str) -> None:
        """Runs a statement, alone."""
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def stop(self) -> None:
        """An orderly stop, which ends all sessions."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        self._process.wait(STARTS_WITHIN_S)

    def kill(self) -> None:
        """kill -9 of all its processes."""
        assert self._process is not None
        self._signal_all(signal.SIGKILL)
        self._process.wait(STARTS_WITHIN_S)

    def freeze(self, frozen: bool = True) -> None:
        """Stops all its processes, or lets them go on."""
        self._signal_all(signal.SIGSTOP if frozen else signal.SIGCONT)

    def end_sessions(self) -> None:
        """Ends every other session, as an administrator may."""
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            )

    def remove(self) -> None:
        """Kills it and removes its folder."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _url(self, database: str) -> str:
        return f"postgresql://{_ROLE}@127.0.0.1:{self.port}/{database}"

    def _signal_all(self, number: signal.Signals) -> None:
        """Each of its processes gets the signal; those that end meanwhile need none."""
        assert self._process is not None
        first = psutil.Process(self._process.pid)
        first.suspend()  # so that it starts no others while they are listed
        for one in [first, *first.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                one.send_signal(number)


@cache
def _initialised() -> Path:
    """A folder with an empty instance, to be copied: making one takes five times as long."""
    folder = _new_folder()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    flags = ("-N", "-A", "trust", "-U", _ROLE, "-E", "UTF8", "--locale=C", "-D", "data")
    _run(folder, _path_of("initdb"), *flags)
    return folder


def _new_folder() -> Path:
    """Of the user that runs PostgreSQL, which may not see a private TMPDIR."""
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="adjutant-postgresql-", dir="/tmp" if user else None))
    if user is not None:
        entry = pwd.getpwnam(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    return folder


def _user() -> str | None:
    """PostgreSQL refuses to run as root."""
    return _ROLE if os.geteuid() == 0 else None


def _path_of(program: str) -> str:
    where = programs()
    assert where is not None, MISSING
    return str(where / program)


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, user=_user(), check=True, stdout=subprocess.DEVNULL)


@cache
def shared() -> Postgres:
    """One instance for all tests of this process that do not kill it."""
    found = Postgres()
    found.start()
    return found


@contextmanager
def in_use() -> Iterator[None]:
    """Lets the servers and cores that begin within it keep their boards in PostgreSQL."""
    global _use
    before, _use = _use, True
    try:
        yield
    finally:
        _use = before


@contextmanager
def records_in_files() -> Iterator[None]:
    """Lets the servers that begin within it keep their records in search files all the same."""
    global _files
    before, _files = _files, True
    try:
        yield
    finally:
        _files = before


def flags_for(data_dir: Path) -> tuple[str, ...]:
    """The flags of a server on this data directory."""
    if not _use:
        return ()
    url = shared().url(name_of(data_dir))
    return (f"--log-url={url}", *(() if _files else (f"--search-url={url}",)))


def store_of(data_dir: Path) -> psycopg.Connection | None:
    """A connection to the board of a server on this data directory, for a test to look at its tables; None
    where it is in SQLite."""
    if not _use:
        return None
    url = shared().url(name_of(data_dir))
    return psycopg.connect(url, autocommit=True, options="-c search_path=adjutant")


def open_log(data_dir: Path, keep_changes: int, keep_s: float) -> SqliteLog | PostgresLog:
    """The log of this data directory. Blocks."""
    if not _use:
        return SqliteLog(data_dir, keep_changes, keep_s)
    return PostgresLog(shared().url("cores"), name_of(data_dir), data_dir, keep_changes, keep_s)


def place_of_records(path: Path) -> Place:
    """Where the records of this search file are, or of the database that stands for it."""
    return PostgresPlace(shared().url("records"), name_of(path)) if _use else FilePlace(path)


def name_of(data_dir: Path) -> str:
    """The name of the database, or of the board, of a data directory."""
    return "t" + hashlib.blake2b(str(data_dir).encode(), digest_size=8).hexdigest()
