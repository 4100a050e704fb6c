"""What the state is filled with: events and priorities of a common size."""

from __future__ import annotations

from typing import Any

from bench.client import Client

AT_ONCE = 500


def event(number: int, change: int = 0) -> dict[str, Any]:
    """An event; another `change` moves it to another hour and room, as people do."""
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


async def fill(client: Client, events: int = 0, priorities: int = 0) -> None:
    """Puts that many of each, a few hundred in one request."""
    for put, items in (
        ("calendar:put", [event(number) for number in range(events)]),
        ("priorities:put", [priority(number) for number in range(priorities)]),
    ):
        for first in range(0, len(items), AT_ONCE):
            await client.request(put, {"items": items[first : first + AT_ONCE]})
