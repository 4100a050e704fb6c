"""What became of a line, in words."""

from typing import Any

import pytest

from terminal.answer import all_done, answer_lines
from terminal.styled import Line, fitting, width_of, words, wrapped

Json = Any


def told(ack: Json, line: str = "approve P1") -> list[str]:
    return [words(one).rstrip() for one in answer_lines(ack, line)]


def done(*steps: Json, **more: Json) -> Json:
    return {"ok": True, "seq": 1, "data": {"steps": list(steps), **more}}


def refused(details: Json = None, message: str = "No.") -> Json:
    return {"ok": False, "error": {"code": "x", "message": message, "retry": "no", "details": details}}


def test_a_step_is_told_with_its_items() -> None:
    items = [{"code": "P1", "title": "Sign"}, {"code": "P2", "title": "Hire\x1b[2J"}]
    step = {"command": "approve P1 P2", "status": "done", "data": {"items": items}}
    assert told(done(step, undo="h")) == [
        "done    approve P1 P2  P1 Sign; P2 Hire [2J",
        "undo takes it back",
    ]


def test_a_place_in_the_list_is_not_told_as_the_number_that_is_stored() -> None:
    for value, told_too in ((0, ""), (7, ""), (None, "  no rank")):
        data = {"items": [{"code": "P2", "title": "Sign"}], "set": {"rank": value}}
        step = {"command": "rank P2 1", "status": "done", "data": data}
        assert told(done(step)) == [f"done    rank P2 1  P2 Sign{told_too}"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"minutes": 45}, "takes 45 min"),
        ({"minutes": 120}, "takes 2 h"),
        ({"minutes": 90}, "takes 1 h 30 min"),
        ({"minutes": None}, "no estimate"),
        ({"assignee": "Bo"}, "for Bo"),
        ({"assignee": None}, "no person"),
        ({"due_date": None}, "no due date"),
        ({"note": "ask Ana"}, "note ask Ana"),
    ],
)
def test_what_was_set_is_said_in_words(values: Json, said: str) -> None:
    step = {"command": "x", "status": "done", "data": {"set": values}}
    assert told(done(step)) == [f"done    x  {said}"]


def test_the_other_side_of_a_promise_is_named_whoever_owes() -> None:
    items = [{"section": "commitments", "code": "M1", "title": "the budget"}]
    step = {"command": "x", "status": "done", "data": {"items": items, "set": {"assignee": "Bo"}}}
    assert told(done(step)) == ["done    x  M1 the budget  with Bo"]


def test_a_source_that_is_there_again_has_no_code() -> None:
    items = [{"section": "sources", "code": None, "title": "ics:work"}, {"code": "C1", "title": "Board"}]
    step = {"command": "undo", "status": "done", "data": {"items": items}}
    assert told(done(step)) == ["done    undo  ics:work; C1 Board"]


def test_a_search_without_hits_and_a_collection_say_what_came_of_it() -> None:
    search = {"command": "search x", "status": "done", "data": {"hits": [], "total": 0}}
    refresh = {"command": "refresh", "status": "done", "data": {"run": 3, "sources": ["ics:work", "mail:me"]}}
    assert told(done(search))[1:] == ["  Nothing found in the records."]
    assert told(done(refresh))[1:] == ["  asked ics:work, mail:me"]


def test_after_an_undo_the_next_one_takes_back_the_line_before() -> None:
    ack = done({"command": "undo", "status": "done", "data": {}}, undo="h")
    assert told(ack, "undo")[-1] == "redo does it again, undo takes back the line before"


def test_status_and_help_have_lines_of_their_own() -> None:
    faults = [
        {
            "id": "ics:home",
            "status": "stale",
            "message": "Nothing came for more than 60 s.",
            "last_push_at": None,
        },
        {"id": "mail:me", "status": "error", "message": "refused " * 12, "last_push_at": None},
    ]
    system = {"status": "ERROR", "message": "mail:me: refused"}
    status = {"system": system, "counts": {"calendar": 2}, "faults": faults, "sources_online": 3}
    help_ = {"commands": [{"command": "drop", "usage": "drop CODE...", "help": "Removes.", "also": ["rm"]}]}
    steps = [{"command": "status", "status": "done", "data": status}]
    steps += [{"command": "help", "status": "done", "data": help_}]
    lines = [" ".join(line.split()) for line in told(done(*steps))]
    assert lines == [
        "done status",
        "Error mail:me: refused",
        "mail:me error, it never pushed: " + " ".join(["refused"] * 5),
        " ".join(["refused"] * 7),
        "ics:home stale, it never pushed: Nothing came for more than 60 s.",
        "Sources 3 up to date",
        "System error",
        "Board calendar 2",
        "done help",
        "drop CODE... Removes. (rm)",
    ]


@pytest.mark.parametrize(
    ("message", "is_told"),
    [
        ("mail:me: refused; ics:home: gone", False),
        ("mail:me: refused; ics:home: gone; git:x: lost", True),
        ("The disk is full.", True),
    ],
)
def test_the_status_says_once_what_is_wrong_with_a_source(message: str, is_told: bool) -> None:
    faults = [
        {"id": id, "status": "error", "message": said, "last_push_at": None}
        for id, said in (("ics:home", "gone"), ("mail:me", "refused"))
    ]
    found = {"system": {"status": "ERROR", "message": message}, "faults": faults, "sources_online": 1}
    lines = told(done({"command": "status", "status": "done", "data": found}))
    assert any("Error" in line for line in lines) is is_told
    assert sum("refused" in line for line in lines) == 1 + (is_told and "refused" in message)


def test_a_long_usage_stands_above_its_help_and_nothing_is_wider_than_80_columns() -> None:
    usage = "brief [full] [daily|weekly|CODE] [for all]"
    commands = [
        {"usage": usage, "help": "Makes the brief for the day, the week or a meeting. " * 2, "also": []}
    ]
    first, *more = told(done({"command": "help", "status": "done", "data": {"commands": commands}}))[1:]
    assert first == f"  {usage}"
    assert len(more) == 3
    assert all(line.startswith(" " * 33) and line[33] != " " and len(line) <= 80 for line in more)


def test_what_does_not_fit_the_window_is_counted() -> None:
    lines: list[Line] = [[("", "x" * 25)], *([("", "y")] for _ in range(4))]
    assert fitting(lines, 10, 7) == lines
    *shown, last = fitting(lines, 10, 6)
    assert (shown, words(last)) == (lines[:3], "and 2 more lines: this window is too short for them")
    assert words(fitting(lines, 10, 1)[0]).startswith("and 5 more lines")


@pytest.mark.parametrize(
    ("line", "start", "end", "mark"),
    [
        ("approve P1 | brif", 13, 17, "             ^^^^"),
        ("approve", 7, 7, "       ^"),
        ("add owe 漢字 |", 12, 12, " " * 14 + "^"),
        ("a\x1bb c", 4, 5, "    ^"),
    ],
)
def test_the_mark_stands_under_the_fault(line: str, start: int, end: int, mark: str) -> None:
    place = {"path": "text", "message": "No.", "start": start, "end": end}
    for details in (place, [place], [{"path": "seen"}, place]):
        shown, marked, reason = told(refused(details), line)
        assert "\x1b" not in shown
        assert marked == mark
        assert reason == "refused No."


def test_a_place_outside_the_line_is_passed_over() -> None:
    for start in (-1, 11, "1", None):
        assert told(refused({"start": start, "end": 12})) == ["refused No."]


def test_what_is_wrong_with_a_payload_is_said() -> None:
    assert told(refused([{"path": "seen", "message": "is ahead"}], "Bad.")) == ["refused Bad.: is ahead"]


def test_a_stale_code_is_told_with_both_texts() -> None:
    lines = told(refused({"code": "P1", "then": "Sign", "now": None, "start": 8, "end": 10}))
    assert lines[-2:] == ["  you saw   Sign", "  it is now nothing"]


def test_the_steps_of_a_line_that_came_to_nothing_are_told() -> None:
    steps = [{"command": "brief C1", "status": "failed", "error": {"message": "It cannot."}}]
    assert told(refused({"steps": steps})) == ["failed  brief C1  It cannot."]


@pytest.mark.parametrize(
    "ack", [{}, {"ok": True}, {"ok": True, "data": []}, refused(7), {"ok": False, "error": 1}]
)
def test_nonsense_is_no_reason_to_fail(ack: Json) -> None:
    told(ack)


def test_all_is_done_when_every_step_is() -> None:
    assert all_done(done({"status": "done"}, {"status": "planned"}))
    assert not all_done(done({"status": "done"}, {"status": "skipped"}))
    assert not all_done(refused())


def test_a_brief_names_what_it_quotes_and_a_record_is_shown_with_its_words() -> None:
    named = {"name": "S12", "id": "mail/m1", "at": "2020-01-02", "title": "Figures\x1b[2J", "author": "Eva"}
    record = {
        **named,
        "source": "mail",
        "text": "Hello,\nit is due on Friday.",
        "start": 5,
        "length": 1_000,
        "marks": [[13, 19]],
        "people": ["Eva", "Ana"],
    }
    steps = [
        {"command": "brief C1", "status": "done", "data": {"text": "Review", "rests_on": [named]}},
        {"command": "show S12", "status": "done", "data": {"record": record}},
    ]
    assert told(done(*steps)) == [
        "done    brief C1",
        "  Review",
        "  It quotes (`show S12` opens the first):",
        "  S12  2 Jan 2020, Eva, Figures [2J",
        "done    show S12",
        "  Figures [2J",
        "  2 Jan 2020, Eva, Ana, mail",
        "  ... there is more before this",
        "  Hello,",
        "  it is due on Friday.",
        "  ... and 968 more characters",
    ]
    marked = [
        text for line in answer_lines(done(steps[1]), "") for style, text in line if style == "class:caret"
    ]
    assert marked == ["due on"]


@pytest.mark.parametrize("marks", [None, 7, [], [7], [[1]], [["a", "b"]], [[-5, 99]], [[9, 2]]])
def test_marks_that_make_no_sense_leave_the_text(marks: Json) -> None:
    record = {"text": "One\ntwo", "marks": marks}
    lines = told(done({"command": "show S1", "status": "done", "data": {"record": record}}))
    assert lines[-2:] == ["  One", "  two"]


def test_many_items_of_a_step_are_counted() -> None:
    items = [{"section": "priorities", "code": f"P{n}", "title": f"T{n}"} for n in range(1, 25)]
    ack = {
        "ok": True,
        "data": {"steps": [{"command": "rank P1 24", "status": "done", "data": {"items": items}}]},
    }
    [line] = told(ack, "rank P1 24")
    assert "; P8 T8; and 16 more" in line
    assert "P9" not in line


def test_a_long_line_is_broken_between_words_under_its_own_text() -> None:
    line: Line = [
        ("", "  - "),
        ("class:code", "C73"),
        ("", " 16:00 Board call with Ana Lima, and with Bo too"),
    ]
    rows = wrapped(line, 24)
    assert [words(row) for row in rows] == [
        "  - C73 16:00 Board call",
        "    with Ana Lima, and",
        "    with Bo too",
    ]
    assert rows[0][1] == ("class:code", "C73")
    assert wrapped(line, 60) == [line]


def test_wide_characters_and_words_wider_than_the_window_keep_all_that_they_say() -> None:
    for text in ("  予算 会議 の 資料 を 送る", "  " + "x" * 30 + " and more", "word " * 40, ""):
        rows = wrapped([("", text)], 12)
        assert " ".join(words(row).strip() for row in rows) == text.strip()
        assert all(width_of(row) <= 12 or "x" * 30 in words(row) for row in rows)


def test_a_line_with_a_marked_place_stays_whole() -> None:
    line: Line = [("", "snooze P7 "), ("class:caret", "someday"), ("", " or never")]
    assert wrapped(line, 10) == [line]
