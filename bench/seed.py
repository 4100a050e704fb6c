"""Test data for the state: events and priorities of a usual size."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bench.client import Client

PEOPLE = ["ana@example.org", "ben@example.org", "Cy Young <cy@example.org>"]
AT_ONCE = 500  # items in one request, well below its bound


def event(number: int, change: int = 0) -> dict[str, Any]:
    """An event; each `change` moves it to another hour and room."""
    day, hour = 1 + number % 28, 8 + (number + change) % 10
    return {
        "id": f"event-{number}",
        "title": f"Weekly planning with the project team, part {number}",
        "start": f"2026-12-{day:02d}T{hour:02d}:00:00Z",
        "end": f"2026-12-{day:02d}T{hour:02d}:45:00Z",
        "attendees": ["ada@example.org", "grace@example.org", "edsger@example.org"],
        "location": f"Room {change % 40 + 1}, second floor",
        "description": "Open points of last week, then what is planned and who needs what for it.",
    }


def priority(number: int) -> dict[str, Any]:
    """A priority."""
    return {"id": f"priority-{number}", "title": f"Answer the letter of client {number}", "urgency": "high"}


TITLES = (
    "1:1 Ana",
    "Exec staff",
    "Board pre-read with the finance team: next year's plan, the capital envelope and what is left open",
    "Abstimmung der Vertriebssteuerung mit dem Betriebsrat und der Personalabteilung",
    "四半期の予算会議と採用計画の確認",
    "اجتماع خطة المبيعات مع المكتب الجديد",
    "🚀 Launch: go or no-go",
    "Contract call",
    "Candidate: head of engineering, final round",
    "Press briefing",
    "Investor call, questions on the third quarter",
    "Legal: settlement options",
    "Customer escalation and what we promise until Friday",
)
HALF_HOURS = (1, 2, 1, 3, 2, 1, 2)  # lengths of meetings; seven, so that they do not repeat with the titles


def busy_day(day: datetime) -> list[dict[str, Any]]:
    """The events of a full day: 14 of half an hour to an hour and a half, every third beside another."""
    found, start = [], day.replace(hour=8, minute=0, second=0, microsecond=0)
    for number in range(14):
        end = start + timedelta(minutes=30 * HALF_HOURS[number % len(HALF_HOURS)])
        title = TITLES[number % len(TITLES)]
        span = {"start": _wire(start), "end": _wire(end)}
        found.append({"id": f"busy-{number}", "title": title, "location": "Room 12, fourth floor"} | span)
        start += timedelta(minutes=30) if number % 3 == 0 else end - start
    return found


def _wire(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def fill(client: Client, events: int = 0, priorities: int = 0) -> None:
    """Puts that many of each, a few hundred in one request."""
    for put, items in (
        ("calendar:put", [event(number) for number in range(events)]),
        ("priorities:put", [priority(number) for number in range(priorities)]),
    ):
        for first in range(0, len(items), AT_ONCE):
            await client.request(put, {"items": items[first : first + AT_ONCE]})


def zone_after_midnight(now: datetime) -> str:
    """A zone in which the day has just begun, so that all of it is ahead whenever a table is measured."""
    hour = now.astimezone(UTC).hour
    return f"Etc/GMT+{hour}" if hour <= 12 else f"Etc/GMT-{24 - hour}"


async def full_board(client: Client, titles: Sequence[str], zone: str = "UTC") -> list[str]:
    """A full board, with meetings of these titles at ten o'clock of the zone's today; their codes."""
    await fill(client, events=1_000, priorities=500)
    at_ten = datetime.now(ZoneInfo(zone)).replace(hour=10, minute=0, second=0, microsecond=0)
    today = at_ten.date().isoformat()
    owed = [
        {"id": f"c{number}", "description": f"Part {number} of the draft", "direction": "owe"}
        | {"assignee": PEOPLE[number % len(PEOPLE)], "due_date": today}
        for number in range(300)
    ]
    await client.request("commitments:put", {"items": owed})
    meetings = [
        {"id": f"m{number}", "title": title, "start": _wire(at_ten), "attendees": PEOPLE}
        for number, title in enumerate(titles)
    ]
    ack = await client.request("calendar:put", {"items": meetings})
    return [code.decode() for code in re.findall(rb'"m\d+":"(C\d+)"', ack)]
