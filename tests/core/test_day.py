"""A day of one person (handlers/day): planned beside free minutes, against a count minute by minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from briefs import load
from tests.core.seats import PERSON, Core

Json = Any

ANA = replace(PERSON, whose="name:ana", me=("Ana Silva",))
AGENDA = "Dial in: https://zoom.us/j/1?pwd=hush\n\nAgenda:\n- Choose the supplier\n- Any other business"


def at(hour: str, day: int = 24) -> str:
    return f"2026-11-{day}T{hour}:00Z"


async def test_a_day_says_what_is_planned_free_and_at_one_time(core: Core) -> None:
    ana = await core.sit(who=ANA)
    events: list[Json] = [
        {
            "id": "a",
            "title": "Supplier talks",
            "start": at("09:30"),
            "end": at("11:00"),
            "description": AGENDA,
        },
        {"id": "b", "title": "Budget", "start": at("10:30"), "end": at("11:30")},
        {"id": "c", "title": "Gone", "start": at("13:00"), "end": at("14:00"), "status": "cancelled"},
        {"id": "d", "title": "No", "start": at("13:00"), "end": at("14:00"), "answer": "declined"},
        {"id": "e", "title": "Lunch", "start": at("12:00"), "end": at("13:00"), "busy": False},
        {"id": "f", "title": "Late", "start": at("16:50"), "end": at("18:00")},
    ]
    todo = [
        {"id": "a", "title": "Sign the budget", "minutes": 90, "due_date": "2026-11-24"},
        {"id": "b", "title": "Overdue", "minutes": 300, "due_date": "2026-11-20"},
        {"id": "c", "title": "Nobody knows", "due_date": at("15:00")},
        {"id": "d", "title": "Later", "minutes": 60, "due_date": "2026-11-25"},
        {"id": "e", "title": "Of somebody else", "minutes": 60, "due_date": "2026-11-24", "assignee": "Bo"},
        {"id": "f", "title": "Mine", "minutes": 10, "due_date": "2026-11-24", "assignee": "Ana Silva"},
        {"id": "g", "title": "Done", "minutes": 60, "due_date": "2026-11-24", "status": "done"},
    ]
    await ana.done("calendar:put", items=events)
    await ana.done("priorities:put", items=todo)
    day = await ana.done("day:get", date="2026-11-24")
    assert (day["working"], day["tz"]) == ({"start": at("09:00"), "end": at("17:00")}, "UTC")
    assert [(one["start"], one["end"]) for one in day["free"]] == [
        (at("09:00"), at("09:30")),
        (at("11:30"), at("16:50")),
    ]
    assert (day["free_min"], day["planned_min"], day["over_min"]) == (350, 400, 50)
    assert (day["unestimated"], {one["title"] for one in day["planned"]}) == (
        1,
        {"Sign the budget", "Overdue", "Nobody knows", "Mine"},
    )
    assert [one["title"] for one in day["conflicts"]] == ["Supplier talks and Budget"]
    assert {one["title"]: one["headline"] for one in day["meetings"]} == {
        "Supplier talks": "Choose the supplier",
        "Budget": "To decide: Sign the budget",
        "Late": None,
    }
    [step] = (await ana.done("command:run", text="day tomorrow"))["steps"]
    assert step["data"]["text"].splitlines() == [
        "Tuesday 24 November (UTC): 3 meetings, 4 tasks, 3 of them 6 h 40 min in all,"
        " 5 h 50 min free, 50 min too much",
        "C1 09:30-11:00 Supplier talks: Choose the supplier",
        "C2 10:30-11:30 Budget: To decide: Sign the budget",
        "C6 16:50-18:00 Late",
        "C3 13:00-14:00 Gone · CANCELLED",
        "C4 13:00-14:00 No · declined",
        "Takes no time: C5 12:00 Lunch",
        "Tasks: P2 Overdue (5 h), P1 Sign the budget (1 h 30 min) and P6 Mine (10 min)",
        "Without an estimate: P3 Nobody knows; say `takes P3 45 min`",
        "Free: 09:00-09:30, 11:30-16:50",
        "At the same time, 10:30-11:00: Supplier talks and Budget",
    ]
    assert [one["title"] for one in day["off"]] == ["Gone", "No"]
    assert "hush" not in str(day)
    away = events[0] | {"start": "2026-11-27T09:30:00Z", "end": "2026-11-27T11:00:00Z"}
    await ana.done("calendar:put", items=[away])
    [step] = (await ana.done("command:run", text="day tomorrow"))["steps"]
    moved = "C1 Fri 27 Nov 09:30-11:00 Supplier talks · moved from Tue 24 Nov 09:30"
    assert step["data"]["text"].splitlines()[5] == moved


async def test_the_one_the_board_is_for_is_not_counted_among_the_people_of_a_meeting(core: Core) -> None:
    ana = await core.sit(who=ANA)
    answers = [{"attendee": "Bo", "answer": "declined"}]
    meeting = {"id": "a", "title": "Lift", "start": at("09:30"), "attendees": ["Ana Silva", "Bo"]}
    await ana.done("calendar:put", items=[meeting | {"answers": answers}])
    [step] = (await ana.done("command:run", text="day tomorrow"))["steps"]
    assert step["data"]["text"].splitlines()[1] == "C1 09:30 Lift · 1 person, 1 declined"


async def test_the_answer_to_day_names_meetings_outside_the_working_hours_and_how_many_it_leaves_out(
    core: Core,
) -> None:
    ana = await core.sit(who=ANA)
    early = [
        {"id": str(n), "title": f"Call {n}", "start": at(f"07:{n:02}"), "end": at(f"07:{n + 1:02}")}
        for n in range(22)
    ]
    away = {"id": "away", "title": "Fair", "start": "2026-11-25", "end": "2026-11-26"}
    night = {"id": "night", "title": "Flight", "start": at("22:00", 26), "end": at("06:00", 27)}
    await ana.done("calendar:put", items=[*early, away, night])

    async def told(line: str) -> list[str]:
        [step] = (await ana.done("command:run", text=line))["steps"]
        text: str = step["data"]["text"]
        return text.splitlines()

    first, *calls, more, free = await told("day tue")
    assert first == "Tuesday 24 November (UTC): 22 meetings, no tasks, 8 h free"
    assert calls == [f"C{n + 1} 07:{n:02}-07:{n + 1:02} Call {n}" for n in range(20)]
    assert (more, free) == ("and 2 more meetings", "Free: 09:00-17:00")
    assert (await told("day wed"))[:2] == [
        "Wednesday 25 November (UTC): 1 meeting, no tasks, nothing free",
        "C23 all day Fair",
    ]
    at_once = [
        {"id": f"x{n}", "title": f"X{n}", "start": at("09:00", 30), "end": at("10:00", 30)} for n in range(8)
    ]
    await ana.done("calendar:put", items=at_once)
    monday = await told("day 2026-11-30")
    assert len([line for line in monday if line.startswith("At the same time, 09:00-10:00: ")]) == 20
    assert monday[-1] == "and 8 more"  # of 28 pairs
    assert "C24 22:00 to Fri 27 Nov 06:00 Flight" in await told("day thu")
    assert "C24 Thu 26 Nov 22:00 to Fri 27 Nov 06:00 Flight" in await told("day fri")


async def test_today_counts_from_now_and_each_person_has_their_own_hours(core: Core) -> None:
    ana, bo = [await core.sit(who=replace(ANA, whose=f"name:{name}")) for name in ("ana", "bo")]
    hours = {"mon": {"start": "08:00", "end": "13:30"}, "tue": None}
    await ana.done("prefs:set", set={"working_hours": hours, "tz": "Europe/Berlin"})
    today = await ana.done("day:get")  # it is 13:00 in Berlin
    assert (today["date"], today["free_min"], today["free"]) == (
        "2026-11-23",
        30,
        [{"start": "2026-11-23T12:00:00Z", "end": "2026-11-23T12:30:00Z"}],
    )
    off = await ana.done("day:get", date="2026-11-24")
    assert (off["working"], off["free_min"]) == (None, 0)
    assert (await bo.done("day:get"))["free_min"] == 300
    assert (await bo.done("day:get", date="2026-11-28"))["working"] is None  # a Saturday


async def test_a_day_tells_what_one_owes_then_and_what_comes_back(core: Core) -> None:
    ana = await core.sit(who=ANA)
    todo = [
        {"id": "a", "title": "Sign the budget"},
        {"id": "b", "title": "Due too", "due_date": "2026-11-24"},
        {"id": "c", "title": "Later"},
    ]
    await ana.done("priorities:put", items=todo)
    owed = [
        {"id": "a", "description": "the deck", "direction": "owe", "assignee": "Bo", "due_date": at("16:00")},
        {"id": "b", "description": "the keys", "direction": "owed", "due_date": "2026-11-24"},
        {
            "id": "c",
            "description": "sent",
            "direction": "owe",
            "due_date": "2026-11-24",
            "status": "completed",
        },
        {"id": "d", "description": "the plan", "direction": "owe", "due_date": "2026-11-25"},
    ]
    await ana.done("commitments:put", items=owed)
    await ana.done("command:run", text="snooze P1 tomorrow 9am | snooze P2 tomorrow 10am | snooze P3 3d")
    day = await ana.done("day:get", date="2026-11-24")
    assert [one["title"] for one in day["promised"]] == ["Bo: the deck"]
    assert [one["title"] for one in day["back"]] == ["Sign the budget"]
    [step] = (await ana.done("command:run", text="day tomorrow"))["steps"]
    assert step["data"]["text"].splitlines()[:3] == [
        "Tuesday 24 November (UTC): no meetings, 1 task, 1 promise, 1 back from snooze, 8 h free",
        "Promised: M1 Bo: the deck",
        "Back from snooze: P1 Sign the budget",
    ]


async def test_today_says_what_is_over_and_what_is_owed_since_earlier(core: Core) -> None:
    ana = await core.sit(who=ANA)
    today = (await ana.done("day:get"))["date"]
    began = core.clock.now_s
    for id, start_s in (("gone", began - 7_200), ("still", began - 600)):
        start, end = (f"{datetime.fromtimestamp(at_s, UTC):%FT%TZ}" for at_s in (start_s, start_s + 3_600))
        await ana.done("calendar:put", items=[{"id": id, "title": id, "start": start, "end": end}])
    late = {
        "id": "a",
        "description": "the deck",
        "direction": "owe",
        "assignee": "Bo",
        "due_date": "2026-01-05",
    }
    await ana.done("commitments:put", items=[late])

    async def said(line: str) -> list[str]:
        [step] = (await ana.done("command:run", text=line))["steps"]
        lines: list[str] = step["data"]["text"].splitlines()
        return lines

    lines = await said("day")
    assert today > "2026-01-05"
    assert [" ".join(one.split()[2:]) for one in lines if one.startswith("C")] == ["gone · over", "still"]
    assert "Overdue promises: M1 Bo: the deck" in lines
    assert not any("the deck" in one for one in await said("day tomorrow"))


async def test_an_absence_of_whole_days_leaves_nothing_free(core: Core) -> None:
    ana = await core.sit(who=ANA)
    away = {"id": "a", "title": "Away", "start": "2026-11-24", "end": "2026-11-26"}
    await ana.done("calendar:put", items=[away])
    for day, free in (("2026-11-24", 0), ("2026-11-25", 0), ("2026-11-26", 480)):
        assert (await ana.done("day:get", date=day))["free_min"] == free


async def test_a_day_that_does_not_exist_is_refused(core: Core) -> None:
    ana = await core.sit(who=ANA)
    for wrong in ("2026-02-30", "tomorrow", "2026-11-24T09:00:00Z"):
        assert (await ana.refused("day:get", date=wrong))["details"][0]["path"] == "date"


async def test_a_night_shift_over_the_change_of_the_clocks_has_the_hours_that_there_are(core: Core) -> None:
    ana = await core.sit(who=ANA)
    night = {day: {"start": "00:30", "end": "05:30"} for day in ("sat", "sun")}
    await ana.done("prefs:set", set={"working_hours": night, "tz": "Europe/Berlin"})
    for day, minutes in (("2027-03-27", 300), ("2027-03-28", 240), ("2027-10-31", 360)):
        assert (await ana.done("day:get", date=day))["free_min"] == minutes


ZONE = ZoneInfo("Europe/Berlin")
NIGHT = datetime(2027, 10, 31, tzinfo=ZONE)  # the hour from 2 to 3 comes twice
minute = st.integers(0, 600)


@given(st.lists(st.tuples(minute, minute), max_size=6), minute, minute)
def test_free_minutes_are_those_that_nothing_takes(
    taken: list[tuple[int, int]], one: int, other: int
) -> None:
    midnight = datetime.combine(NIGHT, time(), ZONE).astimezone(UTC)

    def moment(minutes: int) -> datetime:
        return (midnight + timedelta(minutes=minutes)).astimezone(ZONE)

    start, end = sorted((one, other))
    spans = [(moment(min(pair)), moment(max(pair))) for pair in taken]
    free = list(load.free((moment(start), moment(end)), spans))
    expected = {at for at in range(start, end) if not any(min(pair) <= at < max(pair) for pair in taken)}
    assert load.minutes(free) == len(expected)
    assert all(first.timestamp() < last.timestamp() for first, last in free)
    assert all(one[1].timestamp() <= two[0].timestamp() for one, two in pairwise(free))
