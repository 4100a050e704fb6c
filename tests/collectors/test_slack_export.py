"""Slack exports as files: in folders and zips, whole, odd and broken."""

import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.slack import reading as slack_reading
from collectors.slack.array import array
from collectors.slack.message import record
from collectors.slack.reading import Wanted
from collectors.types import Ask, Finding, Kind, Progress
from models.sources import Mode
from tests.collectors.slack_exports import (
    Files,
    accounts,
    export,
    findings,
    found,
    records,
    refusal,
    said,
    texts,
    unpacked,
    zipped,
)


@pytest.fixture(params=["folder", "zip"])
def laid(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Files], Path]:
    """Puts the files where an export is: in a folder, and in a zip."""
    if request.param == "folder":
        return lambda files: unpacked(tmp_path / "export", files)
    return lambda files: zipped(tmp_path / "export.zip", files)


Laid = Callable[[Files], Path]


def test_a_whole_export_gives_each_message_and_no_finding(laid: Laid) -> None:
    got = found(laid(export()))
    assert [(one.title, one.text) for one in records(got)] == [
        ("#general", "one"),
        ("#general", "two"),
        ("#random", "three"),
    ]
    assert findings(got) == []
    assert [one for one in got if isinstance(one, Progress)][-1] == Progress(2, 2)


def test_two_runs_give_the_same_ids(laid: Laid) -> None:
    path = laid(export())
    assert records(found(path)) == records(found(path))


def test_an_export_in_a_folder_of_its_own_is_found(laid: Laid) -> None:
    nested = {f"acme export/{name}": content for name, content in export().items()}
    nested["__MACOSX/acme export/._users.json"] = b"\x00\x05\x16\x07"
    nested["acme export/.DS_Store"] = b"\x00\x00\x00\x01"
    got = found(laid(nested))
    assert texts(got) == ["one", "two", "three"]
    assert [why for kind, _, why in findings(got) if kind != "note"] == []


def test_direct_messages_go_by_who_is_in_them(laid: Laid) -> None:
    got = found(
        laid(
            export(
                dms=[{"id": "D1", "members": ["U1", "U2"]}],
                mpims=[{"id": "G1", "name": "mpdm-ana--bo--zoe-1", "members": ["U1", "U2", "U3"]}],
                groups=[{"id": "G2", "name": "secret"}],
                **{
                    "D1__2024-05-31": [said("dm")],
                    "mpdm-ana--bo--zoe-1__2024-05-31": [said("group dm")],
                    "secret__2024-05-31": [said("private")],
                },
            )
        )
    )
    assert {one.text: (one.title, one.id.split("-")[0]) for one in records(got)} == {
        "dm": ("@Ana, @bo", "D1"),
        "group dm": ("@Ana, @bo, @U3", "G1"),
        "private": ("#secret", "G2"),
        "one": ("#general", "C1"),
        "two": ("#general", "C1"),
        "three": ("#random", "C2"),
    }


def test_people_whom_no_list_names_go_by_what_messages_tell_of_them(laid: Laid) -> None:
    ruth = {"display_name": "Ruth (Partner)", "real_name": "Ruth Ek"}
    sam = {"display_name": "", "real_name": "Sam Oduya"}
    got = found(
        laid(
            export(
                dms=[{"id": "D1", "members": ["U1", "U7"]}],
                **{
                    "D1__2024-05-30": [said("hello <@U8> and <!subteam^S1>")],
                    "random__2024-06-02": [
                        said("I am here", user="U7", user_profile=ruth),
                        said("so am I, <!subteam^S1|@finance>", user="U8", user_profile=sam),
                        said("named in the list", user="U1", user_profile=ruth),
                    ],
                },
            )
        ),
        Wanted(frozenset({"D1"})),
    )
    assert [(one.title, one.text) for one in records(got)] == [
        ("@Ana, @Ruth (Partner)", "hello @Sam Oduya and @finance")
    ]


def test_one_damaged_message_costs_that_message(laid: Laid) -> None:
    day = json.dumps([said(text, f"171714240{n}.000100") for n, text in enumerate(("one", "two", "three"))])
    reply = (
        '"edited": {"user": "U1", "ts": "1.0"}, "replies": [{"ts": "1.0"}, {"ts": "2.0", "type": "reply"}], '
    )
    damaged = day.replace('"text": "two"', f'{reply}"text": two')
    got = found(laid(export(**{"general__2024-05-31": damaged.encode()})))
    assert texts(got) == ["one", "three", "three"]
    ((kind, where, why),) = findings(got)
    assert (kind, where) == ("skipped", "general/2024-05-31.json")
    assert why.startswith("a message is damaged at character")


def test_a_mark_without_anything_in_it_costs_nothing(laid: Laid) -> None:
    day = [said("before"), said("a table <|> b", "1717142401.000100"), said("after", "1717142402.000100")]
    assert texts(found(laid(export(**{"general__2024-05-31": day}))))[:3] == [
        "before",
        "a table <|> b",
        "after",
    ]


def test_a_message_that_nobody_has_seen_before_costs_that_message(
    laid: Laid, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(message: dict[str, object], *others: Any) -> Any:
        if message["text"] == "two":
            raise KeyError("odd")
        return record(message, *others)

    monkeypatch.setattr(slack_reading, "record", odd)
    got = found(laid(export()))
    assert texts(got) == ["one", "three"]
    [(kind, where, why)] = findings(got)
    assert (kind, where) == ("skipped", "general/2024-05-31.json, message 2")
    assert "a fault of its own" in why
    assert "odd" not in why
    assert accounts(got)["message"] == (3, 2, {"skipped": 1})


def test_every_file_of_the_export_is_accounted_for(laid: Laid) -> None:
    got = found(
        laid(export(canvases=[], general__notes=[], **{"general__2024-05-30": b"?"})),
        Wanted(frozenset({"general"})),
    )
    assert accounts(got) == {
        "file": (
            *(7, 3),
            {
                "skipped": 1,
                "not asked for": 1,
                "part of an export, without messages": 1,
                "not part of an export": 1,
            },
        ),
        "message": (2, 2, {}),
    }


def test_without_lists_folders_and_ids_stand_in_place_of_names(laid: Laid) -> None:
    got = found(laid({"general/2024-05-31.json": [said("one <@U1>")]}))
    assert [(one.id, one.title, one.text) for one in records(got)] == [
        ("general-1717142400.000100", "#general", "one @U1")
    ]
    assert {(kind, where) for kind, where, _ in findings(got)} == {
        ("note", "users.json"),
        ("note", "channels.json"),
    }


def test_what_slack_says_itself_is_left_out_and_counted(laid: Laid) -> None:
    joined = said("<@U1> has joined the channel", subtype="channel_join")
    got = found(laid(export(**{"general__2024-05-31": [joined, said("one")]})))
    assert texts(got) == ["one", "three"]
    assert findings(got) == []
    assert accounts(got)["message"] == (3, 2, {"by Slack itself (joins, pins and the like)": 1})


def test_only_the_channels_that_are_wanted_are_read_by_name_or_id(laid: Laid) -> None:
    path = laid(export(**{"random__2024-06-01": b"["}))
    assert texts(found(path, Wanted(frozenset({"general"})))) == ["one", "two"]
    assert texts(found(path, Wanted(frozenset({"C1"})))) == ["one", "two"]
    got = found(path, Wanted(frozenset({"general", "generall"})))
    assert findings(got) == [("skipped", "#generall", "there is no such channel in the export")]


def test_only_messages_since_a_day_are_taken(laid: Laid) -> None:
    path = laid(export())
    assert texts(found(path, Wanted(since=date(2024, 6, 1)))) == ["three"]
    assert texts(found(path, Wanted(since=date(2024, 6, 2)))) == []


def test_a_quick_run_looks_into_the_days_since_the_last_run_and_the_one_before(laid: Laid) -> None:
    path = laid(export(**{"general__2024-05-30": [said("old")]}))
    since = datetime(2024, 6, 1, 12, tzinfo=UTC)
    assert texts(found(path, ask=Ask(Mode.QUICK, since))) == ["one", "two", "three"]
    assert texts(found(path, ask=Ask(Mode.QUICK, since + timedelta(days=1)))) == ["three"]
    assert texts(found(path, ask=Ask(Mode.QUICK))) == ["old", "one", "two", "three"]
    assert texts(found(path, ask=Ask(Mode.FULL, since))) == ["old", "one", "two", "three"]


def test_a_day_that_was_cut_gives_what_came_before(laid: Laid) -> None:
    whole = json.dumps([said("one"), said("two", "1717142401.000100")]).encode()
    got = found(laid(export(**{"general__2024-05-31": whole[:-30]})))
    assert texts(got) == ["one", "three"]
    ((kind, where, why),) = findings(got)
    assert (kind, where) == ("skipped", "general/2024-05-31.json")
    assert why.endswith("1 before that were read")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"\0" * 4096, "it is not text"),
        (b"<html>Sign in</html>", "it is not a list of messages"),
        ({"ok": False}, "it is not a list of messages"),
        (b"[" * 100_000, "it is cut or broken at character 2; 0 before that were read"),
        (b'[{"ts": nul', "it is cut or broken at character 2; 0 before that were read"),
    ],
)
def test_a_day_that_is_no_list_of_messages_is_named_and_the_rest_goes_in(
    laid: Laid, content: Any, why: str
) -> None:
    got = found(laid(export(**{"general__2024-05-31": content})))
    assert texts(got) == ["three"]
    assert findings(got) == [("skipped", "general/2024-05-31.json", why)]


def test_a_file_beyond_the_bound_is_named_and_the_rest_goes_in(
    laid: Laid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slack_reading, "FILE_BYTES_MAX", 2_048)
    noise = "".join(chr(33 + (7 * n * n) % 90) for n in range(4_096))
    got = found(laid(export(**{"general__2024-05-31": [said(noise)]})))
    assert texts(got) == ["three"]
    ((kind, where, why),) = findings(got)
    assert (kind, where) == ("skipped", "general/2024-05-31.json")
    assert why.startswith("it is larger than")


def test_messages_that_cannot_be_placed_are_named_and_the_rest_goes_in(laid: Laid) -> None:
    day = [
        said("one"),
        "two",
        None,
        {"text": "three"},
        said("four", ts="soon"),
        {**said("five"), "user": 5},
        7,
    ]
    got = found(laid(export(**{"general__2024-05-31": day})))
    assert texts(got) == ["one", "five", "three"]
    file = "general/2024-05-31.json"
    assert findings(got) == [
        ("skipped", f"{file}, message 2", "it is not a message (a JSON object)"),
        ("skipped", f"{file}, message 3", "it is not a message (a JSON object)"),
        ("skipped", f"{file}, message 4", "it has no time (ts)"),
        ("skipped", file, "2 more cannot be read"),
    ]


def test_messages_with_one_time_get_ids_of_their_own(laid: Laid) -> None:
    got = found(laid(export(**{"general__2024-05-31": [said("one"), said("one"), said("two")]})))
    assert [(one.id, one.text) for one in records(got)][:2] == [
        ("C1-1717142400.000100", "one"),
        ("C1-1717142400.000100-2", "two"),
    ]
    assert findings(got) == [
        ("note", "general/2024-05-31.json, message 2", "it is in the file twice, and is used once")
    ]


def test_a_clock_that_is_ahead_is_named_and_its_message_is_taken(laid: Laid) -> None:
    ts = f"{(datetime.now(UTC) + timedelta(days=30)).timestamp():.6f}"
    got = found(laid(export(**{"general__2024-05-31": [said("late", ts)]})))
    assert "late" in texts(got)
    assert [(kind, "is in the future" in why) for kind, _, why in findings(got)] == [("note", True)]


def test_messages_without_words_are_counted(laid: Laid) -> None:
    got = found(laid(export(**{"general__2024-05-31": [said(""), said(" ")]})))
    assert findings(got) == []
    assert accounts(got)["message"] == (3, 1, {"without text": 2})


def test_latin_1_a_byte_order_mark_and_half_a_character_are_read(laid: Laid) -> None:
    latin = '[{"ts": "1717142400.000100", "text": "Größe"}]'.encode("latin-1")
    marked = b"\xef\xbb\xbf" + json.dumps([said("marked")]).encode()
    half = rb'[{"ts": "1717142402.000100", "text": "half \ud83d done"}]'
    got = found(
        laid(
            export(
                **{"general__2024-05-31": latin, "general__2024-06-01": marked, "general__2024-06-02": half}
            )
        )
    )
    assert texts(got)[:3] == ["Größe", "marked", "half  done"]
    assert [kind for kind, _, _ in findings(got) if kind == "skipped"] == []


def test_broken_lists_cost_names_and_no_message(laid: Laid) -> None:
    got = found(
        laid(export(users=b'[{"id": "U1", "name": "ana"}, {"id', channels=[7, {"name": "x"}, {"id": "C1"}]))
    )
    assert texts(got) == ["one", "two", "three"]
    notes = [(kind, where) for kind, where, _ in findings(got)]
    assert notes == [("note", "users.json")]
    assert all(one.meta and one.meta["user_name"] == "ana" for one in records(got))


def test_other_files_are_counted_in_one_remark(laid: Laid) -> None:
    got = found(laid(export(general__canvas=[], integration_logs=[], random__notes=[], canvases=[])))
    assert texts(got) == ["one", "two", "three"]
    ((kind, where, why),) = findings(got)
    assert (kind, why) == ("note", "it is not a day of a channel, so it is skipped")
    assert where == "general/canvas.json and 1 more"


def test_what_is_no_export_is_refused_with_what_one_would_be(laid: Laid) -> None:
    why = refusal(laid({"package.json": {"name": "x"}, "src/a/b/2024-05-31.txt": b"x"}))
    assert why.partition(": ")[2].startswith(
        "it is not a Slack export: it has neither channels.json nor days"
    )


def test_several_exports_in_one_are_refused_by_name(laid: Laid) -> None:
    files = {f"{top}/{name}": content for top in ("a", "b") for name, content in export().items()}
    assert "there are several exports in it (a, b): give one of them" in refusal(laid(files))


def test_an_empty_folder_and_an_empty_zip_are_refused(laid: Laid) -> None:
    path = laid({})
    if not path.exists():
        path.mkdir()
    assert "it is not a Slack export" in refusal(path)


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    outside = unpacked(tmp_path / "outside", {"2024-05-31.json": [said("secret")]})
    folder = unpacked(tmp_path / "export", export())
    (folder / "leak").symlink_to(outside)
    (folder / "general" / "loop").symlink_to(folder)
    (folder / "general" / "2024-06-09.json").symlink_to(outside / "2024-05-31.json")
    os.mkfifo(folder / "general" / "2024-06-08.json")
    got = found(folder)
    assert texts(got) == ["one", "two", "three"]
    assert {where for kind, where, _ in findings(got) if kind == "left out"} == {
        *("leak", "general/loop", "general/2024-06-09.json", "general/2024-06-08.json")
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "export", export())
    (folder / "general" / "2024-05-31.json").chmod(0)
    got = found(folder)
    assert texts(got) == ["three"]
    assert [kind for kind, _, _ in findings(got)] == ["skipped"]


def test_an_array_is_read_as_far_as_it_goes() -> None:
    assert array(b"[1, 2, NaN]")[0][:2] == [1, 2]
    assert array(b"[1, 2, ")[0] == [1, 2]
    assert array(b"[1, 2")[0] == [1, 2]
    assert array(b" [1, 2,, 3]") == ([1, 2, 3], [])


def test_findings_are_kinds_that_the_report_knows(laid: Laid) -> None:
    got = found(laid(export(**{"general__2024-05-31": b"x"})))
    assert {one.kind for one in got if isinstance(one, Finding)} == {Kind.SKIPPED}
