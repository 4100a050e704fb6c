"""Suggestions: what a line might go on to say, and taking one up does what it says."""

from __future__ import annotations

from typing import Any

import pytest

from sio_server.registry.roles import Role
from tests.commands.board import changes, held, person, typed
from tests.core.seats import Core, Seat, collector

Json = Any

LATER = ("invalid_state", "storage_unavailable", "forbidden")  # a seat is no person with preferences
WORDS = ("approve ", "reopen ", "snooze ", "drop ", "update ", "add ", "brief ", "refresh", "quick", "full")
DAYS = ("today", "tomorrow", "fri", "fri 17:00", "3 dec", "2026-12-01")
TIMES = ("2h", "tomorrow 9am", "tomorrow", "fri", "mon 14:30", "3 dec 9:00", "2026-12-01")

# (the line so far, the whole lines that are suggested, the likeliest first).
SUGGESTED: tuple[tuple[str, tuple[str, ...]], ...] = (
    # Commands and their synonyms.
    ("", WORDS),
    ("   ", WORDS),
    ("a", ("approve ", "add ", "accept ", "assign ")),
    ("ap", ("approve ",)),
    ("DO", ("done ",)),
    ("com", ("complete ",)),
    ("s", ("snooze ", "search ", "show ", "seen", "status")),
    ("undo", ("undo",)),
    ("xyzzy", ()),
    ("xyzzy P", ()),
    ("status ", ()),
    ("undo x", ()),
    # Codes that fit the command, then words of titles; what is dealt with comes last.
    ("approve P", tuple(f"approve P{number}" for number in (2, 6, 1, 7, 4, 3))),
    ("approve p1", ("approve P1",)),
    ("DONE m", ("DONE M1", "DONE M2", "DONE M3")),
    ("approve C", ("approve P2", "approve M2")),
    ("snooze M", ()),
    ("drop c", ("drop C1", "drop C2", "drop P2", "drop M2")),
    ("brief C", ("brief C1", "brief C2")),
    ("approve budg", ("approve P1",)),
    ("approve BUDG rev", ("approve P1",)),
    ("approve rev budget", ("approve P1",)),
    ("approve budget xyzzy", ()),
    ("approve udget", ()),
    ("approve the", ("approve M1", "approve M2", "approve P3", "approve M3")),
    ("update dent", ("update C2",)),
    ("reopen P", tuple(f"reopen P{number}" for number in (3, 2, 6, 1, 7, 4))),
    ("reopen M", ("reopen M3", "reopen M1", "reopen M2")),
    # Codes that stand already are left out.
    ("approve P1 P", tuple(f"approve P1 P{number}" for number in (2, 6, 7, 4, 3))),
    ("approve p1, p7 ,M1 P", tuple(f"approve p1, p7 ,M1 P{number}" for number in (2, 6, 4, 3))),
    ("approve P1,ana", ("approve P1,P2", "approve P1,M1")),
    ("approve P1 budg", ()),
    # Other arguments.
    ("snooze P1 ", tuple(f"snooze P1 {time}" for time in TIMES)),
    ("snooze p1 TOM", ("snooze p1 tomorrow 9am", "snooze p1 tomorrow")),
    ("snooze P1 whenever", ()),
    ("add ", ("add priority ", "add owe ", "add owed ")),
    ("add OWE", ("add owe ", "add owed ")),
    ("add owe ", ()),
    (
        "brief ",
        ("brief full ", "brief daily", "brief weekly", "brief C1", "brief C2", "brief for all ", "brief at "),
    ),
    ("brief full C1 f", ("brief full C1 for all ",)),
    ("brief day ", ("brief day for all ", "brief day at ")),
    ("brief at ", ("brief at 07:00", "brief at off")),
    ("brief w", ("brief weekly",)),
    ("help d", ("help done", "help drop", "help decline", "help due", "help day")),
    ("update P1 ", ("update P1 Budget review",)),
    ("update c1 ", ("update c1 Board call",)),
    ("update P1 Budget", ()),
    ("update P8 ", ()),
    # The values of fields.
    ("d", ("done ", "drop ", "decline ", "due ", "day ")),
    ("due C", ("due P2", "due M2")),
    ("due P1 ", tuple(f"due P1 {day}" for day in (*DAYS, "none"))),
    ("due P1 fri", ("due P1 fri", "due P1 fri 17:00")),
    ("urgency P1 ", ("urgency P1 low", "urgency P1 medium", "urgency P1 high")),
    ("urgency P1 H", ("urgency P1 high",)),
    ("takes P1 1h", ("takes P1 1h", "takes P1 1h 30m")),
    ("assign P1 @a", ("assign P1 Ana",)),
    ("assign P1 ", ("assign P1 Ana", "assign P1 none")),
    ("note P1 ", ("note P1 with Bob",)),
    ("note P2 ", ()),
    ("rank P1 ", ("rank P1 1", "rank P1 up", "rank P1 down", "rank P1 none")),
    ("search source:", ("search source:ics:work", "search source:mail:home")),
    ("search budget since:may SOURCE:m", ("search budget since:may source:mail:home",)),
    ("search budget", ()),
    ("release P4 ", ()),
    ("release P7 ", ()),
    # After a bar, the last step alone.
    (
        "approve P1 | re",
        ("approve P1 | reopen ", "approve P1 | refresh", "approve P1 | release ", "approve P1 | redo"),
    ),
    ("approve P1 |reo", ("approve P1 | reopen ",)),
    ("approve P1 | drop P1", ("approve P1 | drop P1",)),
    ("xyzzy | approve budg", ("xyzzy | approve P1",)),
    ('add owe "a | b" | dro', ('add owe "a | b" | drop ',)),
    ('add owe "a | dro', ('add owe "a | drop ',)),
)

HOSTILE = (
    *("(", ")", "[", "\\", ".*", "^$", "a{9999}", "(?P<x>", "(a+)+$", "+", "?", "*", "|", "||||", "| | |"),
    *('"', '"a', '"a | b', "“", '" | "', "\x00", "\x1b[31m", "\u202e", "\n\t", "\u2028", "🎂", "ß", "İ", "ſ"),
    *("%s%n", "{0}", "${x}", "'; --", "<b>", "P1" * 2_048, "P1 " * 1_365, "P1," * 1_365, "x" * 4_096),
    *(
        " " * 4_096,
        "|" * 4_096,
        '"' * 4_096,
        "\\" * 4_096,
        "a " * 2_048,
        "source:" * 585,
        "9" * 4_096,
        "P" + "9" * 4_095,
    ),
)


async def suggested(seat: Seat, line: str) -> list[Json]:
    """The suggestions, at most ten, none twice."""
    found: list[Json] = (await seat.done("command:suggest", text=line))["suggestions"]
    texts = [suggestion["text"] for suggestion in found]
    assert len(set(texts)) == len(texts) <= 10
    return found


@pytest.mark.parametrize(("line", "texts"), SUGGESTED)
async def test_a_line_is_completed_as_the_table_says(ada: Seat, line: str, texts: tuple[str, ...]) -> None:
    assert tuple(each["text"] for each in await suggested(ada, line)) == texts


async def test_a_suggestion_says_what_the_word_does_or_what_the_code_names(ada: Seat) -> None:
    for line, help in (
        ("approve budg", "Budget review"),
        ("ap", "Marks items as done; accepts proposals."),
        ("done", "Marks items as done; accepts proposals."),
        ("update P1 ", "its text now"),
        ("search source:i", "only from ics:work"),
    ):
        assert [each["help"] for each in await suggested(ada, line)] == [help]


async def test_hostile_text_is_completed_as_any_other_and_changes_nothing(core: Core, ada: Seat) -> None:
    before, seq = await held(ada), core.state.seq
    begins = (
        "",
        "approve ",
        "snooze P1 ",
        "snooze ",
        "update P1 ",
        "search ",
        "search source:",
        "help ",
        "add ",
        "add owe ",
    )
    for begin in (*begins, "approve P1 | drop ", 'add owe "'):
        for text in HOSTILE:
            await suggested(ada, (begin + text)[:4_096])
    assert (await held(ada), core.state.seq) == (before, seq)


async def test_nothing_but_ten_is_suggested_of_many_that_fit(ada: Seat) -> None:
    items = [{"id": f"n{number}", "title": f"Budget {number}", "rank": number} for number in range(300)]
    await ada.done("priorities:put", items=items)
    assert len(await suggested(ada, "approve budget")) == 10
    assert [each["help"] for each in await suggested(ada, "approve bud")][:2] == ["Budget 0", "Budget 1"]
    assert [each["text"] for each in await suggested(ada, "approve P30")] == [
        "approve P30",
        *(f"approve P30{number}" for number in range(8)),
    ]


# (the line so far, further words after the suggestion that is taken up, what it then does).
TAKEN_UP: tuple[tuple[str, str, str], ...] = (
    ("approve budg", "", "P1 done"),
    ("DONE refund", "", "M2 completed"),
    ("approve P1, ana call", "", "P1 done; P2 done"),
    ("reopen ", "", "P3 open"),
    ("snooze P1 f", "", "P1 snoozed 2026-11-27T09:00:00Z"),
    ("snooze budg", " 2h", "P1 snoozed 2026-11-23T14:00:00Z"),
    ("drop dentist", "", "-C2; ics:work has 0"),
    ("add owed", " Key", "+M4 owed  Key"),
    ("update P1 ", " of Q3", "P1 = Budget review of Q3"),
    ("approve P1 | drop dent", "", "-C2; P1 done; ics:work has 0"),
    ("help d", "", "nothing"),
)


@pytest.mark.parametrize(("line", "more", "outcome"), TAKEN_UP)
async def test_the_first_suggestion_taken_up_is_a_line_that_works(
    ada: Seat, line: str, more: str, outcome: str
) -> None:
    before = await held(ada)
    taken = (await suggested(ada, line))[0]["text"] + more
    assert (await typed(ada, taken))["ok"], taken
    assert changes(before, await held(ada)) == outcome.replace("  ", " ")


async def test_every_suggestion_of_the_table_is_a_line_or_the_begin_of_one(core: Core, ada: Seat) -> None:
    """Run dry, none is refused for what was suggested, only for what is still missing or cannot be yet."""
    for line, texts in SUGGESTED:
        if line.startswith(("xyzzy", 'add owe "')):
            continue
        for text in texts:
            ack = await typed(ada, text, dry=True, seen=core.state.seq)
            said = "" if ack["ok"] else ack["error"]["message"]
            assert ack["ok"] or "missing" in said or ack["error"]["code"] in LATER, (text, said)


TITLES = (
    "Pay | drop P2",
    '"Pay"',
    'say "no',
    "“Pay",
    "C:\\dir",
    '\\"',
    "a | b \\",
    '5" or | 6"',
    "don't",
    "  x  ",
    "|",
)


@pytest.mark.parametrize("title", TITLES)
async def test_an_items_present_text_is_suggested_so_that_it_is_read_as_that_text(
    ada: Seat, title: str
) -> None:
    """A title from outside never becomes a step of a line."""
    await ada.done("priorities:put", items=[{"id": "odd", "title": title}])
    before = await held(ada)
    [suggestion] = await suggested(ada, "update P8 ")
    assert (await typed(ada, suggestion["text"]))["ok"], suggestion
    assert await held(ada) == before


async def test_whoever_reads_may_ask_for_suggestions(core: Core) -> None:
    seat = await core.sit(who=person("eve", Role.VIEWER))
    assert [each["text"] for each in await suggested(seat, "st")] == ["status"]
    assert await suggested(seat, "approve budg") == []  # which they may not do


async def test_a_collector_reads_no_titles_of_others_in_suggestions(core: Core) -> None:
    seat = await core.sit(who=collector("ics:work"))
    assert (await seat.ask("command:suggest", text="st"))["error"]["code"] == "forbidden"


async def test_suggestions_after_ones_own_line_know_what_it_did(ada: Seat) -> None:
    asked: list[tuple[str, Json]] = [
        ("command:run", {"text": "drop P1 | add priority Budget of Q3"}),
        ("command:suggest", {"text": "approve budg"}),
    ]
    acks = await ada.pipeline(asked)
    assert [each["text"] for each in acks[1]["data"]["suggestions"]] == ["approve P8"]


async def test_of_thousands_of_words_only_the_first_few_are_looked_for(ada: Seat) -> None:
    await ada.done("priorities:put", items=[{"id": "long", "title": "za" * 4_900 + " a"}])
    assert await suggested(ada, "approve " + "a " * 2_040) == await suggested(ada, "approve a")
