"""A private source, the person who sees it, and those who do not."""

from __future__ import annotations

from sio_server.registry.privacy import Policy
from sio_server.registry.roles import Principal, Role
from tests.core.seats import Core, Seat

SECRET = "Kestrel"
"""A word in all that the private source brings, and in its ids."""
DEEP = "Quillon"
"""Another, by which nobody asks: it comes back from nowhere."""
HOME = "ics:Heron"
"""The private source: administrators alone may see its name."""
NAME = "Heron"


def person(name: str, role: Role) -> Principal:
    key = f"token:{name}"
    return Principal(key, name, role, token=key, whose=key)


def feed(source: str) -> Principal:
    key = f"token/{source}/c"
    return Principal(key, source, Role.COLLECTOR, source, token=f"token:c-{source}", bound=True)


ANA = person("ana", Role.EDITOR)
OTHERS = [
    person("ben", Role.EDITOR),
    person("eve", Role.VIEWER),
    person("root", Role.ADMIN),
    feed("ics:work"),
    Principal("token/ics:x/root", "root", Role.ADMIN, HOME, token="token:root"),
    Principal("local", "ana", Role.ADMIN, whose="name:ana"),
    Principal("user:ana", "ana", Role.EDITOR, token="user:ana", whose="user:ana"),
]
NOON = "2026-11-23T12:00:00Z"


async def begin(core: Core, *, busy: bool = False) -> Seat:
    await core.board.records.start()
    core.state.privacy.policy = Policy(outlines=busy)
    home = await core.sit(who=feed(HOME))
    await home.done("source:hello", ttl_s=60, visible_to=["ana"])
    return home
