"""Times as people type them (commands/when): what each means where they are, and what is refused as
ambiguous."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.commands.board import person, place_of, typed
from tests.conftest import Connect
from tests.core.seats import NOON, Core

MONDAY_NOON = "2026-11-23 12:00"  # in UTC, as all the moments of the clock below
EVE_OF_SUMMER = "2027-03-27 12:00"  # in Berlin, the clocks go from 2:00 to 3:00 the next night
EVE_OF_WINTER = "2027-10-30 12:00"  # and there from 3:00 to 2:00

# (when it is, where the person is, the time as typed, the instant that it means).
TIMES = (
    (MONDAY_NOON, "UTC", "2h", "2026-11-23T14:00:00Z"),
    (MONDAY_NOON, "UTC", "in 2 hours", "2026-11-23T14:00:00Z"),
    (MONDAY_NOON, "UTC", "90m", "2026-11-23T13:30:00Z"),
    (MONDAY_NOON, "UTC", "5 min", "2026-11-23T12:05:00Z"),
    (MONDAY_NOON, "UTC", "1h 30m", "2026-11-23T13:30:00Z"),
    (MONDAY_NOON, "UTC", "1d12h", "2026-11-25T00:00:00Z"),
    (MONDAY_NOON, "UTC", "2 weeks", "2026-12-07T12:00:00Z"),
    (MONDAY_NOON, "UTC", "1w", "2026-11-30T12:00:00Z"),
    (MONDAY_NOON, "UTC", "9999h", "2028-01-14T03:00:00Z"),
    (MONDAY_NOON, "UTC", "today 3pm", "2026-11-23T15:00:00Z"),
    (MONDAY_NOON, "UTC", "14:30", "2026-11-23T14:30:00Z"),
    (MONDAY_NOON, "UTC", "9am", "2026-11-24T09:00:00Z"),
    (MONDAY_NOON, "UTC", "midnight", "2026-11-24T00:00:00Z"),
    (MONDAY_NOON, "UTC", "12:01 pm", "2026-11-23T12:01:00Z"),
    (MONDAY_NOON, "UTC", "tomorrow", "2026-11-24T09:00:00Z"),
    (MONDAY_NOON, "UTC", "tomorrow 9am", "2026-11-24T09:00:00Z"),
    (MONDAY_NOON, "UTC", "Tomorrow at 9:05 PM", "2026-11-24T21:05:00Z"),
    (MONDAY_NOON, "UTC", "tomorrow, noon", "2026-11-24T12:00:00Z"),
    (MONDAY_NOON, "UTC", "14:30 tomorrow", "2026-11-24T14:30:00Z"),
    (MONDAY_NOON, "UTC", "fri", "2026-11-27T09:00:00Z"),
    (MONDAY_NOON, "UTC", "Friday 5pm", "2026-11-27T17:00:00Z"),
    (MONDAY_NOON, "UTC", "mon 14:30", "2026-11-30T14:30:00Z"),  # the next one, never today
    (MONDAY_NOON, "UTC", "3 dec 9:00", "2026-12-03T09:00:00Z"),
    (MONDAY_NOON, "UTC", "Dec 3", "2026-12-03T09:00:00Z"),
    (MONDAY_NOON, "UTC", "31 january 2028", "2028-01-31T09:00:00Z"),
    (MONDAY_NOON, "UTC", "24.12.", "2026-12-24T09:00:00Z"),
    (MONDAY_NOON, "UTC", "4.1.", "2027-01-04T09:00:00Z"),
    (MONDAY_NOON, "UTC", "24. 12. 17:00", "2026-12-24T17:00:00Z"),
    (MONDAY_NOON, "UTC", "24.12. 17:00", "2026-12-24T17:00:00Z"),
    (MONDAY_NOON, "UTC", "24.12. 10 am", "2026-12-24T10:00:00Z"),
    (MONDAY_NOON, "UTC", "01.02.2028", "2028-02-01T09:00:00Z"),
    (MONDAY_NOON, "UTC", "01.02.28 9:30", "2028-02-01T09:30:00Z"),
    (MONDAY_NOON, "UTC", "next week", "2026-11-30T09:00:00Z"),
    (MONDAY_NOON, "UTC", "next monday 10:00", "2026-11-30T10:00:00Z"),
    ("2026-11-26 12:00", "UTC", "Next Wed", "2026-12-02T09:00:00Z"),
    (MONDAY_NOON, "UTC", "end of month", "2026-11-30T09:00:00Z"),
    ("2027-02-01 12:00", "UTC", "end of the month", "2027-02-28T09:00:00Z"),
    ("2026-12-01 12:00", "UTC", "end of month", "2026-12-31T09:00:00Z"),
    (MONDAY_NOON, "UTC", "2026-12-01", "2026-12-01T00:00:00Z"),
    (MONDAY_NOON, "UTC", "2026-12-01 09:00", "2026-12-01T09:00:00Z"),
    (MONDAY_NOON, "UTC", "2026-12-01t09:00:30z", "2026-12-01T09:00:30Z"),
    (MONDAY_NOON, "UTC", "2026-12-01 09:00 -05:00", "2026-12-01T14:00:00Z"),
    # Where somebody else is, days begin at other times.
    (MONDAY_NOON, "Asia/Kathmandu", "tomorrow", "2026-11-24T03:15:00Z"),
    (MONDAY_NOON, "America/New_York", "9am", "2026-11-23T14:00:00Z"),
    (MONDAY_NOON, "America/New_York", "2026-12-01 09:00", "2026-12-01T14:00:00Z"),
    (MONDAY_NOON, "America/New_York", "2026-12-01 09:00z", "2026-12-01T09:00:00Z"),
    (MONDAY_NOON, "Pacific/Kiritimati", "today 3am", "2026-11-23T13:00:00Z"),
    (MONDAY_NOON, "Pacific/Kiritimati", "tue 3am", "2026-11-30T13:00:00Z"),
    # The night of 23 hours: 2:30 does not exist, and is taken as if the clocks had not moved.
    (EVE_OF_SUMMER, "Europe/Berlin", "tomorrow", "2027-03-28T07:00:00Z"),
    (EVE_OF_SUMMER, "Europe/Berlin", "tomorrow 1:59", "2027-03-28T00:59:00Z"),
    (EVE_OF_SUMMER, "Europe/Berlin", "tomorrow 2:30", "2027-03-28T01:30:00Z"),
    (EVE_OF_SUMMER, "Europe/Berlin", "tomorrow 3:00", "2027-03-28T01:00:00Z"),
    (EVE_OF_SUMMER, "Europe/Berlin", "2027-03-28 09:00", "2027-03-28T07:00:00Z"),
    (EVE_OF_SUMMER, "Europe/Berlin", "mon 9am", "2027-03-29T07:00:00Z"),
    (EVE_OF_SUMMER, "Europe/Berlin", "24h", "2027-03-28T12:00:00Z"),
    (EVE_OF_SUMMER, "Europe/Berlin", "1 day", "2027-03-28T12:00:00Z"),
    # The night of 25 hours: 2:30 comes twice, and is the first unless the zone is said.
    (EVE_OF_WINTER, "Europe/Berlin", "tomorrow 1:59", "2027-10-30T23:59:00Z"),
    (EVE_OF_WINTER, "Europe/Berlin", "tomorrow 2:30", "2027-10-31T00:30:00Z"),
    (EVE_OF_WINTER, "Europe/Berlin", "2027-10-31 02:30 +01:00", "2027-10-31T01:30:00Z"),
    (EVE_OF_WINTER, "Europe/Berlin", "tomorrow 3:00", "2027-10-31T02:00:00Z"),
    (EVE_OF_WINTER, "Europe/Berlin", "24h", "2027-10-31T12:00:00Z"),
)

OVER = (
    "yesterday",
    "3 days ago",
    "last friday",
    "today",
    "today 9am",
    "noon",
    "0m",
    "3 nov 2026",
    "23 nov 2026",
    "2026-11-23T12:00:00Z",
    "1900-01-01",
)
NO_TIMES = (
    *("12/1", "1/12/2026", "next friday", "weekend", "eod", "now", "an hour", "in 2", "7", "2"),
    *("tomorrow 25:00", "tomorrow 24:00", "tomorrow 9", "13pm", "0am", "9:60", "9:5", "sat sun", "mon-fri"),
    *("3 nov", "22 nov 9am", "29 feb"),  # of which year?
    *(
        "30 feb",
        "30.2.",
        "24.13.",
        "32.1.",
        "24.12",
        "3.11.",
        "next",
        "next month",
        "31 apr",
        "29 feb 2027",
        "0 dec",
        "00 dec",
        "32 dec",
        "45 dec",
        "dec 45",
        "3 dez",
    ),
    *("2026-02-30", "2026-13-01", "2026-12-01T25:00", "20261201", "2026-W50", "2026-12-01 9:00"),
    *("-2h", "1.5h", "2h30", "1h 1h", "1h 1 hour", "1h 2h 3h", "10000h", "2y", "½h", "1e3m"),
    *("9999w", "2200-01-01", "9999-12-31", "1 jan 9999", "0000-01-01"),
    *("２h", "٢h", "tomorrow ９:30", "tomorrow ９am", "２０２６-12-01", "tоmorrow", "2 wee\u212as"),
    *("P2", "tomorrow; drop P1", "%s", "' OR 1=1", "x" * 4_000, "1" * 4_000 + "h"),
)


def moment(written: str) -> float:
    return datetime.fromisoformat(written + "+00:00").timestamp()


@pytest.mark.parametrize(("now", "zone", "time", "until"), TIMES)
async def test_a_time_means_what_a_person_there_means(
    core: Core, now: str, zone: str, time: str, until: str
) -> None:
    core.clock.now_s = moment(now)
    seat = await core.sit(who=person(tz=ZoneInfo(zone)))
    await seat.done("command:run", text=f"snooze P1 {time}")
    item = await seat.item("priorities", "budget")
    assert (item["status"], item["snoozed_until"]) == ("snoozed", until)


async def test_what_is_over_or_no_time_that_can_be_told_is_refused(core: Core) -> None:
    seat = await core.sit()
    seq = core.state.seq
    for times, part in ((OVER, "This time is in the past."), (NO_TIMES, "I don't understand this time")):
        for time in times:
            ack = await typed(seat, f"approve P2 | snooze P1 {time}")
            assert not ack["ok"], (time, ack)
            told = "takes one code" if time.startswith("P") else part
            assert told in ack["error"]["message"], (time, ack)
            assert place_of(ack["error"]) == (23, 23 + len(time))
    assert core.state.seq == seq


@pytest.mark.parametrize(
    ("text", "title", "due"),
    [
        ("Pay it in 2 days", "Pay it", "2026-11-25"),
        ("Pay it in 1 week", "Pay it", "2026-11-30"),
        ("Pay it by 24.12.", "Pay it", "2026-12-24"),
        ("Pay it by end of month", "Pay it", "2026-11-30"),
        ("Pay it before next week", "Pay it", "2026-11-30"),
        ("Talk about this next week", "Talk about this next week", None),
        ("Run 5k in 30 minutes", "Run 5k in 30 minutes", None),
        ('"Pay it in 2 days"', "Pay it in 2 days", None),
    ],
)
async def test_what_add_reads_as_the_day_at_the_end(
    core: Core, text: str, title: str, due: str | None
) -> None:
    seat = await core.sit()
    [step] = (await seat.done("command:run", text=f"add priority {text}"))["steps"]
    assert step["data"]["items"][0]["title"] == title
    assert step["data"].get("set", {}).get("due_date") == due


async def test_a_client_says_where_it_is_when_it_connects(connect: Connect) -> None:
    zones = {"Europe/Berlin": "T08:00:00Z", "America/New_York": "T14:00:00Z", None: "T09:00:00Z"}
    for zone, at_9 in zones.items():
        client = await connect(**({} if zone is None else {"tz": zone}))
        await client.done("command:run", text="add priority Budget | add priority Call")
        await client.done("command:run", text="snooze P1 2199-01-15 09:00")
        [budget] = [item for item in (await client.state())["priorities"] if item["code"] == "P1"]
        assert budget["snoozed_until"] == f"2199-01-15{at_9}"


async def test_a_snooze_ends_at_the_time_that_was_typed(core: Core) -> None:
    seat = await core.sit()
    await seat.done("command:run", text="snooze P1 1h 30m")
    for second, status in ((90 * 60 - 1, "snoozed"), (90 * 60, "open")):
        core.clock.now_s = NOON + second
        await core.hub.tick()
        assert (await seat.item("priorities", "budget"))["status"] == status


async def test_a_time_is_read_when_the_line_is_carried_out_and_not_again_for_a_repeat(core: Core) -> None:
    seat = await core.sit()
    first = await typed(seat, "snooze P1 1h", op="o")
    core.clock.now_s += 2 * 3600
    assert await typed(seat, "snooze P1 1h", op="o") == first | {"replay": True}
    assert (await seat.item("priorities", "budget"))["snoozed_until"] == "2026-11-23T13:00:00Z"
