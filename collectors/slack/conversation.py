"""Who says what to whom: what messages say is to be done, and the people of the workspace."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime

from collectors.actions.recent import Actions, Recent
from collectors.actions.said import Talk, Teller, evidence_of
from collectors.remarks import Unusable
from collectors.slack.marks import Names
from collectors.slack.message import Channel, record_id
from collectors.slack.text import own_text
from collectors.types import Ask, Found, NoneLeft
from collectors.unsaid import Unsaid
from models.people import PEOPLE_MAX, GivenPerson
from models.proposals import GivenProposal
from models.records import GivenRecord

_MENTIONED = re.compile(r"<@([A-Z0-9]{1,30})")
_NOBODY = Names()


class Covered:
    """Of which times an export has all messages of a channel: from the first that it has of it up to its own
    newest. Exports are of a span of days, and later ones of other days."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}
        self._broken: set[str] = set()
        self._newest = ""

    def meet(self, id: str, channel: Channel) -> None:
        """A message of the channel is there; ids end with the message's time."""
        at = _time_in(id)
        self._first[channel.id] = min(at, self._first.get(channel.id, at))
        self._newest = max(at, self._newest)

    def cannot_read(self, channel: Channel) -> None:
        """Some of its messages may not have been met."""
        self._broken.add(channel.id)

    def covers(self, id: str) -> bool:
        """Whether this message would have been met if it were still there."""
        channel = id.rpartition("-")[0]
        first = self._first.get(channel) if channel not in self._broken else None
        return first is not None and first <= _time_in(id) <= self._newest


def _time_in(id: str) -> str:
    """The seconds, as wide as all of them, and the rest: to be compared as text."""
    seconds, _, rest = id.rpartition("-")[2].partition(".")
    return f"{seconds:>011}.{rest}"


class Conversation:
    """All messages of a run."""

    def __init__(self, ask: Ask, actions: Actions) -> None:
        self._ask, self._me, self._zone = ask, actions.me, actions.zone
        self._teller = Teller(actions.me)
        self._recent = Recent(actions.days, self._teller.account, Unsaid(ask.held))
        self._covered = Covered()
        self._people: Mapping[str, GivenPerson] = {}
        self._names, self._my_ids = _NOBODY, frozenset[str]()

    def begin(self, people: Mapping[str, GivenPerson], names: Names) -> None:
        """Learns who is who, before the first message."""
        self._people, self._names = people, names
        self._my_ids = frozenset(id for id, one in people.items() if self._is_me(one))

    def read(self, message: dict[str, object], record: GivenRecord, channel: Channel) -> None:
        """Takes note of what a message says."""
        at = datetime.fromisoformat(record.at)
        self._covered.meet(record.id, channel)
        if (record.meta or {}).get("bot"):
            self._recent.unsaid.read(self._evidence(record.id))
        elif self._recent.looks_at(at, self._evidence(record.id)):
            own, talk = own_text(message, self._names), self._talk(message, record, channel, at)
            for one in self._teller.told(own, talk):
                self._recent.add(one, at, talk.record)

    def silent(self, message: dict[str, object], channel: Channel) -> None:
        """The message is there, and says nothing (any more)."""
        with suppress(Unusable):
            id = record_id(message, channel)
            self._covered.meet(id, channel)
            self._recent.without(self._evidence(id))

    def proposes(self, one: GivenProposal) -> None:
        """This rests on a message that was read, whatever its words say: it stays."""
        self._recent.unsaid.stated(one)

    def cannot_read(self, channel: Channel) -> None:
        """Of the channel not all could be read."""
        self._covered.cannot_read(channel)

    def counts(self, users: Iterable[str]) -> bool:
        """Whether one of them is whom the board is for, or nobody knows who that is."""
        return not self._my_ids or not self._my_ids.isdisjoint(users)

    def told(self, *, whole: bool = True) -> Iterator[Found]:
        """What the board should know, and who is who; `whole` says that what was not met may be gone."""
        yield from self._recent.told(lambda text: whole and self._covered.covers(text.rpartition("/")[2]))
        yield from list(self._people.values())[:PEOPLE_MAX]
        if not self._people:
            yield NoneLeft("people")

    def _talk(self, message: dict[str, object], record: GivenRecord, channel: Channel, at: datetime) -> Talk:
        user = str(message.get("user"))
        zone = self._names.zones.get(user, self._zone)
        mentioned = set(_MENTIONED.findall(str(message.get("text", ""))))
        speaker = str((record.meta or {}).get("user_name") or "")
        others = [self._names.users.get(id, id) for id in channel.members if id not in (user, *self._my_ids)]
        return Talk(
            record=self._evidence(record.id),
            id=record.id,
            place=channel.title,
            day=at.astimezone(zone).date(),
            zone=zone,
            speaker=speaker,
            mine=user in self._my_ids or (bool(self._me) and self._me.is_meant(speaker)),
            to_me=bool(self._my_ids & (mentioned | {*channel.members})) if self._my_ids else None,
            others=others,
            thread=f"{channel.id or channel.name}/{message.get('thread_ts') or message.get('ts')}",
        )

    def _evidence(self, id: str) -> str:
        return evidence_of(self._ask.source, id)

    def _is_me(self, person: GivenPerson) -> bool:
        if not self._me:
            return False
        addresses = person.addresses or ("",)
        written = (f"{name} <{address}>" for name in person.names for address in addresses)
        return any(map(self._me.is_meant, written))
