"""What a person reads after a run."""

from __future__ import annotations

from collectors.report import Report
from collectors.types import Finding, Kind


def test_a_report_is_aligned_and_each_fault_has_its_line() -> None:
    report = Report("notes:work")
    report.yielded.update({"priorities": 1, "records": 1_200})
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
        "priorities  0 added, 0 changed, 0 unchanged, 0 removed, 1 rejected, 2 stay dropped",
        "            nothing was removed, since not all could be read",
        "skipped     b.md: it cannot be read",
        "note        a.md: its title had to be cut",
        "note        of all of it",
        "rejected    p1: title: must not be blank",
    ]
    assert report.exit_status == 1


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
