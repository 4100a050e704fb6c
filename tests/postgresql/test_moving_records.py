"""Search records that move with their board (search/whole, search/postgres/whole, moving.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from models.people import GivenPerson
from models.records import GivenRecord
from sio_server import moving
from sio_server.folders import Folders
from sio_server.log import files, sums, whole
from sio_server.log.base import LogError
from sio_server.search.file import FilePlace
from sio_server.search.ingest import RecordBatch
from sio_server.search.people import PeopleBatch
from sio_server.search.postgres.store import PostgresPlace
from sio_server.search.postgres.whole import RecordsLanding, WholeRecords
from sio_server.search.store import Place
from sio_server.search.whole import FileLanding, Models, Whole, WholeFile
from tests import postgres
from tests.core.seats import Core
from tests.postgresql.test_moving import in_database as rows_in
from tests.postgresql.test_moving import migrate

pytestmark = pytest.mark.skipif(postgres.programs() is None, reason=postgres.MISSING)

Json = Any

RECORDS: list[Json] = [
    {
        "id": f"m{number}",
        "text": f"word{number} Ren\u00e9 \u2014 \u65e5\u672c",
        "at": "2026-11-23",
        "meta": {"from": "Ana"},
    }
    for number in range(25)
]
PEOPLE: list[Json] = [{"id": "u1", "names": ["Ana Bo"], "addresses": ["ana@example.org"]}]
MODELS = Models(GivenRecord, GivenPerson)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database of the test's own."""
    return postgres.shared().url(postgres.name_of(tmp_path))


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    """A data directory with a board, and records of two sources."""
    async with Core(tmp_path / "data") as core:
        seat = await core.sit()
        await seat.done("priorities:put", items=[{"id": "a", "title": "a"}])
    with closing(FilePlace(tmp_path / "data" / "search.db").open(1)) as store:
        store.put(RecordBatch("mail", RECORDS[:20], GivenRecord))
        store.put(RecordBatch("notes", RECORDS[20:], GivenRecord))
        store.put(RecordBatch("mail", [{"id": "m3", "gone": True}], GivenRecord))
        store.put_people(PeopleBatch("mail", PEOPLE, GivenPerson))
    return tmp_path / "data"


def all_of(records: Whole) -> tuple[list[Json], list[Json]]:
    return sorted(records.records(), key=str), sorted(records.people(), key=str)


def in_file(path: Path) -> tuple[list[Json], list[Json]]:
    with closing(WholeFile(path)) as records:
        return all_of(records)


def in_database(url: str) -> tuple[list[Json], list[Json]]:
    with closing(WholeRecords(url, "main")) as records:
        return all_of(records)


def sent_again(place: Place) -> int:
    """How many records change when their collector sends them again."""
    with closing(place.open(1)) as store:
        return store.put(RecordBatch("notes", RECORDS[20:], GivenRecord)).indexed


@pytest.fixture
def kept(data: Path) -> Path:
    """The file that records were in."""
    return data / "search-migrated-1.db"


async def test_records_and_people_move_with_their_board_and_back(data: Path, url: str, kept: Path) -> None:
    before = in_file(data / "search.db")
    assert len(before[0]) == 24
    said = await migrate(data, url, "--search-url", url)
    assert "24 records of main are in postgresql://" in said
    assert in_database(url) == in_file(kept) == before
    assert not (data / "search.db").exists()
    assert sent_again(PostgresPlace(url, "main")) == 0
    said = await migrate(url, data, "--search-url", url)
    assert "24 records of main are in" in said
    assert in_file(data / "search.db") == before
    assert sent_again(FilePlace(data / "search.db")) == 0
    with closing(WholeRecords(url, "main")) as records:
        assert not records.exists


async def test_without_the_flag_they_stay_and_can_follow_later(data: Path, url: str, kept: Path) -> None:
    before = in_file(data / "search.db")
    await migrate(data, url)
    assert in_file(data / "search.db") == before
    await migrate(data, url, "--search-url", url)  # as after a run that was killed between the two
    assert in_database(url) == before


class Crash(Exception):
    """Stands for a `kill -9` at that place."""


def crash(*_: object) -> None:
    raise Crash


def move(data: Path, url: str, to_database: bool) -> None:
    there = moving.to_database if to_database else moving.to_folder
    list(there(Folders(data), url, None, moving.Records(url, MODELS)))


@pytest.fixture(params=[True, False], ids=["to the database", "to the folder"])
def to_database(request: pytest.FixtureRequest, data: Path, url: str) -> bool:
    """The direction; everything is where it is to leave."""
    if not request.param:
        move(data, url, to_database=True)
    return bool(request.param)


def places(data: Path, url: str, to_database: bool) -> tuple[Place, Place]:
    """Where the records leave, and where they come to."""
    there = FilePlace(data / "search.db"), PostgresPlace(url, "main")
    return there if to_database else (there[1], there[0])


def both(data: Path, url: str) -> list[Any]:
    return [in_file(data / "search.db"), in_database(url)]


def at_the_target(data: Path, url: str, to_database: bool) -> tuple[list[Json], list[Json]]:
    return in_database(url) if to_database else in_file(data / "search.db")


def put(place: Place, *records: Json) -> None:
    with closing(place.open(1)) as store:
        store.put(RecordBatch("mail", records, GivenRecord))


def crash_before_they_are_taken_away(data: Path, url: str, to_database: bool) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(WholeFile if to_database else WholeRecords, "take_away", crash)
        with pytest.raises(Crash):
            move(data, url, to_database)


def test_what_was_killed_before_records_were_taken_away_is_finished(
    data: Path, url: str, to_database: bool
) -> None:
    crash_before_they_are_taken_away(data, url, to_database)
    before, there = both(data, url)
    assert there == before
    move(data, url, to_database)
    assert at_the_target(data, url, to_database) == before
    with closing(WholeRecords(url, "main")) as records:
        assert (data / "search.db").exists() != records.exists == to_database


@pytest.mark.parametrize(
    "change",
    [
        {"id": "m4", "text": "newer", "at": "2026-11-24"},
        {"id": "m99", "text": "new", "at": "2026-11-24"},
        {"id": "m19", "gone": True},
    ],
    ids=["changed", "new", "gone"],
)
@pytest.mark.parametrize("side", [0, 1], ids=["where they were", "where they came"])
def test_records_that_changed_since_a_run_was_killed_are_not_set_back(
    data: Path, url: str, to_database: bool, change: Json, side: int
) -> None:
    """Nor is one brought back that is gone. Which side is right is for whoever runs it, who is told how."""
    crash_before_they_are_taken_away(data, url, to_database)
    put(places(data, url, to_database)[side], change)
    before = both(data, url)
    assert before[0] != before[1]
    with pytest.raises(
        LogError, match=r"other records in .*, and no record was moved: move .*search\.db away"
    ):
        move(data, url, to_database)
    assert both(data, url) == before
    (data / "search.db").rename(data / "away.db")
    if not to_database:
        move(data, url, to_database)
    assert at_the_target(data, url, to_database) == before[1]


def test_a_run_that_is_killed_among_the_records_leaves_none_at_the_new_place(
    data: Path, url: str, to_database: bool
) -> None:
    before = in_file(data / "search.db") if to_database else in_database(url)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(RecordsLanding if to_database else FileLanding, "finish", crash)
        with pytest.raises(Crash):
            move(data, url, to_database)
    if to_database:
        with closing(WholeRecords(url, "main")) as there:
            assert not there.exists
    else:
        assert not (data / "search.db").exists()
    put(places(data, url, to_database)[0], {"id": "m4", "gone": True})
    before = [row for row in before[0] if row[1]["id"] != "m4"], before[1]
    move(data, url, to_database)
    assert at_the_target(data, url, to_database) == before
    assert not [*data.glob("search.migrating*")]


def test_an_empty_place_that_a_server_made_is_no_hindrance(data: Path, url: str, to_database: bool) -> None:
    target = places(data, url, to_database)[1]
    target.open(1).close()
    before = in_file(data / "search.db") if to_database else in_database(url)
    move(data, url, to_database)
    assert at_the_target(data, url, to_database) == before
    assert sent_again(target) == 0


def test_a_run_that_fails_takes_nothing_away_and_can_be_repeated(
    data: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = in_file(data / "search.db")
    real = WholeFile.records

    def broken(self: WholeFile) -> Iterator[tuple[str, Json]]:
        for number, row in enumerate(real(self)):
            yield ("mail", {"id": "bad", "text": "", "at": "never"}) if number == 20 else row

    monkeypatch.setattr(WholeFile, "records", broken)
    records = moving.Records(url, MODELS)
    with pytest.raises(LogError, match="a record of mail cannot be moved"):
        list(moving.to_database(Folders(data), url, None, records))
    monkeypatch.undo()
    assert in_file(data / "search.db") == before
    list(moving.to_database(Folders(data), url, None, records))
    assert in_database(url) == before


def another_store(data: Path, _: str) -> None:
    """As when the folder was used for another board meanwhile."""
    (data / "adjutant-migrated-1.db").rename(data / "adjutant.db")
    with closing(whole.open_writer(data / "adjutant.db")) as store:
        sums.register(store)
        sums.set_meta(store, sums.EPOCH, "another")


def note_ahead(data: Path, _: str) -> None:
    """The database was set back by a change."""
    note = (data / files.IN_POSTGRESQL).read_text().split()
    (data / files.IN_POSTGRESQL).write_text(f"{note[0]} {int(note[1]) + 1} {note[2]} .".ljust(128))


def row_gone(_: Path, url: str) -> None:
    rows_in(url, "DELETE FROM items")


@pytest.mark.parametrize(
    ("fault", "why"),
    [(another_store, "with other changes"), (note_ahead, "lacks changes"), (row_gone, "is inconsistent")],
)
def test_records_stay_where_their_board_stays(
    data: Path, url: str, fault: Callable[[Path, str], None], why: str
) -> None:
    records = moving.Records(url, MODELS)
    list(moving.to_database(Folders(data), url, None, records))
    before = in_database(url)
    fault(data, url)
    with pytest.raises(LogError, match=why):
        list(moving.to_folder(Folders(data), url, None, records))
    assert in_database(url) == before
    assert not (data / "search.db").exists()


def test_a_board_stays_where_its_records_stay(data: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    records = moving.Records(url, MODELS)
    list(moving.to_database(Folders(data), url, None, records))
    before = in_database(url)
    monkeypatch.setattr(WholeRecords, "records", lambda _: iter([("mail", {"id": "bad"})]))
    with pytest.raises(LogError, match="a record of mail cannot be moved"):
        list(moving.to_folder(Folders(data), url, None, records))
    monkeypatch.undo()
    assert in_database(url) == before
    assert not (data / "adjutant.db").exists()
    list(moving.to_folder(Folders(data), url, None, records))
    assert in_file(data / "search.db") == before
