"""Who says what to whom: what messages say is to be done, and the people of the workspace."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from collectors.actions.recent import Actions, Recent
from collectors.actions.said import Talk, Teller
from collectors.slack.marks import Names
from collectors.slack.message import Channel
from collectors.slack.text import own_text
from collectors.types import Ask, Found, NoneLeft
from models.people import PEOPLE_MAX, GivenPerson
from models.records import GivenRecord

_MENTIONED = re.compile(r"<@([A-Z0-9]{1,30})")
_NOBODY = Names()


class Conversation:
    """All messages of a run."""

    def __init__(self, ask: Ask, actions: Actions) -> None:
        self._ask, self._me = ask, actions.me
        self._teller = Teller(actions.me)
        self._recent = Recent(actions.days, self._teller.account)
        self._people: Mapping[str, GivenPerson] = {}
        self._names, self._my_ids = _NOBODY, frozenset[str]()

    def begin(self, people: Mapping[str, GivenPerson], names: Names) -> None:
        """Learns who is who, before the first message."""
        self._people, self._names = people, names
        self._my_ids = frozenset(id for id, one in people.items() if self._is_me(one))

    def read(self, message: dict[str, object], record: GivenRecord, channel: Channel) -> None:
        """Takes note of what a message says."""
        at = datetime.fromisoformat(record.at)
        if not (record.meta or {}).get("bot") and self._recent.looks_at(at):
            own = own_text(message, self._names)
            for one in self._teller.told(own, self._talk(message, record, channel, at)):
                self._recent.add(one, at)

    def told(self) -> Iterator[Found]:
        """What the board should know, and who is who."""
        yield from self._recent.told()
        yield from list(self._people.values())[:PEOPLE_MAX]
        if not self._people:
            yield NoneLeft("people")

    def _talk(self, message: dict[str, object], record: GivenRecord, channel: Channel, at: datetime) -> Talk:
        user = str(message.get("user"))
        mentioned = set(_MENTIONED.findall(str(message.get("text", ""))))
        speaker = str((record.meta or {}).get("user_name") or "")
        others = [self._names.users.get(id, id) for id in channel.members if id not in (user, *self._my_ids)]
        return Talk(
            record=f"records/{self._ask.source}/{record.id}",
            id=record.id,
            place=channel.title,
            day=at.date(),
            zone=UTC,
            speaker=speaker,
            mine=user in self._my_ids or (bool(self._me) and self._me.is_meant(speaker)),
            to_me=bool(self._my_ids & (mentioned | {*channel.members})) if self._my_ids else None,
            others=others,
        )

    def _is_me(self, person: GivenPerson) -> bool:
        if not self._me:
            return False
        addresses = person.addresses or ("",)
        written = (f"{name} <{address}>" for name in person.names for address in addresses)
        return any(map(self._me.is_meant, written))
