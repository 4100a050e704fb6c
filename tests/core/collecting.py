"""What tests of collections share: sources that serve, and how the collection goes."""

from __future__ import annotations

from typing import Any

from tests.core.seats import Core, Seat, collector
from tests.core.sources import BOTH

Json = Any

NAMES = ("ics:home", "ics:work", "mail")


async def serving(core: Core, *names: str, modes: list[str] | None = None) -> list[Seat]:
    """Sources that are connected and answer."""
    seats = [await core.sit(who=collector(name)) for name in names]
    for seat in seats:
        await seat.done("source:hello", ttl_s=600, modes=BOTH if modes is None else modes)
    return seats


async def taken(seat: Seat) -> Json:
    """The source takes what it is asked; the payload."""
    id, asked = await seat.call()
    seat.answer(id, {"ok": True})
    return asked


async def collection(seat: Seat) -> Json:
    return await seat.done("collection:status")


async def shares(seat: Seat) -> list[tuple[str, str]]:
    return [(share["source"], share["status"]) for share in (await collection(seat))["sources"]]
