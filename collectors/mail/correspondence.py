"""Action items and people in mails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from collectors.actions.recent import FIRST, Actions, Recent
from collectors.actions.said import Talk, Teller, evidence_of
from collectors.mail.headers import is_bulk
from collectors.mail.message import Message
from collectors.people.met import Met
from collectors.texts import shown
from collectors.types import Ask, Found
from collectors.unsaid import Unsaid
from models.people import GivenPerson
from models.records import GivenRecord

PLACE_MAX = 200  # characters of a subject, in a proposal's words


@dataclass
class Correspondence:
    """All mails of a run; `newest` is the date of the newest one, if known beforehand."""

    ask: Ask
    actions: Actions
    newest: datetime = FIRST
    _met: Met = field(default_factory=Met)

    def __post_init__(self) -> None:
        self._teller = Teller(self.actions.me)
        self._recent = Recent(self.actions.days, self._teller.account, Unsaid(self.ask.held), self.newest)

    def read(self, message: Message, record: GivenRecord) -> None:
        """Adds a mail's action items and people."""
        meta, bulk = record.meta or {}, is_bulk(message.headers)
        sender, to, cc = str(meta.get("from", "")), list(meta.get("to", ())), list(meta.get("cc", ()))
        if not bulk:
            for person in (sender, *to, *cc):
                self._met.meet(person)
        if self._recent.looks_at(message.at, self._evidence(record.id)):
            talk = self._talk(message, record, sender, to, cc, bulk=bulk)
            for one in self._teller.told(record.text, talk):
                self._recent.add(one, message.at, talk.record)

    def is_held(self, id: str) -> bool:
        """Whether anything on the board rests on the mail with this id."""
        return self._recent.unsaid.is_held(self._evidence(id))

    def without(self, id: str) -> None:
        """Notes that the mail with this id was thrown away and says nothing any more."""
        self._recent.without(self._evidence(id))

    def told(self, *, whole: bool) -> Iterator[Found]:
        """What the board should know, and the people who write and are written to; `whole` says that all
        mail was met that there is."""
        yield from self._recent.told(lambda _: whole)
        yield from self._met.people()

    def recent(self) -> Iterator[Found]:
        """The same without people."""
        yield from self._recent.told()

    def people(self) -> Iterator[GivenPerson]:
        """The people met so far."""
        yield from (one for one in self._met.people() if isinstance(one, GivenPerson))

    def _evidence(self, id: str) -> str:
        return evidence_of(self.ask.source, id)

    def _talk(
        self,
        message: Message,
        record: GivenRecord,
        sender: str,
        to: Sequence[str],
        cc: Sequence[str],
        *,
        bulk: bool,
    ) -> Talk:
        me = self.actions.me
        others = [_name(one) for one in (*to, *cc) if not me.is_meant(one) and one != sender]
        return Talk(
            record=self._evidence(record.id),
            id=record.id,
            place=shown(record.title or sender or record.id, PLACE_MAX),
            day=message.at.date(),
            zone=message.at.tzinfo or UTC,
            speaker=_name(sender),
            mine=me.is_meant(sender),
            to_me=any(map(me.is_meant, to)) if me else None,
            others=others,
            bulk=bulk,
            thread=str((record.meta or {}).get("thread", "")),
        )


def _name(written: str) -> str:
    name, _, address = written.partition("<")
    return name.strip(" \"'") or address.rstrip("> ") or written
