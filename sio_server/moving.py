"""Moves whole boards: from a data directory into PostgreSQL and back (`serve.py migrate`), and those that are
in PostgreSQL to another name, or out of it (`serve.py board rename`, `remove`); decision 112.

What clients resume by is the same at both sides: epoch, positions and marks. Tokens and keys stay in the data
directory, which a server on PostgreSQL has too, and so do records, unless it is said where they are to be.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import NamedTuple, Self

from sio_server.folders import Folders
from sio_server.log import files, whole
from sio_server.log.base import LogError
from sio_server.log.check import faults_in
from sio_server.log.files import set_aside
from sio_server.log.making import new_store
from sio_server.log.postgres.session import shown
from sio_server.log.postgres.whole import WholeBoard, boards_in
from sio_server.registry.errors import Refusal
from sio_server.registry.roles import MAIN
from sio_server.search.file import FilePlace
from sio_server.search.postgres.store import PostgresPlace
from sio_server.search.postgres.whole import RecordsLanding, WholeRecords
from sio_server.search.store import Place
from sio_server.search.whole import FileLanding, Models, OthersThere, WholeFile, copy

TOLD_EVERY_S = 1.0
SEARCH = "search.db"  # as the settings have it where they do not say another file

_START_FIRST = "start the server on it once, which gives every client a snapshot, then migrate"


class Records(NamedTuple):
    """The database that records move into, or out of, with their board."""

    url: str
    models: Models


def to_database(
    folders: Folders, url: str, only: str | None, records: Records | None = None
) -> Iterator[str]:
    """Moves all boards that have a store, or one; yields a sentence for each, and one for its records. The
    records of a board that is there already move too: a run may have been killed between the two.

    Errors: LogError; then what no sentence was about is where it was.
    """
    with _held(folders, url, MAIN) as main:
        stores = {name: folders.store(name) for name in (folders.names() if only is None else [only])}
        files_of = {name: store.with_name(SEARCH) for name, store in stores.items()}
        found = [
            name for name, store in stores.items() if store.exists() or (records and files_of[name].exists())
        ]
        if not found:
            raise LogError(f"there is no store in {folders.of(only or MAIN)}")
        for name in found:
            with _board(folders, url, name, main) as board, _Progress(name) as progress:
                if stores[name].exists():
                    kept = _to_database(stores[name], board, progress)
                    yield f"{board.where} is the board now; its former store is kept as {kept}"
                if records is not None and files_of[name].exists() and board.position() is not None:
                    yield _records_to_database(files_of[name], name, records, progress)


def to_folder(folders: Folders, url: str, only: str | None, records: Records | None = None) -> Iterator[str]:
    """Moves all boards of the database, or one; yields a sentence for each, and one for its records. These
    move once the board is in the folder, checked, and before it leaves the database: records that are there
    then are put out of the way (WholeBoard.remove).

    Errors: LogError; then the board that it was about is where it was, and so are its records.
    """
    with _held(folders, url, MAIN) as main:
        found = [name for name in boards_in(url) if only in (None, name)]
        if not found:
            raise LogError(f"{shown(url)} has no board" + (f" {only}" if only else ""))
        for name in found:
            if not folders.has(name):
                folders.add(name)
            store = folders.store(name)
            said = []
            with _board(folders, url, name, main) as board, _Progress(name) as progress:
                is_new = _into_folder(board, store, progress)
                try:
                    if records is not None:
                        said += _records_to_folder(store.with_name(SEARCH), name, records, progress)
                except LogError:
                    if is_new:
                        store.unlink(missing_ok=True)  # it would soon be an old copy, and in the way
                    raise
                _leave(board, store)
            yield from [*said, f"{store} is the board {name} now; the database has it no more"]


def rename(folders: Folders, url: str, name: str, to: str, first: Callable[[], None]) -> None:
    """Gives a board another name, in the database and as a folder; `first` as for Folders.rename.

    A run that was killed between the two is finished by the next one. Errors: LogError.
    """

    def in_database() -> None:
        with closing(WholeBoard(url, name)) as board, closing(WholeBoard(url, to)) as other:
            here, there = board.position(), other.position()
            if there is not None and (here is not None or _noted_epoch(folders.of(name)) != there.epoch):
                raise LogError(f"{other.where} exists already")
            first()
            if there is None and here is not None:
                board.rename(to)

    folders.rename(name, to, in_database)


def remove(folders: Folders, url: str, name: str, first: Callable[[], None]) -> Path:
    """Sets a board aside, with its folder, into which it is taken out of the database; `first` as for
    Folders.remove. Returns where it is kept.

    Errors: LogError.
    """

    def in_database() -> None:
        with closing(WholeBoard(url, name)) as board, _Progress(name) as progress:
            there = board.position()
            first()
            if there is not None:
                store = folders.store(name)
                _into_folder(board, store, progress)
                _leave(board, store)

    return folders.remove(name, in_database)


@contextmanager
def _held(folders: Folders, url: str, name: str) -> Iterator[WholeBoard]:
    """The board in the database, locked there and in its folder."""
    with closing(files.lock(folders.of(name))), closing(WholeBoard(url, name)) as board:
        board.position()  # connects, and so takes the lock
        yield board


def _board(folders: Folders, url: str, name: str, main: WholeBoard) -> AbstractContextManager[WholeBoard]:
    """`main` is held all the time: a server that runs has it open, whatever others it has closed."""
    return nullcontext(main) if name == MAIN else _held(folders, url, name)


def _to_database(path: Path, board: WholeBoard, progress: _Progress) -> Path | None:
    """Returns where the store is kept that is now in the database."""
    progress("checking the store")
    note_path = path.with_name(files.NOTE)
    with whole.opened(path) as store, closing(files.HeadNote(note_path)) as note:
        _prove(path)
        if not whole.goes_on(store, note, path):
            raise LogError(f"{path} lacks changes that it had: {_START_FIRST}")
        here, there = whole.position(store), board.position()
        if there is None:
            board.fill(store, here, progress)
        elif there != here:  # equal: a run was killed after the database had it all
            raise LogError(f"{board.where} exists already, with other changes: nothing was moved")
    with closing(files.HeadNote(path.with_name(files.IN_POSTGRESQL))) as note:
        note.write(*here)
    try:
        note_path.unlink(missing_ok=True)
        return set_aside(path, "migrated")
    except OSError as error:
        raise LogError(
            f"{board.where} is the board now, but {path} cannot be renamed: {error.strerror}"
        ) from None


def _into_folder(board: WholeBoard, path: Path, progress: _Progress) -> bool:
    """Puts the board into the folder, where all of it is checked; the database has it still. Returns whether
    it was not there before."""
    there = board.position()
    if there is None:
        raise LogError(f"{board.where} is gone")
    if not path.exists():
        _copy_to_folder(board, path, progress)
        return True
    progress("checking the store")
    with whole.opened(path) as store:
        here = whole.position(store)
    if here != there:  # equal: a run was killed after the store was in its place
        raise LogError(f"there is a store in {path.parent} already, with other changes: nothing was moved")
    _prove(path)
    return False


def _copy_to_folder(board: WholeBoard, path: Path, progress: _Progress) -> None:
    with closing(files.HeadNote(path.with_name(files.IN_POSTGRESQL))) as note:
        if not board.goes_on(note):
            raise LogError(f"{board.where} lacks changes that it had: {_START_FIRST}")
    with new_store(path, ".migrating", board.where) as store:
        board.read_into(store, progress)
        progress("checking the store")


def _leave(board: WholeBoard, path: Path) -> None:
    board.remove()
    path.with_name(files.IN_POSTGRESQL).unlink(missing_ok=True)


def _records_to_database(path: Path, name: str, records: Records, progress: _Progress) -> str:
    place = PostgresPlace(records.url, name)
    with _moved(path, FilePlace(path), place), closing(WholeFile(path)) as whole:
        count = copy(whole, RecordsLanding(records.url, name), records.models, progress)
        whole.take_away()
    return f"{count:,} records of {name} are in {place} now; their file is kept beside {path}"


def _records_to_folder(path: Path, name: str, records: Records, progress: _Progress) -> list[str]:
    place = PostgresPlace(records.url, name)
    with _moved(path, FilePlace(path), place), closing(WholeRecords(records.url, name)) as whole:
        if not whole.exists:
            return []
        count = copy(whole, FileLanding(path), records.models, progress)
        whole.take_away()
    return [f"{count:,} records of {name} are in {path} now; {place} has them no more"]


@contextmanager
def _moved(path: Path, *places: Place) -> Iterator[None]:
    """Lets what goes wrong with records be a LogError. Nothing was taken away then. `path`: of their file."""
    try:
        yield
    except OthersThere as fault:
        what_to_do = f"move {path} away if those in the database are right, or leave --search-url out"
        raise LogError(f"{fault}, and no record was moved: {what_to_do}") from None
    except Refusal as refusal:
        raise LogError(refusal.message) from None
    except Exception as error:
        for place in places:
            if isinstance(error, place.errors):
                raise LogError(str(place.fault_of(error))) from error
        raise


def _noted_epoch(folder: Path) -> str | None:
    """The epoch of the board that was last opened in the database from this folder."""
    with closing(files.HeadNote(folder / files.IN_POSTGRESQL)) as note:
        noted = note.read()
        return noted[0] if noted else None


def _prove(path: Path) -> None:
    if faults := faults_in(path):
        raise LogError(f"{path} is inconsistent, and nothing was moved: {faults[0]}")


class _Progress:
    """Says on standard error what is being done: once a second, and nothing in the first."""

    def __init__(self, board: str) -> None:
        self._board = board
        self._now = "connecting"
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._tell, daemon=True)

    def __call__(self, what: str, done: int = 0, total: int = 0) -> None:
        self._now = f"{what}: {done:,} of {total:,} rows" if total else what

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _tell(self) -> None:
        while not self._ended.wait(TOLD_EVERY_S):
            print(f"{self._board}: {self._now} ...", file=sys.stderr, flush=True)
