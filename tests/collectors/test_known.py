"""What runs over accounts note down is private, whole, and begun anew only when it is damaged."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from collectors.caldav.known import Known as Calendars
from collectors.imap.known import Copy
from collectors.imap.known import Known as Mailbox
from collectors.known import KnownFile


@pytest.fixture(params=[Calendars, Mailbox])
def kind(request: pytest.FixtureRequest) -> type[KnownFile]:
    found: type[KnownFile] = request.param
    return found


def noted(kind: type[KnownFile], path: Path) -> str:
    known = kind(path)
    try:
        return known.note("a")
    finally:
        known.close()


def note_down(kind: type[KnownFile], path: Path) -> None:
    known = kind(path)
    known.set_note("a", "b")
    known.close()


def test_it_is_kept_and_only_its_owner_reads_it(kind: type[KnownFile], tmp_path: Path) -> None:
    path = tmp_path / "state" / "one.known"
    note_down(kind, path)
    path.chmod(0o644)
    assert noted(kind, path) == "b"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize("damage", ["bytes", "format"])
def test_a_file_that_is_damaged_or_of_another_format_is_begun_anew(
    kind: type[KnownFile], tmp_path: Path, damage: str
) -> None:
    path = tmp_path / "one.known"
    note_down(kind, path)
    if damage == "bytes":
        path.write_bytes(b"x" * path.stat().st_size)
    else:
        db = sqlite3.connect(path)
        db.execute("PRAGMA user_version = 99")
        db.close()
    assert noted(kind, path) == ""
    assert len(list(tmp_path.glob("one.known.damaged-*"))) == 1
    assert list(tmp_path.glob("*-wal")) == []


def test_a_file_that_is_in_use_is_not_taken_for_damaged(
    kind: type[KnownFile], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "one.known"
    note_down(kind, path)
    monkeypatch.setattr("collectors.database._BUSY_S", 0.0)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        kind(path)
    other.close()
    assert noted(kind, path) == "b"
    assert list(tmp_path.glob("*.damaged-*")) == []


def copies(fault: Exception | None = None) -> Iterator[Copy]:
    yield Copy(1, "one", at="2026-01-01", invitations=(b"an invitation",))
    if fault is not None:
        raise fault


def unfit() -> Iterable[Copy]:
    return [Copy(1, "one"), Copy(2, "two", invitations=(object(),))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        lambda known: known.add("INBOX", copies(OSError("the connection is gone"))),
        lambda known: known.add("INBOX", unfit()),
        lambda known: known.remove("INBOX", [7, object()]),
    ],
)
def test_a_change_of_a_mailbox_that_fails_leaves_nothing_half_done(
    tmp_path: Path, change: Callable[[Mailbox], None]
) -> None:
    known = Mailbox(tmp_path / "one.known")
    known.add("INBOX", [Copy(7, "seven", at="2026-01-01", invitations=(b"an invitation",))])
    with pytest.raises((OSError, sqlite3.Error)):
        change(known)
    assert known.uids("INBOX") == {7}
    assert {one: known.etags(one) for one in ("one", "two", "seven")} == {
        "one": {},
        "two": {},
        "seven": {"0": "2026-01-01"},
    }
    known.add("INBOX", copies())  # not within the transaction of what failed
    known.close()
    again = Mailbox(tmp_path / "one.known")
    assert again.uids("INBOX") == {1, 7}
    again.close()


def test_a_change_of_a_calendar_that_fails_leaves_nothing_half_done(tmp_path: Path) -> None:
    known = Calendars(tmp_path / "one.known")
    known.change("work", [("/1", b"one", "a")])
    known.set_token("work", "token 1", [])
    with pytest.raises(sqlite3.Error):
        known.change("work", [("/2", b"two", "b"), ("/3", object(), "c")], ["/1"])  # type: ignore[list-item]
    with pytest.raises(sqlite3.Error):
        known.set_token("work", object(), ["/1"])  # type: ignore[arg-type]
    assert known.token("work") == "token 1"
    assert known.etags("work") == {"/1": "a"}
    known.change("work", [("/2", b"two", "b")], ["/1"])
    known.forget_others(["home"])
    assert known.token("work") is None
    assert known.etags("work") == {}
    known.close()


def test_of_invitations_the_newest_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectors.imap.known.INVITATIONS_MAX", 2)
    known = Mailbox(tmp_path / "one.known")
    known.add("INBOX", [Copy(n, f"r{n}", at=f"2026-01-0{n}", invitations=(b"one", b"two")) for n in (2, 1)])
    known.add("Copies", [Copy(1, "r2", at="2026-01-02", invitations=(b"one", b"two"))])
    assert (known.forget_old_invitations(), known.forget_old_invitations()) == (2, 0)
    assert (known.etags("r1"), len(known.etags("r2"))) == ({}, 2)
    known.remove("INBOX", [2])
    assert len(known.etags("r2")) == 2
    known.remove("Copies", [1])
    assert known.etags("r2") == {}
    known.close()


def test_invitations_of_an_earlier_version_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "one.known"
    known = Mailbox(path)
    known.add("INBOX", [Copy(1, "r1")])
    known.close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE invitations (record TEXT, number INTEGER, at TEXT, data BLOB)")
        db.execute("INSERT INTO invitations VALUES ('r1', 0, '2026-01-01', 'an invitation')")
        db.commit()
    for _ in range(2):
        known = Mailbox(path)
        assert known.etags("r1") == {"0": "2026-01-01"}
        assert known.unread_count() == 1
        known.close()
