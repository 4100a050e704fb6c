"""Every collector, over a small world of good, odd and broken things: all that it saw is taken or left for a
reason, in numbers that a person counted, and all that it took was answered by the server."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from collectors.report import Report
from collectors.running import Job, run_once
from collectors.types import Kind
from tests.collectors.jobs import terms
from tests.collectors.mail_samples import mbox, message
from tests.collectors.repositories import Made, needs_git
from tests.running import RunningServer

Counts = dict[str, tuple[int, int, dict[str, int]]]


def write(folder: Path, files: dict[str, Any]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def mail(folder: Path) -> tuple[list[object], Counts]:
    spam = message("X-Gmail-Labels: Spam", id="spam@x")
    page = "Content-Type: multipart/mixed; boundary=b"
    parts = "--b\n\nwords\n--b\nContent-Type: image/png\n\nx\n--b--"
    inbox = mbox(message(page, id="a@x", body=parts), message(id="a@x"), message(id="b@x"), spam, b"junk\n")
    copy = mbox(message(id="b@x"))
    write(folder, {"J.Smith": inbox, "Archive": copy, "photo.jpg": "x", "old.mbox": "no mail", ".cache": "x"})
    return [folder], {
        "file": (5, 2, {"not mail": 1, "skipped": 1, "hidden": 1}),
        "message": (6, 3, {"spam (--deleted takes them)": 1, "here twice": 1, "skipped": 1}),
        "part": (4, 3, {"attached, with only its name kept": 1}),
    }


def slack(folder: Path) -> tuple[list[object], Counts]:
    def said(text: str, **more: str) -> dict[str, str]:
        return {"type": "message", "user": "U1", "ts": "1717142400.000100", "text": text, **more}

    day = [
        said("one"),
        said("one"),
        said("<|>"),
        said(""),
        said("x", subtype="channel_join"),
        said("y", ts="?"),
        7,
    ]
    write(
        folder,
        {
            "users.json": "[]",
            "channels.json": "[]",
            "canvases.json": "[]",
            "notes.txt": "x",
            "general/2024-05-31.json": json.dumps(day),
            "general/2024-06-01.json": "broken",
        },
    )
    return [folder], {
        "file": (6, 3, {"part of an export, without messages": 1, "not .json": 1, "skipped": 1}),
        "message": (
            *(7, 2),
            {
                "listed twice": 1,
                "without text": 1,
                "by Slack itself (joins, pins and the like)": 1,
                "skipped": 2,
            },
        ),
    }


def archive(folder: Path) -> tuple[list[object], Counts]:
    events = [
        {"id": "a", "title": "A", "start": f"{datetime.now(UTC):%Y-%m-%d}"},
        {"id": "b", "title": "B", "start": "2020-06-01"},
        {"id": "c", "title": "C", "start": "soon"},
    ]
    lines = [{"text": "one"}, {"text": ""}, 7, {"text": "two"}]
    write(
        folder,
        {
            "calendar/2024-05-31/a.jsonl": "\n".join(map(json.dumps, events)),
            "slack/2024-05-31/a.jsonl": "\n".join([*map(json.dumps, lines), "{broken"]),
            "slack/2024-05-31/b.jsonl.gz": b"no gzip",
            "slack/latest/a.jsonl": "{}",
            "slack/2024-05-31/README.txt": "x",
        },
    )
    return [folder], {
        "file": (5, 2, {"skipped": 1, "left out": 1, "not .jsonl or .jsonl.gz": 1}),
        "line": (8, 4, {"skipped": 3, "without text": 1}),
        "event": (2, 1, {"outside these days": 1}),
    }


def git(folder: Path) -> tuple[list[object], Counts]:
    made = Made(folder / "work")
    for day in range(3):
        made.commit(f"Day {day}", day)
    made.run("clone", "-q", ".", str(folder / "clone"))
    made.object(made.commit("Lost", 4)).unlink()
    return [folder / "clone", folder / "work", folder / "none", "--since", "2026-02-26"], {
        "repository": (3, 2, {"skipped": 1}),
        "branch": (4, 2, {"of remotes": 2}),
        "commit": (4, 2, {"skipped": 1, "older than asked for": 1}),
    }


def notes(folder: Path) -> tuple[list[object], Counts]:
    write(
        folder,
        {
            "a.md": "- [ ] Buy milk\n- [x] Pay the rent\n- [%] odd\nI owe @ana: the draft\n",
            "Templates/t.md": "- [ ] Not this",
            "b.md": b"\0\1\2" * 99,
            "c.png": "x",
            ".obsidian/a.json": "{}",
        },
    )
    return [folder, "--exclude", "Templates"], {
        "file": (
            5,
            1,
            _other("left out", "excluded", "not .md or .markdown or .txt", "hidden (a folder counts as one)"),
        ),
        "task": (4, 2, _other("done or cancelled", "with a mark that is not a task's")),
    }


def _other(*reasons: str) -> dict[str, int]:
    """Each of them once."""
    return dict.fromkeys(reasons, 1)


def ics(folder: Path) -> tuple[list[object], Counts]:
    def day(number: int) -> str:
        return f"{datetime.now(UTC) + timedelta(days=number):%Y%m%dT120000Z}"

    def event(uid: str, start: str, *more: str) -> list[str]:
        return ["BEGIN:VEVENT", f"UID:{uid}", f"DTSTART:{start}", f"SUMMARY:{uid}", *more, "END:VEVENT"]

    def to_do(uid: str, *more: str) -> list[str]:
        return ["BEGIN:VTODO", f"UID:{uid}", f"SUMMARY:{uid}", *more, "END:VTODO"]

    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x"),
        *event("one", day(1)),
        *event("daily", day(2), "RRULE:FREQ=DAILY;COUNT=3"),
        *event("old", day(-400)),
        *event("off", day(3), "STATUS:CANCELLED"),
        *event("was off", day(-3), "STATUS:CANCELLED"),
        *event("broken", "soon"),
        *to_do("open", f"DUE:{day(3)}"),
        *to_do("done", f"COMPLETED:{day(-1)}"),
        *to_do("done long ago", f"COMPLETED:{day(-100)}"),
        *to_do("off", "STATUS:CANCELLED"),
        *to_do("weekly", f"DUE:{day(1)}", "RRULE:FREQ=WEEKLY"),
        *to_do("weekly", f"DUE:{day(1)}", f"RECURRENCE-ID:{day(1)}"),
        *to_do("broken", "BEGIN:VALARM"),
        "END:VCALENDAR",
    ]
    write(folder, {"a.ics": "\r\n".join(lines), "b.ics": "no calendar"})
    return [folder / "a.ics", folder / "b.ics", "--source", "x"], {
        "file": (2, 1, _other("skipped")),
        "event": (6, 3, _other("cancelled", "outside these days", "skipped")),
        "occurrence": (6, 5, _other("cancelled")),
        "to-do": (
            7,
            3,
            _other(
                "cancelled", "done before these days", "single occurrences of a to-do that recurs", "skipped"
            ),
        ),
    }


WORLDS = {"ics": ics, "notes": notes, "slack": slack, "mail": mail, "git": git, "archive": archive}


def job(name: str, arguments: list[object]) -> Job:
    module = import_module(f"collectors.{name}.__main__")
    parser = ArgumentParser()
    add: Callable[[ArgumentParser], None] = getattr(module, "_add_arguments", None) or module.add_arguments
    add(parser)
    parser.add_argument("--source")
    make: Callable[[Namespace], Job] = getattr(module, "_job", None) or module.job
    return make(parser.parse_args([*map(str, arguments)]))


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=needs_git) if one == "git" else one for one in WORLDS]
)
async def test_all_that_a_collector_saw_is_taken_or_left_for_a_reason(
    name: str, server: RunningServer, tmp_path: Path
) -> None:
    world = tmp_path / "world"
    world.mkdir()
    arguments, expected = WORLDS[name](world)
    report = await run_once(job(name, arguments), terms(server))
    assert (report.away, report.refused, report.failed) == ("", "", "")
    found = {one.unit: (one.seen, one.taken, dict(one.left)) for one in report.accounts}
    assert found == expected
    for seen, taken, left in found.values():
        assert seen == taken + sum(left.values()) > 0
    named = {kind: sum(left.get(kind, 0) for _, _, left in found.values()) for kind in Kind}
    assert named[Kind.SKIPPED] <= report.concerned[Kind.SKIPPED]
    assert named[Kind.LEFT_OUT] <= report.concerned[Kind.LEFT_OUT]
    _nothing_is_lost_on_the_way(report)


def _nothing_is_lost_on_the_way(report: Report) -> None:
    """What was yielded, the server answered one by one, and the report says so in its numbers."""
    assert report.yielded.total() > 0
    assert report.unanswered == 0
    said = "\n".join(report.lines())
    for account in report.accounts:
        assert f"{account.seen:,} seen: {account.taken:,} taken" in said
