"""What cannot be sent is on disk, in order, within bounds, and survives what happens to files."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from collectors import spool as spools
from collectors.batches import Batch, adding, replacing
from collectors.spool import Spool, SpoolError, SpoolFull, spool_folder

URL = "http://127.0.0.1:8000"


def opened(folder: Path, source: str = "test:one") -> Spool:
    return Spool(folder, URL, source)


def one(name: str, section: str = "priorities") -> Batch:
    return adding(section, [{"id": name, "title": name}])


def drained(spool: Spool) -> list[Batch]:
    batches = []
    while batch := spool.first():
        batches.append(batch)
        spool.remove(batch)
    return batches


def test_what_is_kept_comes_back_in_order_also_after_a_restart(tmp_path: Path) -> None:
    batches = [one(str(number)) for number in range(50)]
    spool = opened(tmp_path)
    for batch in batches:
        spool.add(batch)
    spool.close()
    again = opened(tmp_path)
    assert again.items() == 50
    assert drained(again) == batches
    assert again.items() == 0


def test_a_batch_of_several_messages_stays_one(tmp_path: Path) -> None:
    items = [{"id": str(number), "title": "x" * 500} for number in range(2_500)]
    batch = replacing("calendar", items, complete=True, allow_empty=False)
    assert len(batch.payloads) > 2
    spool = opened(tmp_path)
    spool.add(batch)
    assert spool.items() == 2_500
    assert drained(opened(tmp_path)) == [batch]


def test_a_newer_replace_takes_the_place_of_an_older_one_of_its_section(tmp_path: Path) -> None:
    def replace(section: str, name: str, complete: bool = True) -> Batch:
        return replacing(section, [{"id": name}], complete=complete, allow_empty=False)

    spool = opened(tmp_path)
    kept = [one("a"), replace("calendar", "b"), replace("priorities", "d"), replace("priorities", "e", False)]
    for batch in (replace("priorities", "c"), replace("priorities", "c", False), *kept):
        spool.add(batch)
    assert drained(spool) == kept


def test_the_spools_of_other_sources_and_servers_are_others(tmp_path: Path) -> None:
    opened(tmp_path, "test:one").add(one("a"))
    assert opened(tmp_path, "test:two").items() == 0
    assert Spool(tmp_path, "http://127.0.0.1:9000", "test:one").items() == 0
    assert Spool(tmp_path, f"{URL}/", "test:one").items() == 1


def test_a_full_disk_is_said_as_such_and_what_was_kept_stays(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    spool.add(one("a"))
    assert spool._db is not None
    (pages,) = spool._db.execute("PRAGMA page_count").fetchone()
    spool._db.execute(f"PRAGMA max_page_count = {pages}")  # to SQLite the disk is full then
    with pytest.raises(SpoolError, match="full"):
        spool.add(adding("priorities", [{"id": "b", "title": "x" * 10_000_000}]))
    assert spool.items() == 1


@pytest.mark.parametrize("bound", ["BYTES_MAX", "MESSAGES_MAX"])
def test_a_full_spool_refuses_what_is_new_and_keeps_what_it_has(
    bound: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool, first = opened(tmp_path), one("a")
    spool.add(first)
    monkeypatch.setattr(spools, bound, {"BYTES_MAX": 60, "MESSAGES_MAX": 1}[bound])
    with pytest.raises(SpoolFull, match="is full"):
        spool.add(one("b"))
    assert drained(spool) == [first]


def test_a_replace_that_does_not_fit_leaves_the_older_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = opened(tmp_path)
    older = replacing("calendar", [{"id": "a"}], complete=True, allow_empty=False)
    spool.add(older)
    monkeypatch.setattr(spools, "BYTES_MAX", 60)
    with pytest.raises(SpoolFull):
        spool.add(replacing("calendar", [{"id": "b" * 100}], complete=True, allow_empty=False))
    assert drained(spool) == [older]


@pytest.mark.parametrize("damage", ["no database", "cut", "other tables"])
def test_a_damaged_spool_is_set_aside_with_a_word(damage: str, tmp_path: Path) -> None:
    spool = opened(tmp_path)
    for number in range(100):
        spool.add(one(f"{number}" * 50))
    spool.close()
    if damage == "no database":
        spool.path.write_bytes(b"this is no database, whatever its name may say" * 100)
    elif damage == "cut":
        spool.path.write_bytes(spool.path.read_bytes()[:6_000])
    else:
        with sqlite3.connect(spool.path) as db:
            db.execute("PRAGMA user_version = 77")
        db.close()
    again = opened(tmp_path)
    assert again.items() == 0
    assert "was damaged and is now" in again.said[0]
    assert len(list(tmp_path.glob("*.damaged-*"))) == 1
    again.add(one("a"))
    assert opened(tmp_path).items() == 1


def test_a_spool_that_is_damaged_while_it_is_open_is_an_error_and_set_aside(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    spool.add(one("a"))
    spool.path.write_bytes(b"x" * 20_000)
    with pytest.raises(SpoolError, match="is damaged"):
        spool.add(one("b"))
    spool.add(one("c"))
    assert [batch.payloads[0]["items"][0]["id"] for batch in drained(spool)] == ["c"]


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SpoolError, match="cannot be used"):
        opened(tmp_path / "file" / "below")


def test_nothing_is_written_while_there_is_nothing_to_keep(tmp_path: Path) -> None:
    spool = opened(tmp_path / "state")
    assert (spool.items(), spool.first()) == (0, None)
    spool.close()
    assert list((tmp_path / "state").iterdir()) == []


def test_the_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert spool_folder() == tmp_path / "adjutant"
    for useless in ("", "relative"):
        monkeypatch.setenv("XDG_STATE_HOME", useless)
        assert spool_folder() == Path.home() / ".local" / "state" / "adjutant"
