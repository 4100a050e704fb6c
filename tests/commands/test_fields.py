"""Fields that people set by commands of their own (commands/setting): the values (commands/values), who is
meant, the places in a ranked list, what is given back; the table of lines has the rest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sio_server.commands.people import meant
from sio_server.commands.ranks import DOWN, RANK_MAX, UP, ranks_for
from tests.commands.board import ADA, BOB, ran, typed
from tests.core.seats import Core, Seat, collector

Json = Any

RANKS = st.one_of(st.none(), st.integers(0, 6), st.integers(RANK_MAX - 3, RANK_MAX))


def _sorted(ranks: dict[str, int | None]) -> list[str]:
    return sorted(ranks, key=lambda id: (ranks[id] is None, ranks[id] or 0, id))


@settings(max_examples=150, deadline=None)
@given(
    given_ranks=st.lists(RANKS, min_size=1, max_size=8),
    which=st.integers(0, 7),
    to=st.one_of(st.integers(1, 10), st.sampled_from([UP, DOWN])),
)
def test_an_item_stands_where_it_was_moved_and_the_others_keep_their_order(
    given_ranks: list[int | None], which: int, to: int | str
) -> None:
    ranks = {f"i{number}": rank for number, rank in enumerate(given_ranks)}
    order = _sorted(ranks)
    id = order[which % len(order)]
    new = ranks_for({each: ranks[each] for each in order}, id, to)
    assert all(0 <= rank <= RANK_MAX for rank in new.values())
    after = _sorted({**ranks, **new})
    wanted = {UP: order.index(id) - 1, DOWN: order.index(id) + 1}.get(
        str(to), int(to) - 1 if to not in (UP, DOWN) else 0
    )
    assert after.index(id) == min(max(wanted, 0), len(order) - 1)
    assert [each for each in after if each != id] == [each for each in order if each != id]


async def test_the_only_item_of_a_list_cannot_be_moved_and_is_said_to_be_the_only_one(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        seat = await core.sit()
        await ran(seat, "add priority One")
        for way in (UP, DOWN):
            refused = await seat.refused("command:run", text=f"rank P1 {way}")
            assert refused["message"].endswith("P1 is the only one in its list.")


PEOPLE = ("Ana Lopez", "ana silva", "Bo Chen", "Zoë", "zoe@example.org", "Cy Ek", "Ek, Cy")


@pytest.mark.parametrize(
    ("said", "people"),
    [
        ("@bo", ["Bo Chen"]),
        ("BO CHEN", ["Bo Chen"]),
        ("@ana", ["Ana Lopez", "ana silva"]),
        ("Ana", ["Ana Lopez", "ana silva"]),
        ("@ana.silva", ["ana silva"]),
        ("silva", ["ana silva"]),
        ("@zoe", ["Zoë"]),
        ("Cy Ek", ["Cy Ek"]),
        ("@b", []),
        ("@nobody", []),
        ("@", []),
    ],
)
def test_who_is_meant_is_told_by_whole_words_and_nobody_is_guessed(said: str, people: list[str]) -> None:
    assert list(meant(said, PEOPLE).people) == people


def test_the_nearest_names_are_named_when_nobody_goes_by_it() -> None:
    assert meant("@annna", PEOPLE).nearest == ("Ana Lopez", "ana silva")
    assert meant("@lopes", PEOPLE).nearest == ("Ana Lopez",)
    assert meant("@silv", PEOPLE).nearest == ("ana silva",)
    assert meant("@ch", PEOPLE).nearest == ("Bo Chen",)
    assert meant("@nobody", PEOPLE).nearest == ("Bo Chen",)
    assert meant("@", PEOPLE).nearest == ()
    assert meant("@xxxx", PEOPLE).nearest == ()


async def test_a_handle_that_may_be_two_people_is_refused_with_both_names(core: Core, ada: Seat) -> None:
    bob = await core.sit(who=BOB)
    people = ["Ana Lopez <ana.lopez@example.org>", "Ana Silva", "Bo Chen"]
    event = {"id": "three", "title": "Three", "start": "2026-11-23T16:00:00Z", "attendees": people}
    await bob.done("calendar:put", items=[event])
    error = (await typed(ada, "assign M2 @ana"))["error"]
    assert "“Ana Lopez”, “Ana Silva”: write the full name" in error["message"]
    data = await ran(ada, "assign M2 @ana.lopez | assign P1 silva | assign P2 @bo")
    assert [step["data"]["set"]["assignee"] for step in data["steps"]] == [
        "Ana Lopez",
        "Ana Silva",
        "Bo Chen",
    ]
    for line in ("add owe @ana the deck", "add owed Ana: the deck", "add priority Call @ana"):
        error = (await typed(ada, line))["error"]
        assert (
            "na could be “Ana Lopez”, “Ana Silva”: write the full name, as in `Ana Lopez: ...`"
            in error["message"]
        )
    [step] = (await ran(ada, "add owe Ana Silva: the deck"))["steps"]
    assert step["data"]["items"][0]["title"] == "the deck"


async def test_a_new_items_day_that_does_not_exist_is_refused_and_not_kept_in_its_title(ada: Seat) -> None:
    for line, why in (
        ("add owe the deck by 31 feb", "by 31 feb: I don't understand this time: there is no such day"),
        ("add priority Pay due 2026-13-45 !!", "Put the text in quotation marks if it is not a date."),
        ("due P7 9999-12-31", "the year must be 1900 to 2199"),
    ):
        assert why in (await typed(ada, line))["error"]["message"]
    for line in ('add priority "Call by 31 feb"', "add priority Say what was said on 31 feb"):
        [step] = (await ran(ada, line))["steps"]
        assert step["data"]["items"][0]["title"].endswith("31 feb")


async def test_a_due_time_is_meant_where_the_person_is(core: Core) -> None:
    ada = await core.sit("state", who=replace(ADA, tz=ZoneInfo("America/Los_Angeles")))
    data = await ran(ada, "due P1 fri 17:00 | due P2 today")
    assert [step["data"]["set"] for step in data["steps"]] == [
        {"due_date": "2026-11-28T01:00:00Z"},
        {"due_date": "2026-11-23"},
    ]


async def test_what_a_person_sets_its_source_no_longer_overwrites(core: Core, ada: Seat) -> None:
    await ran(ada, "due P7 friday | urgency P7 high | takes P7 45 min | assign P7 Bo Chen | note P7 by train")
    mail = await core.sit(who=collector("mail:home"))
    stated = {"id": "flights", "title": "Book flights", "urgency": "low", "due_date": "2026-12-24"}
    await mail.done("priorities:put", items=[stated | {"assignee": "Dee"}])
    [flights] = [item for item in (await ada.state())["priorities"] if item["code"] == "P7"]
    assert [flights[name] for name in ("due_date", "urgency", "minutes", "assignee", "note")] == [
        *("2026-11-27", "high", 45, "Bo Chen", "by train"),
    ]
    assert flights["held"] == ["assignee", "due_date", "minutes", "note", "urgency"]


async def test_a_held_field_says_what_the_source_says_and_a_release_makes_it_so(
    core: Core, ada: Seat
) -> None:
    mail = await core.sit(who=collector("mail:home"))
    stated = {"id": "flights", "title": "Book flights", "urgency": "low", "due_date": "2026-12-24"}

    async def flights() -> Json:
        [item] = [item for item in (await ada.state())["priorities"] if item["code"] == "P7"]
        return item

    await ran(ada, "due P7 friday | urgency P7 high")
    assert (await flights())["source_values"] == {"due_date": None, "urgency": "medium"}
    await mail.done("priorities:put", items=[stated])
    assert (await flights())["source_values"] == {"due_date": "2026-12-24", "urgency": "low"}
    released = await ran(ada, "release P7 due")
    assert released["steps"][0]["data"]["set"] == {"due_date": "2026-12-24"}
    item = await flights()
    assert (item["due_date"], item["held"]) == ("2026-12-24", ["urgency"])
    assert item["source_values"] == {"urgency": "low"}
    await mail.done("priorities:put", items=[stated | {"due_date": None, "urgency": "medium"}])
    item = await flights()
    assert (item["due_date"], item["urgency"], item["source_values"]) == (None, "high", {"urgency": "medium"})
    await ada.done("priorities:release", code="P7")
    item = await flights()
    assert (item["urgency"], item["held"], item["source_values"]) == ("medium", [], None)


async def test_fields_that_fit_only_together_are_given_back_together(core: Core, ada: Seat) -> None:
    day = {"start": "2026-11-30T09:00:00Z", "end": "2026-11-30T10:00:00Z"}
    await ada.done("calendar:edit", code="C2", set=day)
    ics = await core.sit(who=collector("ics:work"))
    early = {"start": "2026-11-24T09:00:00Z", "end": "2026-11-24T10:00:00Z"}
    await ics.done("calendar:put", items=[{"id": "teeth", "title": "Dentist", **early}])
    error = (await typed(ada, "release C2 end"))["error"]
    assert "needs more given back at once: end, start" in error["message"]
    await ran(ada, "release C2 start end")
    [dentist] = [item for item in (await ada.state())["calendar"] if item["code"] == "C2"]
    assert {name: dentist[name] for name in early} == early


async def test_what_a_step_changed_can_be_set_back_from_the_history_alone(core: Core, ada: Seat) -> None:
    await ran(ada, "due P7 friday | takes P7 45 min")
    await (await core.sit(who=BOB)).done("priorities:edit", code="P7", set={"note": "by train"})
    newest, line = (await ada.done("state:history", code="P7"))["entries"][:2]
    assert newest["before"] == {
        "note": None,
        "held": ["due_date", "minutes"],
        "source_values": {"due_date": None, "minutes": None},
    }
    assert {name: line["before"][name] for name in ("due_date", "minutes")} == {
        "due_date": None,
        "minutes": None,
    }
    await ada.done("priorities:edit", code="P7", set={"due_date": line["before"]["due_date"]})
    [flights] = [item for item in (await ada.state())["priorities"] if item["code"] == "P7"]
    assert (flights["due_date"], flights["minutes"], flights["note"]) == (None, 45, "by train")


async def test_the_history_has_all_of_an_item_that_went_and_nothing_before_the_first(ada: Seat) -> None:
    [rent] = [item for item in (await ada.state())["priorities"] if item["code"] == "P3"]
    await ran(ada, "drop P3")
    gone, *_, first = (await ada.done("state:history", code="P3"))["entries"]
    assert (gone["change"]["gone"], gone["before"]) == (True, rent)
    assert "before" not in first
    assert all("before" not in change for patch in ada.received("state:patch") for change in patch["changes"])


async def test_a_field_is_set_of_the_item_that_was_seen(core: Core, ada: Seat) -> None:
    seen = core.state.seq
    await (await core.sit(who=BOB)).done("priorities:edit", code="P1", set={"title": "Budget of Q4"})
    await (await core.sit(who=BOB)).done("calendar:edit", code="C2", set={"start": "2026-11-25T09:00:00Z"})
    for line in ("due P1 friday", "rank P1 up", "due P2 before C2"):
        error = (await typed(ada, line, seen=seen))["error"]
        assert error["code"] == "stale_target", line
    await ran(ada, "due P1 friday", seen=core.state.seq)


async def test_the_history_tells_the_line_that_set_a_field(ada: Seat) -> None:
    await ran(ada, "rank P7 2")
    for code in ("P7", "P2"):
        newest = (await ada.done("state:history", code=code))["entries"][0]
        assert newest["cause"] == {"actor": "ada", "command": "rank P7 2"}


async def test_the_words_of_fields_are_the_sections_own(ada: Seat) -> None:
    [step] = (await ada.done("command:run", text="help"))["steps"]
    usages = {command["command"]: command["usage"] for command in step["data"]["commands"]}
    assert usages["urgency"] == "urgency CODE low|medium|high"
    assert usages["assign"] == "assign CODE PERSON|none"
    assert usages["rank"] == "rank CODE NUMBER|up|down|none"


# On a Monday: today's weekday means the next one, and it is told.
READ = {
    "add priority Call the chair tuesday !!": {"due_date": "2026-11-24", "urgency": "high"},
    "add priority Call the chair monday": {"due_date": "2026-11-30"},
    "add owe @bo the deck by Friday": {"due_date": "2026-11-27", "assignee": "bo"},
    "add priority Call the chair": None,
}


@pytest.mark.parametrize(("line", "read"), READ.items(), ids=READ)
async def test_what_is_added_says_what_was_read_in_its_text_before_and_after(
    ada: Seat, line: str, read: Json
) -> None:
    for dry in (True, False):
        [step] = (await typed(ada, line, dry=dry))["data"]["steps"]
        assert step["data"].get("set") == read
