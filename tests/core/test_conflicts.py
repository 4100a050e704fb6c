"""Events at one time are a section of their own; a moved event says when it was to be."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from handlers.conflicts import MOST, found, is_attended
from models.calendar import CalendarItem
from models.conflicts import Conflict
from sio_server.registry.privacy import Policy
from tests.core.private import feed
from tests.core.seats import Core, Seat, collector

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
TUESDAY = "2026-11-24"


def event(id: str, start: str, end: str, **fields: Any) -> dict[str, Any]:
    """At these hours of Tuesday, or on these days."""
    times = [when if len(when) == 10 else f"{TUESDAY}T{when}:00Z" for when in (start, end)]
    return {"id": id, "title": id.title(), "start": times[0], "end": times[1], **fields}


async def put(seat: Seat, *items: dict[str, Any]) -> None:
    done = await seat.done("calendar:put", items=list(items), mode="replace")
    assert not done["rejected"]


async def conflicts(seat: Seat) -> list[str]:
    state = await seat.state()
    return [one["title"] for one in state["conflicts"]]


@pytest.mark.parametrize(
    ("other", "titles"),
    [
        (event("lunch", "10:30", "11:30"), ["Board and Lunch"]),
        (event("lunch", "11:00", "12:00"), []),
        (event("lunch", "10:30", "11:30", status="cancelled"), []),
        (event("lunch", "10:30", "11:30", answer="declined"), []),
        (event("lunch", "10:30", "11:30", busy=False), []),
        (event("lunch", "10:30", "11:30", status="tentative", answer="needs_action"), ["Board and Lunch"]),
        (event("away", TUESDAY, "2026-11-26"), ["Away and Board"]),
        (event("birthday", TUESDAY, "2026-11-25", busy=False), []),
    ],
)
async def test_what_takes_the_same_time_is_in_conflict(
    tmp_path: Path, other: dict[str, Any], titles: list[str]
) -> None:
    async with Core(tmp_path) as core:
        ics = await core.sit(who=collector("ics:work"))
        await put(ics, event("board", "10:00", "11:00"), other)
        assert await conflicts(ics) == titles


async def test_what_opens_a_meeting_is_in_no_conflicts_title_and_not_in_the_day(tmp_path: Path) -> None:
    titles = "Board passcode: 81pw77", "Lunch https://zoom.us/j/5?pwd=81pw77"
    async with Core(tmp_path) as core:
        seat = await core.sit()
        times = {"start": f"{TUESDAY}T10:00:00Z", "end": f"{TUESDAY}T11:00:00Z"}
        events = [{"id": title[:5], "title": title, **times} for title in titles]
        await seat.done("calendar:put", items=events)
        await seat.done("priorities:put", items=[{"id": "p", "title": "Prepare the board"}])
        assert await conflicts(seat) == ["Board and Lunch Zoom"]
        ran = await seat.done("command:run", text=f"day {TUESDAY} | brief day | brief week")
        assert "81pw77" not in str(ran)


async def test_a_conflict_comes_and_goes_in_the_commit_that_makes_or_solves_it(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        seat = await core.sit("conflicts", "calendar")
        ics = await core.sit(who=collector("ics:work"))
        await put(ics, event("board", "10:00", "11:00"), event("lunch", "10:30", "11:30"))
        patches = seat.received("calendar:patch") + seat.received("conflicts:patch")
        assert len({patch["seq"] for patch in patches}) == 1
        assert {change["section"] for patch in patches for change in patch["changes"]} == {
            "calendar",
            "conflicts",
        }
        person = await core.sit()
        code = next(item["code"] for item in (await person.state())["calendar"] if item["title"] == "Lunch")
        edit = {"start": f"{TUESDAY}T11:00:00Z", "end": f"{TUESDAY}T12:00:00Z"}
        assert (await person.ask("calendar:edit", code=code, set=edit))["ok"]
        assert await conflicts(person) == []


async def test_the_same_again_changes_nothing(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        ics = await core.sit(who=collector("ics:work"))
        events = event("board", "10:00", "11:00"), event("lunch", "10:30", "11:30")
        await put(ics, *events)
        seq = core.state.seq
        await put(ics, *events)
        assert core.state.seq == seq


def test_the_sweep_finds_what_comparing_all_pairs_finds() -> None:
    random.seed(7)
    for _ in range(50):
        events = [made(number) for number in range(random.randint(0, 25))]
        sure = {
            frozenset((one.id, other.id))
            for one, other in combinations([event for event in events if is_attended(event)], 2)
            if max(one.start, other.start) < min(one.end or "", other.end or "")
            and (min(one.end or "", other.end or "")) > "2026-11-23T08:00:00Z"
        }
        assert {frozenset(one.events) for one in found(events, NOW, UTC)} == sure


def made(number: int) -> CalendarItem:
    """Some event of that day."""
    start = datetime(2026, 11, 23, tzinfo=UTC) + timedelta(minutes=15 * random.randrange(80))
    end = start + timedelta(minutes=15 * random.randrange(1, 8))
    written = [f"{when:%Y-%m-%dT%H:%M:%SZ}" for when in (start, end)]
    busy = random.random() < 0.8
    return CalendarItem(id=str(number), title=str(number), start=written[0], end=written[1], busy=busy)


def test_of_a_calendar_in_which_all_overlaps_the_soonest_are_named() -> None:
    events = [
        CalendarItem(id=str(number), title="x", start="2026-11-24T09:00:00Z", end="2026-11-24T10:00:00Z")
        for number in range(2_000)
    ]
    listed = found(events, NOW, UTC)
    assert len(listed) == MOST
    assert [one.left_out for one in listed] == [0] * (MOST - 1) + [2_000 * 1_999 // 2 - MOST]


def test_what_is_not_listed_is_counted() -> None:
    random.seed(8)
    for most in (1, 2, 5, 20):
        for _ in range(25):
            events = [made(number) for number in range(random.randint(0, 20))]
            days = [
                CalendarItem(id=f"day{n}", title="Away", start="2026-11-23", end="2026-11-25", all_day=True)
                for n in range(random.randint(0, 3))
            ]
            everything = found([*events, *days], NOW, UTC)
            listed = found([*events, *days], NOW, UTC, most)
            assert [one.id for one in listed] == [one.id for one in everything][: len(listed)] or most > 1
            assert len(listed) + sum(one.left_out for one in listed) == len(everything)


async def test_a_board_a_day_and_a_brief_say_how_many_conflicts_are_not_listed(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        ics, person = await core.sit(who=collector("ics:work")), await core.sit()
        await put(ics, *(event(f"e{n}", "10:00", "11:00") for n in range(40)))
        left = 40 * 39 // 2 - MOST
        state = await person.state()
        assert sum(one["left_out"] for one in state["conflicts"]) == left
        day = await person.done("day:get", date=TUESDAY)
        assert day["conflicts_left_out"] == left
        [step] = (await person.done("command:run", text="day tuesday"))["steps"]
        *_, conflicts = step["data"]["text"].partition("At the same time, ")
        more = int(re.search(r"^and (\d+) more$", conflicts, re.MULTILINE)[1])  # type: ignore[index]
        assert step["data"]["text"].count("At the same time, ") + more == left + MOST
        core.clock.wall_jump_s += 20 * 3600
        brief = (await person.done("brief:generate", kind="daily"))["text"]
        told = sum(5 + int(others) for others in re.findall(r" and (\d+) others", brief))
        assert told + int(re.search(r"- and (\d+) more conflicts", brief)[1]) == left + MOST  # type: ignore[index]
        brief = (await person.done("brief:generate", kind="weekly", full=True))["text"]
        more = int(re.search(r"- and (\d+) more", brief)[1])  # type: ignore[index]
        assert brief.count(" are both on ") + more == left + MOST


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"])
async def test_after_each_change_the_list_is_that_of_all_events_compared_anew(
    tmp_path: Path, zone: str
) -> None:
    """One changed event is compared by itself, many together, and of two private sources neither with the
    other's."""
    chance, tz = random.Random(zone), ZoneInfo(zone)
    sources = "ics:work", "ics:ana", "ics:bo"

    def some(source: str) -> dict[str, Any]:
        start = datetime(2026, 11, 23, 6, tzinfo=UTC) + timedelta(minutes=15 * chance.randrange(2 * 96))
        end = start + timedelta(seconds=chance.choice((0, 899.5, 1800, 5400)))
        spec = ("%Y-%m-%dT%H:%M:%S.%fZ",) * 2 if chance.random() < 0.9 else ("%Y-%m-%d",) * 2
        days = timedelta(days=1 if len(spec[0]) == 8 else 0)
        answer = chance.choice((None, "accepted", "declined"))
        times = {"start": f"{start:{spec[0]}}", "end": f"{end + days:{spec[1]}}"}
        return {"id": f"e{chance.randrange(12)}", "title": source, "answer": answer, **times}

    async with Core(tmp_path, zone=zone) as core:
        core.state.privacy.policy = Policy()
        seats = {source: await core.sit(who=feed(source)) for source in sources}
        for source in sources[1:]:
            await seats[source].done("source:hello", ttl_s=3600, visible_to=[source[4:]])
        for _ in range(120):
            source = chance.choice(sources)
            items = {one["id"]: one for one in (some(source) for _ in range(chance.choice((1, 1, 2, 30))))}
            mode = chance.choice(("upsert", "upsert", "replace"))
            await seats[source].done("calendar:put", items=[*items.values()], mode=mode)
            events = [cast(CalendarItem, row.item) for row in core.state.rows["calendar"].values()]
            now = datetime.fromtimestamp(core.clock.wall(), UTC)
            public = [one for one in events if one.source == sources[0]]
            expected = found(public, now, tz)
            for private in sources[1:]:
                its = [one for one in events if one.source == private]
                expected += found([*public, *its], now, tz, source=private)
            listed = [cast(Conflict, row.item) for row in core.state.rows["conflicts"].values()]
            assert sorted(map(_told, listed)) == sorted(map(_told, expected))


def _told(one: Conflict) -> tuple[str, ...]:
    return one.id, one.title, *one.events, one.start, one.end


async def test_an_event_that_a_person_moved_is_back_when_its_time_is_given_back(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        ics, person = await core.sit(who=collector("ics:work")), await core.sit()
        await put(ics, event("board", "10:00", "11:00"))
        [board] = (await person.state())["calendar"]
        later = {"start": f"{TUESDAY}T14:00:00Z", "end": f"{TUESDAY}T15:00:00Z"}
        moved = await person.done("calendar:edit", code=board["code"], set=later)
        assert moved["moved_from"] == {"start": board["start"], "end": board["end"]}
        back = await person.done("calendar:release", code=board["code"])
        assert (back["start"], back["moved_from"]) == (board["start"], None)


async def test_a_moved_event_says_when_it_was_to_be_until_it_is_back(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        ics = await core.sit(who=collector("ics:work"))

        async def moved(start: str, end: str) -> Any:
            await put(ics, event("board", start, end))
            return (await ics.state())["calendar"][0].get("moved_from")

        first = {"start": f"{TUESDAY}T10:00:00Z", "end": f"{TUESDAY}T11:00:00Z"}
        assert await moved("10:00", "11:00") is None
        assert await moved("14:00", "15:00") == first
        assert await moved("16:00", "17:00") == first
        assert await moved("16:00", "18:00") == first
        assert await moved("10:00", "11:00") is None
        assert await moved("10:00", "11:30") is None
