"""What notes tell the board: priorities, commitments and records, with their evidence."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from collectors.actions.board import TITLE_MAX
from collectors.notes.records import RECORD_CHARS
from collectors.types import Kind
from models.commitments import Direction
from models.evidence import Evidence
from models.priorities import Urgency
from tests.collectors.notes import NOW, collected, read

# Tasks.


def test_an_open_task_is_a_priority_with_its_evidence() -> None:
    found = read("# Sync\n\n## Actions\n- [ ] Send *slides* to Ana by Friday !!\n- [x] done\n")
    (task,) = found.tasks
    assert (task.title, task.due_date, task.urgency) == ("Send slides to Ana", "2026-11-27", Urgency.HIGH)
    assert task.description == "2026-11-23.md: Actions"
    quote = "- [ ] Send *slides* to Ana by Friday !!"
    assert task.evidence == Evidence(file="2026-11-23.md", line=4, quote=quote)
    assert not {"status", "rank", "note"} & task.model_fields_set


@pytest.mark.parametrize(
    ("text", "urgency", "title"),
    [
        ("Call Bo", Urgency.MEDIUM, "Call Bo"),
        ("! Call Bo", Urgency.HIGH, "Call Bo"),
        ("Call Bo !", Urgency.HIGH, "Call Bo"),
        ("Call Bo !!!", Urgency.HIGH, "Call Bo"),
        ("Call #urgent Bo", Urgency.HIGH, "Call Bo"),
        ("Call Bo #High", Urgency.HIGH, "Call Bo"),
        ("Call Bo ⏫", Urgency.HIGH, "Call Bo"),
        ("Call Bo 🔺 #low", Urgency.HIGH, "Call Bo"),
        ("Call Bo priority: high", Urgency.HIGH, "Call Bo"),
        ("Call Bo [priority:: low]", Urgency.LOW, "Call Bo"),
        ("Call Bo (prio: urgent)", Urgency.HIGH, "Call Bo"),
        ("Call Bo 🔼", Urgency.MEDIUM, "Call Bo"),
        ("Call Bo #low", Urgency.LOW, "Call Bo"),
        ("Call Bo 🔽", Urgency.LOW, "Call Bo"),
        ("Call Bo!", Urgency.MEDIUM, "Call Bo!"),
        ("Wow!! Call Bo", Urgency.MEDIUM, "Wow!! Call Bo"),
        ("Read #urgent-care #lowlands", Urgency.MEDIUM, "Read #urgent-care #lowlands"),
        ("Raise the priority of Bo", Urgency.MEDIUM, "Raise the priority of Bo"),
        ("!", Urgency.HIGH, "!"),
        ("(tomorrow)", Urgency.MEDIUM, "(tomorrow)"),
    ],
)
def test_marks_say_how_urgent_a_task_is(text: str, urgency: Urgency, title: str) -> None:
    (task,) = read(f"- [ ] {text}").tasks
    assert (task.urgency, task.title) == (urgency, title)


@pytest.mark.parametrize(
    ("text", "title", "due_date"),
    [
        (
            "Pay rent 🔁 every month 🛫 2026-11-25 ⏳ 2026-11-28 📅 2026-12-01 ➕ 2026-11-01 ^rent1",
            *("Pay rent", "2026-12-01"),
        ),
        (
            "Call [[People/Ana Lund|Ana]] about #budget ⏫ 🆔 abc123 ⛔ def456 📅 2026-12-04",
            *("Call Ana about #budget", "2026-12-04"),
        ),
        ("Nested (due:: 2026-12-05)", "Nested", "2026-12-05"),
        ("Kanban card @{2026-12-06} @@{14:00}", "Kanban card", "2026-12-06"),
        ("Daily link [[2026-12-07]]", "Daily link", "2026-12-07"),
        ("Daily link @[[2026-12-07]] of a card", "Daily link of a card", "2026-12-07"),
        ("Todo.txt style due:2026-12-08 rec:1w", "Todo.txt style", "2026-12-08"),
        ("TaskPaper style @due(2026-12-09) @start(2026-12-01)", "TaskPaper style", "2026-12-09"),
        ("Postponed once ~~📅 2026-12-01~~ 📅 2026-12-10", "Postponed once", "2026-12-10"),
        ("A [scheduled:: 2026-12-01] b [id:: x1] (priority:: high)", "A b", None),
        ("Read [[2026-11-20]] again", "Read 2026-11-20 again", None),
        ("Read [[notes/Budget#Costs]] and ==mark== it", "Read Budget and mark it", None),
        ("Say %% not that %% this #task", "Say this", None),
        ("Read (the long) paper [2]", "Read (the long) paper [2]", None),
        ("a ==b", "a ==b", None),
    ],
)
def test_a_title_is_without_the_fields_and_marks_of_programs(
    text: str, title: str, due_date: str | None
) -> None:
    (task,) = read(f"- [ ] {text}").tasks
    assert (task.title, task.due_date) == (title, due_date)


def test_a_task_may_be_open_in_several_ways() -> None:
    text = "".join(f"- [{mark}] {name}\n" for mark, name in zip(" /!>-xXi", "abcdefgh", strict=True))
    found = read(text + "> [!todo] Sync\n> - [ ] i\n")
    assert found.titles() == ["a", "b", "c", "d", "i"]
    assert [task.urgency for task in found.tasks if task.urgency is Urgency.HIGH] == [Urgency.HIGH]


def test_a_box_is_one_however_hastily_it_is_typed() -> None:
    found = read("- [  ] a\n- [] b\n-[ ] c\n*[] d\n- [ x ] done\n-[x] done\n-[link](x) text\n[] text\n")
    assert found.titles() == ["a", "b", "c", "d"]


def test_a_long_task_is_cut_with_a_remark() -> None:
    found = read("- [ ] " + "word " * 300)
    assert len(found.tasks[0].title) == TITLE_MAX
    assert found.of(Kind.NOTE) == {"2026-11-23.md:1": "it is cut after 500 characters"}


def test_a_date_that_is_not_sure_is_remarked_where_it_stands() -> None:
    found = read("\n- [ ] Send it due: someday")
    assert found.tasks[0].due_date is None
    why = "'due: someday' is not a definite date, so it has no due date"
    assert found.of(Kind.NOTE) == {"2026-11-23.md:2": why}


# Promises.


@pytest.mark.parametrize(
    ("line", "direction", "who", "what", "due_date"),
    [
        ("I owe @ana: the draft by Friday", Direction.OWE, "ana", "the draft", "2026-11-27"),
        ("I owe @ana the draft", Direction.OWE, "ana", "the draft", None),
        ("i owe @ana.lee, the draft", Direction.OWE, "ana.lee", "the draft", None),
        ("I owe @ana by Friday: the draft", Direction.OWE, "ana", "the draft", "2026-11-27"),
        ("I promised @ana to send the draft", Direction.OWE, "ana", "send the draft", None),
        ("I promised @ana: the draft 📅 2026-12-01", Direction.OWE, "ana", "the draft", "2026-12-01"),
        ("@bo owes me the numbers by 2026-12-01", Direction.OWED, "bo", "the numbers", "2026-12-01"),
        ("@bo owes me: the numbers", Direction.OWED, "bo", "the numbers", None),
        ("@bo-lee promised me the numbers", Direction.OWED, "bo-lee", "the numbers", None),
        ("**I owe @ana:** the *draft*", Direction.OWE, "ana", "the draft", None),
        ("- I owe @ana: the draft", Direction.OWE, "ana", "the draft", None),
        ("- [ ] I owe @ana: the draft", Direction.OWE, "ana", "the draft", None),
        ("I owe @åsa: the draft", Direction.OWE, "åsa", "the draft", None),
        ("I owe Ana the draft", Direction.OWE, "Ana", "the draft", None),
        ("I owe ana@example.org: the draft", Direction.OWE, "ana@example.org", "the draft", None),
        ("Bo still owes me the numbers", Direction.OWED, "Bo", "the numbers", None),
        ("Waiting for Bo: the numbers by Friday", Direction.OWED, "Bo", "the numbers", "2026-11-27"),
    ],
)
def test_a_promise_is_a_commitment(
    line: str, direction: Direction, who: str, what: str, due_date: str | None
) -> None:
    found = read(f"text\n\n{line}\n")
    (promise,) = found.promises
    assert (promise.direction, promise.assignee) == (direction, who)
    assert (promise.description, promise.due_date) == (what, due_date)
    assert promise.evidence == Evidence(file="2026-11-23.md", line=3, quote=line)
    assert not found.tasks
    assert not found.findings
    assert not {"status", "note"} & promise.model_fields_set


@pytest.mark.parametrize(
    "line",
    [
        "I owe ana the draft",
        "I owe you the review section",
        "Then I owe @ana: the draft",
        "I owe @ana",
        "I owe @ana nothing",
        "He owes me one",
        "@bo owes @ana the numbers",
        "@bo owes me",
        "`I owe @ana: the draft`",
        "> I owe @ana: the draft",
        "- [x] I owe @ana: the draft",
        "~~I owe @ana: the draft~~",
        "I owed @ana: the draft",
    ],
)
def test_what_only_looks_like_a_promise_is_none(line: str) -> None:
    found = read(line)
    assert not found.promises
    assert not found.tasks


def test_each_line_of_a_paragraph_may_be_a_promise() -> None:
    found = read("I owe @ana: the draft\n@bo owes me the numbers\nand so on\n")
    assert [promise.assignee for promise in found.promises] == ["ana", "bo"]


# When.


@pytest.mark.parametrize(
    ("file", "text", "at", "due_date"),
    [
        ("2026-11-10.md", "", "2026-11-10", "2026-11-13"),
        ("2026-11-10.md", "---\ndate: 2026-11-17\n---\n", "2026-11-17", "2026-11-20"),
        ("a.md", "---\ncreated: '2026-11-17 23:30' # or so\n---\n", "2026-11-17T22:30:00Z", "2026-11-20"),
        ("a.md", "---\ndate: someday\n---\n", "2026-11-23T09:00:00Z", "2026-11-27"),
        ("a.md", "---\ndate: 2026-11-17\n", "2026-11-17", "2026-11-20"),
        ("a.md", "# 2026-11-10 (Tuesday)\n", "2026-11-10", "2026-11-13"),
        ("a.md", "# 2026-11-10\n## Actions\n", "2026-11-10", "2026-11-13"),
        ("a.md", "## 2026-11-10\n# Later\n", "2026-11-10", "2026-11-13"),
        ("a.md", "# Sync\n\nDate: 12/13/2016\n", "2016-12-13", "2016-12-16"),
        ("a.md", "# Sync\n\n**12/13/2016**\n", "2016-12-13", "2016-12-16"),
        ("a.md", "## December 7, 2017\n", "2017-12-07", "2017-12-08"),
        ("2016-12-13.md", "## December 7, 2017\n", "2016-12-13", "2017-12-08"),
        ("a.md", "## Feb 2, 2016\n\n## Jan 26, 2016\n", "2016-02-02", "2016-01-29"),
        ("2016.md", "## Feb. 2\n", "2016-02-02", "2016-02-05"),
        ("a.md", "## Feb. 2\n", "2026-11-23T09:00:00Z", "2026-11-27"),
        ("a.md", "# Meeting 2019-01-154\n", "2026-11-23T09:00:00Z", "2026-11-27"),
        ("Minutes 7 Dec 2017.txt", "", "2017-12-07", "2017-12-08"),
        ("a.txt", "", "2026-11-23T09:00:00Z", "2026-11-27"),
    ],
)  # fmt: skip
def test_a_note_is_from_the_date_that_it_names_else_from_when_it_was_saved(
    file: str, text: str, at: str, due_date: str
) -> None:
    found = read(f"{text}\n- [ ] Send it by Friday\n", file=file, zone=ZoneInfo("Europe/Berlin"))
    assert found.records[0].at == at
    assert found.tasks[0].due_date == due_date
    assert found.tasks[0].evidence is not None
    assert found.tasks[0].evidence.line == text.count("\n") + 2


def test_a_relative_date_that_moves_with_each_saving_is_remarked_once_a_note() -> None:
    text = "- [ ] a by Friday\n- [ ] b by Friday\n"
    why = "its relative dates count from 2026-11-23, when it was last saved: give it a date"
    assert read(text, file="a.md").of(Kind.NOTE) == {"a.md": why}
    assert read("- [ ] a due: 2026-12-01", file="a.md").findings == []
    assert read(f"# 2026-11-10\n{text}", file="a.md").findings == []


def test_a_wrong_clock_is_remarked_and_the_note_is_taken() -> None:
    found = read("x", file="2027-01-01.md")
    assert found.of(Kind.NOTE) == {
        "2027-01-01.md": "it says that it is from 2027-01-01, which is in the future"
    }
    assert found.records[0].at == "2027-01-01"
    found = read("x", file="a.md", saved=datetime(2242, 1, 1, tzinfo=UTC))
    assert found.records[0].at == "1970-01-01"
    assert "a.md" in found.of(Kind.NOTE)
    assert read("x", file="2026-11-24.md").findings == []


# Records.


def test_a_note_is_a_record() -> None:
    text = "---\ntitle: 'Team sync'\ntags: [a]\n---\n\n# Heading\n\ntext \x07\nmore\n\n"
    (record,) = read(text, file="team/a.md").records
    assert (record.title, record.kind, record.at) == ("Team sync", "note", "2026-11-23T09:00:00Z")
    assert record.text == "# Heading\n\ntext \nmore"
    assert record.meta == {"file": "team/a.md", "line": 6}
    assert record.id != read(text, file="b.md").records[0].id
    assert read("# Heading", file="b.md").records[0].title == "Heading"
    assert read("x", file="team/b c.md").records[0].title == "b c"


@pytest.mark.parametrize("text", ["", " \n\t\n", "\ufeff", "\x00\x01", "---\ndate: 2026-11-23\n---\n"])
def test_an_empty_note_is_no_record(text: str) -> None:
    found = read(text.lstrip("\ufeff"))
    assert not found.records
    assert not found.tasks
    assert not found.findings


def test_a_long_note_is_a_record_for_each_section() -> None:
    long, words = "word " * (RECORD_CHARS // 10), "word " * 100
    text = f"# Minutes\n\n{words}\n\n## Monday\n{long}\n"
    text += f"## Tuesday\n{long}\n### Lunch\n{long}\n## Tuesday\n{words}\n"
    records = read(text).records
    titles = ["Minutes", "Minutes: Monday", "Minutes: Tuesday", "Minutes: Tuesday: Lunch", "Minutes: Tuesday"]
    assert [record.title for record in records] == titles
    assert [record.meta and record.meta["line"] for record in records] == [1, 5, 7, 9, 11]
    assert "\n".join(record.text for record in records).split() == text.split()
    assert len({record.id for record in records}) == 5
    assert records[0].id == read("# Minutes").records[0].id
    moved = read(text.replace("## Monday", "## Before\nx\n\n## Monday")).records
    assert {record.id for record in records} <= {record.id for record in moved}


@pytest.mark.parametrize(
    "text", ["x" * 260_000, "word\n" * 50_000, "# a\n" + "é" * 120_000, "\n" * 60_000 + "x"]
)
def test_every_record_is_within_the_limit_and_no_word_is_lost(text: str) -> None:
    records = read(text).records
    assert all(0 < len(record.text) <= RECORD_CHARS for record in records)
    assert "".join("".join(record.text.split()) for record in records) == "".join(text.split())
    assert len({record.id for record in records}) == len(records)


def test_many_headings_are_sorted_out_in_reasonable_time() -> None:
    text = "".join(f"{'#' * (1 + number % 6)} heading\ntext\n" for number in range(10_000))
    records = read(text).records
    assert sum(record.text.count("text") for record in records) == 10_000
    assert len({record.id for record in records}) == len(records)


def test_now_is_a_monday() -> None:
    assert f"{NOW:%A}" == "Monday"


# Proposals.


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("# Sync\n\n## Talk\n- Bo will review the deck by 12/4\n", "a.md"),
        ("# Sync\n\n## Talk\n* Bo will review the **deck**\n", "a.md"),
        ("# Sync\n\n- Cy was here\n  - bo will review the deck by Friday\n\n## Talk\n", "b.md"),
        ("## Next\n- Bo will review the deck tomorrow\n# Sync\n", "c/d.md"),
    ],
)
def test_a_decision_on_a_proposal_stays_while_it_is_the_same_task_to_a_person(text: str, file: str) -> None:
    known = "\nAttendees: Bo, Cy\n"
    (before,) = read(f"# Sync\n\n## Talk\n- Bo will review the deck by 12/2\n{known}", file="a.md").likely
    (after,) = read(text + known, file=file).likely
    assert after.id == before.id


@pytest.mark.parametrize(
    "text",
    [
        "# Sync\n- Bo will review the slides\n",
        "# Sync\n- Cy will review the deck\n",
        "# Other\n- Bo will review the deck\n",
        "# Sync\n## 2026-11-16\n- Bo will review the deck\n",
    ],
)
def test_another_task_is_proposed_anew(text: str) -> None:
    (before,) = read("# Sync\n- Bo will review the deck\n", file="a.md").likely
    (after,) = read(text, file="a.md").likely
    assert after.id != before.id


def test_what_notes_say_twice_is_proposed_once(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "# Sync\n## A\n- Bo will review the deck by 12/2\n## B\n- Bo will review the deck\n"
    )
    (tmp_path / "b.md").write_text("# Sync\n- Bo will review the deck\n")
    assert len(collected(tmp_path).likely) == 1
