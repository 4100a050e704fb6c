"""Action items in archived mails, messages and notes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

from collectors.actions.recent import Actions, Recent
from collectors.actions.said import Talk, Teller, evidence_of
from collectors.archive.fields import Line, label_of, people_of
from collectors.people.met import Met
from collectors.texts import shown
from collectors.types import Ask, Found, Mode
from collectors.unsaid import Unsaid
from models.base import is_day
from models.records import GivenRecord

_SPEAKER = ("from", "sender", "author", "user_name", "username", "user", "speaker")
PLACE_MAX = 200  # characters of a title or name, in a proposal's words


class ArchivedTalk:
    """The action items of all lines of a run."""

    def __init__(self, ask: Ask, actions: Actions, zone: tzinfo) -> None:
        self._ask, self._zone, self._me = ask, zone, actions.me
        self._teller = Teller(actions.me)
        self._recent = Recent(actions.days, self._teller.account, Unsaid(ask.held))
        self._any = False
        self._met = Met()

    def read(self, line: Line, record: GivenRecord) -> None:
        """Adds a line's action items."""
        for person in people_of(line):
            self._met.meet(person)
        at = datetime.fromisoformat(record.at)
        at = at.replace(tzinfo=UTC) if is_day(record.at) else at
        self._any = True
        if self._recent.looks_at(at, evidence_of(self._ask.source, record.id)):
            talk = self._talk(line, record, at)
            for one in self._teller.told(record.text, talk):
                self._recent.add(one, at, talk.record)

    def without(self, id: str) -> None:
        """Notes that the record with this id no longer exists, or says nothing."""
        self._recent.without(evidence_of(self._ask.source, id))

    def told(self) -> Iterator[Found]:
        """What the board should know."""
        whole = self._any and self._ask.mode is Mode.FULL
        yield from self._recent.told(lambda _: whole)
        yield from self._met.people()

    def _talk(self, line: Line, record: GivenRecord, at: datetime) -> Talk:
        me = self._me
        speaker = label_of(line, _SPEAKER)
        to = people_of({name: value for name, value in line.items() if name in ("to", "cc")})
        name = speaker.partition("<")[0].strip(" \"'") or speaker
        return Talk(
            record=evidence_of(self._ask.source, record.id),
            id=record.id,
            place=shown(record.title or record.kind or record.id, PLACE_MAX),
            day=at.astimezone(self._zone).date() if not is_day(record.at) else at.date(),
            zone=self._zone,
            speaker=shown(name, PLACE_MAX),
            mine=bool(me) and me.is_meant(speaker),
            to_me=any(map(me.is_meant, to)) if me and to else None,
            others=[one for one in to if not me.is_meant(one)],
        )
