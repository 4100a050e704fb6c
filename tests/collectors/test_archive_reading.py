"""Archives as files: whole, packed, cut, broken, hostile, and made of real conversations and calendars."""

import gzip
import json
import os
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest

from collectors.archive import lines as archive_lines
from collectors.archive import reading as archive_reading
from collectors.archive.event import Window
from collectors.archive.lines import LINE_BYTES_MAX, read_lines, split
from collectors.archive.record import record
from collectors.folders import Unreadable
from collectors.types import Ask, Finding, Found, Kind, NoneLeft, Progress
from models.records import GivenRecord
from models.sources import Mode
from tests.collectors.archives import DAY, accounts, archive, events, findings, found, jsonl, said, texts

SHARED = Path(__file__).parents[3] / "shared" / "data"


def test_records_and_events_come_out_of_files_packed_or_not(tmp_path: Path) -> None:
    meeting = {"id": "e", "title": "Board", "start": "2024-06-01T10:00:00Z", "end": "2024-06-01T11:00:00Z"}
    root = archive(
        tmp_path,
        slack__2024_05_31__a=said("one", "two"),
        slack__2024_05_31__bz=gzip.compress(said("three")),
        calendar__2024_05_31__c=jsonl(meeting),
        crm__2024_05_31__d=jsonl(meeting | {"id": 7, "title": "Call"}),
    )
    got = found(root)
    assert texts(got) == ["one", "two", "three"]
    assert events(got) == [("calendar:e", "Board"), ("crm:7", "Call")]
    assert findings(got) == []
    assert [one for one in got if isinstance(one, Progress)][-1] == Progress(4, 4)


def test_two_runs_give_the_same_ids(tmp_path: Path) -> None:
    root = archive(tmp_path, slack__2024_05_31__a=said("ok", "ok"), slack__2024_05_31__b=said("ok"))
    assert found(root) == found(root)
    assert len({one.id for one in found(root) if isinstance(one, GivenRecord)}) == 3


def test_the_newest_day_wins(tmp_path: Path) -> None:
    line = {"id": "e", "title": "old", "start": "2024-06-01"}
    root = archive(
        tmp_path,
        calendar__2024_05_30__z9=jsonl(line),
        calendar__2024_05_31__a=jsonl(line | {"title": "new"}),
        calendar__2024_05_29__a=jsonl(line | {"title": "older"}),
    )
    assert events(found(root)) == [("calendar:e", "new")]


def test_a_quick_run_looks_into_the_days_since_the_last_run_and_the_one_before(tmp_path: Path) -> None:
    root = archive(
        tmp_path, a__2024_05_29__x=said("old"), a__2024_05_30__x=said("one"), a__2024_05_31__x=said("two")
    )
    since = datetime(2024, 5, 31, 6, tzinfo=UTC)
    assert texts(found(root, Ask(Mode.QUICK, since))) == ["one", "two"]
    assert texts(found(root, Ask(Mode.QUICK))) == ["old", "one", "two"]
    assert texts(found(root, Ask(Mode.FULL, since))) == ["old", "one", "two"]


def test_a_calendar_of_which_nothing_is_left_says_so_for_sure(tmp_path: Path) -> None:
    past = {"id": "e", "title": "x", "start": "2020-06-01"}
    root = archive(tmp_path, calendar__2024_05_31__a=jsonl(past))
    left = [one.section for one in found(root) if isinstance(one, NoneLeft)]
    assert left == ["proposals", "people", "calendar"]
    archive(tmp_path, calendar__2024_05_31__a=b"")
    assert NoneLeft("calendar") not in found(root)


def test_broken_lines_are_named_and_the_rest_goes_in(tmp_path: Path) -> None:
    lines = (
        b'{"text": "one"',
        b"",
        b"[1]",
        b"null",
        b"\xff\xfe\x00",
        {"ts": 1},
        b"{" * 5_000,
        {"text": "two"},
    )
    got = found(archive(tmp_path, slack__2024_05_31__a=jsonl(*lines)))
    assert texts(got) == ["two"]
    file = f"slack/{DAY}/a.jsonl"
    first, *rest = findings(got)
    assert first[:2] == ("skipped", f"{file}, line 1")
    assert first[2].startswith("it is not JSON (at character 15")
    assert rest == [
        ("skipped", f"{file}, line 3", "it is not a JSON object"),
        ("skipped", f"{file}, line 4", "it is not a JSON object"),
        ("skipped", file, "3 more cannot be read"),
    ]
    assert accounts(got)["line"] == (7, 1, {"skipped": 6})


def test_a_bad_byte_in_a_line_costs_that_byte(tmp_path: Path) -> None:
    lines = (
        said("Größe eins"),
        b'{"text": "Gr\xc3\xb6\xc3\x9fe zwei \xff und \0 Ende"}\n',
        said("Größe drei"),
    )
    got = found(archive(tmp_path, slack__2024_05_31__a=b"".join(lines)))
    assert texts(got) == ["Größe eins", "Größe zwei \ufffd und  Ende", "Größe drei"]
    assert [kind for kind, _, _ in findings(got)] == ["note"]


def test_a_line_that_nobody_has_seen_before_costs_that_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(line: dict[str, object], *others: Any) -> Any:
        if line["text"] == "two":
            raise KeyError("odd")
        return record(line, *others)

    monkeypatch.setattr(archive_reading, "record", odd)
    got = found(archive(tmp_path, slack__2024_05_31__a=said("one", "two", "three")))
    assert texts(got) == ["one", "three"]
    [(kind, where, why)] = findings(got)
    assert (kind, where) == ("skipped", f"slack/{DAY}/a.jsonl, line 2")
    assert "a fault of its own" in why
    assert "odd" not in why


def test_every_line_about_an_event_is_accounted_for(tmp_path: Path) -> None:
    def told(id: str, start: str, **more: str) -> dict[str, str]:
        return {"id": id, "title": id, "start": start, **more}

    old = (told("a", "2024-06-01"), told("b", "2024-06-01"), told("c", "2024-06-01"), told("d", "2020-06-01"))
    new = (told("a", "2024-06-02"), told("b", "2024-06-01", status="cancelled"))
    root = archive(tmp_path, calendar__2024_05_30__x=jsonl(*old), calendar__2024_05_31__x=jsonl(*new))
    got = found(root)
    assert events(got) == [("calendar:c", "c"), ("calendar:a", "a")]
    left = {"repeated later": 2, "outside these days": 1, "cancelled": 1}
    assert accounts(got)["event"] == (6, 2, left)
    assert accounts(got)["line"] == (6, 6, {})


def test_lines_without_any_words_are_counted(tmp_path: Path) -> None:
    got = found(archive(tmp_path, a__2024_05_31__x=said("one", "", " "), b__2024_05_31__x=said("")))
    assert texts(got) == ["one"]
    assert findings(got) == []
    assert accounts(got)["line"] == (4, 1, {"without text": 3})


def test_a_line_that_is_too_long_is_named_and_the_rest_goes_in(tmp_path: Path) -> None:
    root = archive(tmp_path, slack__2024_05_31__a=said("one", "x" * (LINE_BYTES_MAX + 1), "two"))
    got = found(root)
    assert texts(got) == ["one", "two"]
    assert findings(got) == [("skipped", f"slack/{DAY}/a.jsonl, line 2", "it is longer than 1 MiB")]


def test_an_event_that_cannot_be_said_is_named_by_its_line(tmp_path: Path) -> None:
    lines = ({"id": 1, "title": "x", "start": "soon"}, {"id": 2, "title": "y", "start": "2024-06-01"})
    got = found(archive(tmp_path, calendar__2024_05_31__a=jsonl(*lines)))
    assert events(got) == [("calendar:2", "y")]
    assert findings(got) == [("skipped", f"calendar/{DAY}/a.jsonl, line 1", "its start cannot be read: soon")]


def test_a_packed_file_that_was_cut_gives_what_came_before(tmp_path: Path) -> None:
    packed = gzip.compress(said(*(f"line {n} {n * 2_654_435_761 % 2**32:x}" for n in range(5_000))))
    got = found(archive(tmp_path, a__2024_05_30__z=packed[: len(packed) // 2], a__2024_05_31__x=said("last")))
    assert len(texts(got)) > 1_000
    assert texts(got)[-1] == "last"
    why = "its gzip is cut; what came before was read"
    assert findings(got) == [("skipped", "a/2024-05-30/z.jsonl.gz", why)]


@pytest.mark.parametrize("content", [b"", b"\x1f", said("not packed at all"), b"\0" * 99])
def test_what_is_no_gzip_is_named_and_the_rest_goes_in(tmp_path: Path, content: bytes) -> None:
    got = found(archive(tmp_path, a__2024_05_30__z=content, a__2024_05_31__x=said("last")))
    assert texts(got) == ["last"]
    ((kind, where, why),) = findings(got)
    assert (kind, where) == ("skipped", "a/2024-05-30/z.jsonl.gz")
    assert why.startswith("its gzip is")


def test_a_packed_file_of_several_members_with_padding_is_read_whole(tmp_path: Path) -> None:
    packed = gzip.compress(said("one")) + gzip.compress(said("two")) + b"\0" * 512
    got = found(archive(tmp_path, a__2024_05_31__z=packed))
    assert (texts(got), findings(got)) == (["one", "two"], [])


def test_a_bomb_does_not_go_off_and_the_rest_goes_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_lines, "RATIO_FREE_BYTES", 2**20)
    bomb = gzip.compress(said("one") + b"a" * 2**26, 9)
    root = archive(tmp_path, a__2024_05_30__z=bomb, a__2024_05_31__x=said("last"))
    tracemalloc.start()
    got = found(root)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert texts(got) == ["one", "last"]
    ((kind, where, why),) = findings(got)
    assert (kind, where) == ("skipped", "a/2024-05-30/z.jsonl.gz")
    assert why == "it unpacks to more than 200 times its size, as bombs do; what came before was read"
    assert peak < 2**25


def test_a_line_without_an_end_fills_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "endless.jsonl"
    with path.open("wb") as file:
        file.truncate(2**28)
    tracemalloc.start()
    assert list(read_lines(path)) == [(1, None)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**24


def test_a_file_of_any_length_is_read_within_little_memory(tmp_path: Path) -> None:
    (tmp_path / "long.jsonl").write_bytes(b"x" * 2_000 + b"\n" + said("word " * 400) * 20_000)
    tracemalloc.start()
    count = sum(1 for _ in read_lines(tmp_path / "long.jsonl"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (count, peak < 2**24) == (20_001, True)


def test_the_words_that_twins_are_told_by_are_held_within_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_reading, "TWINS_MAX", 2)
    got = found(archive(tmp_path, a__2024_05_31__x=said("x", "x", "x")))
    ids = [one.id for one in got if isinstance(one, GivenRecord)]
    assert [ids[1], ids[2]] == [f"{ids[0]}-2", ids[0]]


def test_lines_are_the_same_however_they_come_in() -> None:
    data = b"\n\none\r\ntwo\n  \nthree"
    expected = [(3, b"one"), (4, b"two"), (6, b"three")]
    for size in range(1, len(data) + 1):
        chunks = (data[at : at + size] for at in range(0, len(data), size))
        assert list(split(chunks)) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings_are_seen_through(tmp_path: Path, encoding: str) -> None:
    content = '{"text": "Größe"}\n{"text": "two"}\n'.encode(encoding)
    got = found(archive(tmp_path, a__2024_05_31__x=content))
    assert texts(got) == ["Größe", "two"]
    notes = ["it is not UTF-8 and was read as Windows-1252"] if encoding == "latin-1" else []
    assert [why for _, _, why in findings(got)] == notes


def test_folders_that_are_no_day_of_a_source_are_left_out_by_name(tmp_path: Path) -> None:
    root = archive(
        tmp_path, a__2024_05_31__x=said("one"), a__2024_13_31__x=said("no"), a__latest__x=said("no")
    )
    (root / "top.jsonl").write_bytes(said("no"))
    (root / "a" / DAY / "deeper").mkdir()
    (root / "a" / DAY / "deeper" / "y.jsonl").write_bytes(said("no"))
    (root / "a" / DAY / "README.txt").write_bytes(b"passed over")
    got = found(root)
    assert texts(got) == ["one"]
    why = "it is not a folder <source>/<YYYY-MM-DD>, so its files are not read"
    places = (". (1 file)", "a/2024-05-31/deeper (1 file)", "a/2024-13-31 (1 file)", "a/latest (1 file)")
    assert sorted(findings(got)) == [("left out", where, why) for where in places]


def test_links_are_not_followed_and_pipes_not_waited_for(tmp_path: Path) -> None:
    outside = archive(tmp_path / "outside", a__2024_05_31__x=said("secret"))
    root = archive(tmp_path / "root", a__2024_05_31__x=said("one"))
    (root / "leak").symlink_to(outside / "a")
    (root / "a" / "loop").symlink_to(root)
    os.mkfifo(root / "a" / DAY / "pipe.jsonl")
    got = found(root)
    assert texts(got) == ["one"]
    assert {where for kind, where, _ in findings(got) if kind == "left out"} == {
        *("leak", "a/loop", f"a/{DAY}/pipe.jsonl")
    }


@pytest.mark.parametrize("name", ["empty", "missing"])
def test_what_is_no_archive_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(Unreadable, match=f"{name}: it "):
        found(tmp_path / name)


def test_a_clock_that_is_ahead_is_named_and_its_line_is_taken(tmp_path: Path) -> None:
    ahead = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    got = found(archive(tmp_path, a__2024_05_31__x=jsonl({"text": "late", "ts": ahead})))
    assert texts(got) == ["late"]
    assert [(kind, "is in the future" in why) for kind, _, why in findings(got)] == [("note", True)]


def test_events_beyond_what_is_taken_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectors.archive.event.EVENTS_MAX", 2)
    lines = ({"id": n, "title": "x", "start": "2024-06-01"} for n in range(5))
    got = found(archive(tmp_path, calendar__2024_05_31__x=jsonl(*lines)))
    assert len(events(got)) == 2
    assert [(kind, why.split(" ")[0]) for kind, _, why in findings(got)] == [("left out", "3")]


def conversations() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for path in sorted((SHARED / "chat" / "gitter" / "docker").glob("2018-0[1-3]-*.json")):
        yield path.stem, json.loads(path.read_bytes())


@pytest.mark.skipif(not SHARED.is_dir(), reason="the folder of real conversations and calendars is not here")
def test_an_archive_of_real_conversations_gives_each_message(tmp_path: Path) -> None:
    expected = set()
    for day, messages in conversations():
        lines = [message | {"channel": "docker"} for message in messages]
        archive(tmp_path, **{f"chat__{day}__{'z' if day.endswith('1') else 'a'}": jsonl(*lines)})
    for path in tmp_path.rglob("z.jsonl.gz"):
        path.write_bytes(gzip.compress(path.read_bytes()))
    for _, messages in conversations():
        expected |= {f"chat:docker-{message['ts']}" for message in messages}
    got = found(tmp_path)
    assert {one.id for one in got if isinstance(one, GivenRecord)} == expected
    assert len(expected) > 1_000
    assert {kind for kind, _, _ in findings(got)} <= {"note"}


@pytest.mark.skipif(not SHARED.is_dir(), reason="the folder of real conversations and calendars is not here")
def test_an_archive_of_a_real_calendar_gives_each_event(tmp_path: Path) -> None:
    text = (SHARED / "calendar" / "pycon-us-2025" / "all_events.ics").read_bytes()
    lines = [
        {
            "uid": str(one["UID"]),
            "summary": str(one["SUMMARY"]),
            "start": {"dateTime": one.decoded("DTSTART").isoformat()},
            "end": {"dateTime": one.decoded("DTEND").isoformat()},
            "description": str(one.get("DESCRIPTION", "")),
        }
        for one in icalendar.Calendar.from_ical(text).walk("VEVENT")
    ]
    root = archive(tmp_path, calendar__2025_05_14__a=jsonl(*lines), calendar__2025_05_15__a=jsonl(*lines[1:]))
    got = found(root, window=Window.around(date(2025, 5, 15), 30, 30))
    assert len(events(got)) == len({line["uid"] for line in lines}) > 100
    assert {kind for kind, _, _ in findings(got)} <= {"note"}


def test_an_event_that_cannot_be_read_spares_itself_and_only_until_it_is_told_again(tmp_path: Path) -> None:
    bad, good = {"id": "e", "title": "x", "start": "soon"}, {"id": "f", "title": "f", "start": DAY}

    def two_days(name: str, second: bytes) -> list[Found]:
        return found(
            archive(tmp_path / name, calendar__2024_05_29__a=jsonl(bad), calendar__2024_05_30__a=second)
        )

    unread = two_days("a", jsonl(good, bad))
    skipped = [one for one in unread if isinstance(one, Finding) and one.kind is Kind.SKIPPED]
    where = "calendar/2024-05-30/a.jsonl, line 2"
    assert [(one.where, one.spares) for one in skipped] == [(where, "calendar:e")]
    assert accounts(unread)["line"] == (3, 1, {"skipped": 1, "repeated later": 1})
    told = two_days("b", jsonl(bad | {"start": DAY}))
    assert events(told) == [("calendar:e", "x")]
    assert [one for one in findings(told) if one[0] == "skipped"] == []
    nameless = two_days("c", jsonl({"title": "x", "start": "soon"}, bad | {"start": DAY}))
    assert [one.spares for one in nameless if isinstance(one, Finding)] == [""]
