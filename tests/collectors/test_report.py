"""What a person reads after a run."""

from __future__ import annotations

import re

import pytest

from collectors.accounts import Account
from collectors.remarks import Remarks, why_not
from collectors.report import Report
from collectors.types import Finding, Kind
from models.priorities import GivenPriority
from models.records import GivenRecord


def test_a_report_is_aligned_and_each_fault_has_its_line() -> None:
    report = Report("notes:work")
    report.read("priorities", GivenPriority)
    report.read("records", GivenRecord, 1_200)
    report.answered("records", {"indexed": 1_000, "unchanged": 200, "rejected": []})
    rejected = [{"index": 0, "id": "p1", "path": "title", "message": "must not be\nblank"}]
    counts = {"added": 0, "changed": 0, "unchanged": 0, "removed": 0}
    report.answered("priorities", counts | {"rejected": rejected, "codes": {}, "dismissed": 2})
    report.remark(Finding(Kind.NOTE, "a.md", "its title had to be cut"))
    report.remark(Finding(Kind.SKIPPED, "b.md", "it cannot be read"))
    report.note("of all of it")
    assert list(report.lines()) == [
        "source      notes:work",
        "read        1 priority, 1,200 records",
        "records     1,000 indexed, 200 unchanged, 0 rejected",
        "priorities  0 added, 0 changed, 0 unchanged, 0 removed, 1 rejected, 2 stay removed",
        "            nothing was removed because not everything could be read",
        "skipped     b.md: it cannot be read",
        "note        a.md: its title had to be cut",
        "note        of all of it",
        "rejected    p1: title: must not be blank",
    ]
    assert report.exit_status == 1


def test_the_report_says_what_became_of_all_that_was_seen() -> None:
    report = Report("mail:work")
    for seen, taken, spam in ((1_000, 990, 10), (200, 200, 0)):
        account = Account("message")
        account.see(seen)
        account.take(taken)
        account.leave("spam", spam)
        report.accounts[account.unit].add(account)
    report.accounts["repository"].see()
    report.accounts["repository"].take()
    report.check()
    assert list(report.lines())[2:] == [
        "messages    1,200 seen: 1,190 taken, 10 spam",
        "repositories 1 seen: 1 taken",
    ]
    assert report.as_json()["accounts"]["message"] == {"seen": 1_200, "taken": 1_190, "left": {"spam": 10}}
    assert report.complete


def test_what_is_unaccounted_for_is_named_and_counts_as_missing() -> None:
    report = Report("mail:work")
    report.accounts["message"].see(5)
    report.accounts["message"].take(3)
    report.check()
    assert report.exit_status == 1
    assert report.counts == {"skipped": 2}
    assert [one.why for one in report.findings[Kind.SKIPPED]] == [
        "5 messages seen, but 3 accounted for: the collector has a fault, please report it"
    ]


def test_remarks_of_one_file_are_one_finding_where_they_say_the_same() -> None:
    account = Account("line")
    remarks = Remarks("a.jsonl", account)
    for number in range(1, 6):
        remarks.add(Kind.SKIPPED, f"line {number}", "it is cut")
        remarks.add(Kind.NOTE, f"line {number}", f"its time, {number}, is odd", "have odd times")
    with remarks.guard("line 9"):
        assert 1 // int("0")
    *told, of_ours = remarks.findings()
    assert [(one.kind, one.where, one.why, one.count) for one in told] == [
        (Kind.SKIPPED, "a.jsonl, line 1", "it is cut (also line 2, line 3 and 2 others)", 5),
        *((Kind.NOTE, f"a.jsonl, line {n}", f"its time, {n}, is odd", 1) for n in (1, 2, 3)),
        (Kind.NOTE, "a.jsonl", "2 more have odd times", 2),
    ]
    assert (of_ours.kind, of_ours.where) == (Kind.SKIPPED, "a.jsonl, line 9")
    place = r"remarks\.py:\d+"  # the newest of our own frames: a test is none
    said = rf"the reader has a fault of its own with it \({place}\): please report that"
    assert re.fullmatch(said, of_ours.why)
    assert account.left == {"skipped": 6}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(13, "Permission denied", "a/b"), "it cannot be read (permission denied)"),
        (RecursionError("maximum recursion depth exceeded"), "it is nested too deeply"),
        (
            UnicodeDecodeError("utf-8", b"x", 0, 1, "invalid start byte"),
            "its characters cannot be read: it is in another encoding than it says",
        ),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_cannot_be_read_is_said_in_words(error: Exception, said: str) -> None:
    assert why_not(error) == said


def test_of_many_findings_of_a_kind_twenty_are_shown() -> None:
    report = Report("notes:work")
    for number in range(1_021):
        report.remark(Finding(Kind.NOTE, f"line {number}", "is odd"))
    report.remark(Finding(Kind.LEFT_OUT, "line 1", "is too long"))
    notes = [line for line in report.lines() if line.startswith("note")]
    assert len(notes) == 21
    assert notes[-1] == "note        and 1,001 more"
    assert report.counts == {"left_out": 1}


def test_what_counts_for_the_exit_status() -> None:
    assert Report("a").exit_status == 0
    noted = Report("a")
    noted.note("something")
    assert noted.exit_status == 0
    assert Report("a", failed="it is broken").exit_status == 1
    assert Report("a", left={"calendar": "nothing was read"}).exit_status == 1
    assert Report("a", refused="no").exit_status == 3
    assert Report("a", away="no connection", failed="also").exit_status == 3
