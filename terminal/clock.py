"""What time it is for the person: the server's time, in the zone that the server knows them by."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from adjutant_client import Client, Refused, Unreachable
from models.hours import elsewhere
from terminal.dates import Moment, day_and_time, moment

_PATIENCE_S = 2.0
"""Without the answers, it is the machine's time in the machine's zone."""


@dataclass
class Clock:
    """`zone` is the person's, `others` are those that they want to see beside it; `ahead` is by how much the
    server's time is ahead of the machine's."""

    zone: tzinfo
    others: tuple[ZoneInfo, ...] = ()
    ahead: timedelta = timedelta()

    def __post_init__(self) -> None:
        self._device = self.zone

    def now(self) -> datetime:
        """The server's time."""
        return datetime.now(UTC) + self.ahead

    def when(self, at: Moment) -> str:
        """`today 09:30`, `tomorrow`, `Wed 5 Aug`."""
        return day_and_time(at, self.now(), self.zone)

    def elsewhere(self, now: datetime) -> str:
        """`08:05 New York, Wed 01:05 Tokyo`; empty where the person named no other zones."""
        return elsewhere(now.astimezone(self.zone), self.others)

    async def learn(self, server: Client) -> None:
        """Asks the server for its time and for the person's zones; what it does not answer stays."""
        with suppress(Unreachable, Refused):
            self.tell((await server.ask("prefs:get", {}, within_s=_PATIENCE_S)).data)
        with suppress(Unreachable, Refused):
            sent = datetime.now(UTC)
            told = moment((await server.ask("state:ping", {}, within_s=_PATIENCE_S)).data.get("now"))
            if isinstance(told, datetime):
                self.ahead = told - sent - (datetime.now(UTC) - sent) / 2

    def tell(self, told: Any) -> None:
        """The person's preferences, as `prefs:get` and `prefs:changed` tell them."""
        prefs = told.get("prefs") or {}
        self.zone = _zone(prefs.get("tz")) or self._device
        named = dict.fromkeys([prefs.get("tz2"), *(prefs.get("zones") or ())])
        self.others = tuple(zone for name in named if (zone := _zone(name)))


def _zone(name: object) -> ZoneInfo | None:
    """None for a zone that this machine does not know."""
    try:
        return ZoneInfo(str(name)) if name else None
    except (ValueError, OSError, KeyError):
        return None
