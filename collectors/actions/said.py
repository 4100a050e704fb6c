"""Action items of mails and messages, for the person the board is for: items, proposals, and what is done."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Literal

from collectors.accounts import Account
from collectors.actions.board import (
    item_of,
    named,
    remarks,
    request_before,
    same_request,
    same_sentence,
    same_task,
    task_of,
    wanted,
)
from collectors.actions.forms import Form
from collectors.actions.intent import asks_or_promises
from collectors.actions.item import Found
from collectors.actions.lines import read_lines, split
from collectors.actions.markup import State, is_template, plain
from collectors.actions.mine import Me
from collectors.actions.own import is_prose, own_words, sentences_apart
from collectors.actions.reader import Reader, Source
from collectors.actions.reading import for_reader
from collectors.actions.sentences import apart
from collectors.identity import stable_id, words_of
from collectors.proposals import evidence_id, to_add
from collectors.texts import one_line, shown
from collectors.types import Found as Told
from collectors.types import Gone
from models.commitments import Direction
from models.evidence import Evidence
from models.proposals import GivenProposal, Task

ITEMS_MAX = 100
"""Sentences read of one message."""
SENTENCES_MAX = 500  # of one message or mail
QUOTE_MAX = 1_000  # the server's bound (models.evidence)
FILE_MAX = 1_000  # the server's bound (models.evidence)
DONE, OF_OTHERS, NOT_FOR_ME = "done or cancelled", "between others", "asked of others"
_GREETING = re.compile(r"(?:hi|hello|hey|dear|hallo|bonjour|hola|ciao)\b[^.!?]{0,40}[,!]?\s*", re.IGNORECASE)
_ANSWERS = (
    r"(?:(?:sure|ok|okay|yes|yeah|yep|yup|no|alright|all right|right|fine|great|perfect|cool|good|done|thanks"
    r"|thank you|thx|sounds good|got it|will do|no problem|no worries|of course|and|so|then|well|also)\b"
    r"(?: \w+(?=,))?\W+)*"
)
"""What may stand before what somebody promises: `sure, i'll send it`, `thanks ana, i'll look into it`."""
_PROMISES = re.compile(
    _ANSWERS
    + r"(?:(?:if|when|once|as soon as|after) [^.!?]{1,100}? (?:i|we)(?: will|['\u2019]ll)\b"
    + r"|(?:i|we)(?: will|['\u2019]ll| shall| still)?\b)(?! need)(?! would)",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"\b(?:if|unless|provided|as long as|in case)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://|www\.|@\w+\.\w")
_SENTENCE_CHARS = range(12, 300)  # a shorter one says too little, a longer one is a list
_GUESS, _LIKELY = 75, 50  # doubts; a date, a name and my address each take 10 off


def evidence_of(source: str, id: str) -> str:
    """The evidence's file for items of a record."""
    return shown(f"records/{source}/{id}", FILE_MAX)


@dataclass(frozen=True)
class Talk:
    """Who says it, to whom, and where: `record` is the evidence, `id` what the source calls it.

    `to_me` tells that it is addressed to whom the board is for; None where nobody knows who that is. `others`
    are those it is addressed to. `bulk` is what programs send to many. `thread` is the conversation, if
    it has a name: what is asked there again is the same request.
    """

    record: str
    id: str
    place: str
    day: date
    zone: tzinfo
    speaker: str
    mine: bool
    to_me: bool | None
    others: Sequence[str] = ()
    bulk: bool = False
    thread: str = ""

    @property
    def other(self) -> str:
        """The one recipient of what I say, if there is only one."""
        return self.others[0] if len(self.others) == 1 else ""


@dataclass
class Teller:
    """Reads messages for a board; `account` counts everything that looks like an action item."""

    me: Me
    account: Account = field(default_factory=lambda: Account("task"))

    def told(self, text: str, talk: Talk) -> Iterator[Told]:
        """Yields priorities, commitments, proposals, Gone and findings."""
        own = sentences_apart(own_words(text))
        found = list(Reader(Source(talk.day, talk.zone), read_lines(split(own))).found())[:ITEMS_MAX]
        told, likely = set[str](), list[GivenProposal]()
        for one in found:
            self.account.see()
            if one.sure:
                yield from self._sure(one, talk, told)
            elif (proposal := self._likely(one, talk)) is not None:
                likely.append(proposal)
        if not likely and not talk.bulk:
            likely += self._guessed(own, {one.quote for one in found}, talk)
        yield from {proposal.id: proposal for proposal in likely}.values()

    def _sure(self, found: Found, talk: Talk, told: set[str]) -> Iterator[Told]:
        turned = self._turned(found, talk)
        if turned is None:
            self.account.leave(OF_OTHERS)
            return
        direction, who = turned
        section = "priorities" if direction is None else "commitments"
        id, before = named(found, direction, who, talk.id)
        if id in told:
            self.account.leave("listed twice")
        elif found.state is not State.OPEN:
            self.account.leave(DONE)
            yield Gone(section, (id, before) if before != id else (id,))
        else:
            self.account.take()
            yield from remarks(found, talk.place)
            item = item_of(found, direction, who, self._evidence(found.quote, talk), talk.place)
            formerly = (before,) if before != id else ()
            yield item.model_copy(update={"id": id, "formerly": formerly})
        told.add(id)

    def _turned(self, found: Found, talk: Talk) -> tuple[Direction | None, Sequence[str]] | None:
        """The direction as seen by the person the board is for; None if it does not concern them."""
        if found.direction is None:
            if not found.who or self.me.is_one_of(found.who):
                return None, ()
            return Direction.OWED, found.who
        if talk.mine or (not self.me and not talk.speaker):
            return found.direction, found.who
        if not self.me.is_one_of(found.who):
            return None if self.me else (found.direction, found.who)
        turned = Direction.OWED if found.direction is Direction.OWE else Direction.OWE
        return turned, (talk.speaker,)

    def _likely(self, found: Found, talk: Talk) -> GivenProposal | None:
        if talk.bulk or found.state is not State.OPEN:
            self.account.leave("of programs" if talk.bulk else DONE)
            return None
        turned = self._asked(found, talk) if found.form is Form.ASKED else self._promised(found, talk)
        if turned is None:
            self.account.leave(NOT_FOR_ME)
            return None
        self.account.take()
        word, who = turned
        doubt = (
            _LIKELY
            + 20 * bool(_CONDITION.search(found.text))
            - 10 * bool(found.due.at)
            - 10 * bool(found.who or found.mine)
            - 10 * bool(talk.to_me)
        )
        speaker = talk.speaker or "somebody"
        why = f"{speaker} asks for it" if found.form is Form.ASKED else f"{speaker} says so"
        line = to_add(word, for_reader(wanted(found)) if who else wanted(found), who, found.due.at)
        same = (*same_task(found, found.direction, ()), *map(words_of, found.who))
        task = task_of(same_request(found, word, ""), who, talk.day)
        proposal = self._proposal(line, why, doubt, found.quote, same, task, talk)
        if not talk.thread:
            return proposal
        id = stable_id("proposal", talk.thread, *same_request(found, word, who))
        before = stable_id("proposal", talk.thread, *request_before(found, word, who))
        former = (before,) if before != id else ()
        return proposal.model_copy(update={"id": id, "formerly": (*former, proposal.id, *proposal.formerly)})

    def _asked(self, found: Found, talk: Talk) -> tuple[Literal["owe", "owed"], str] | None:
        """A request of those addressed by name, else of the recipients."""
        if found.who and not self.me.is_one_of(found.who):
            return ("owed", _one(found.who)) if talk.mine or not self.me else None
        if talk.mine:
            return "owed", talk.other
        return None if talk.to_me is False and not found.who else ("owe", talk.speaker)

    def _promised(self, found: Found, talk: Talk) -> tuple[Literal["owe", "owed"], str] | None:
        """A promise of those named, else of the speaker."""
        if found.direction is not None:
            turned = self._turned(found, talk)
            return None if turned is None or turned[0] is None else (turned[0].value, _one(turned[1]))
        if found.who and self.me.is_one_of(found.who):
            return "owe", "" if talk.mine else talk.speaker
        if found.who:
            return "owed", _one(found.who)
        if talk.mine:
            return "owe", talk.other
        return None if talk.to_me is False else ("owed", talk.speaker)

    def _guessed(self, own: str, known: Collection[str], talk: Talk) -> Iterator[GivenProposal]:
        """The first sentence that may ask or promise, if none does so clearly."""
        if talk.mine or talk.to_me is False:
            return
        for sentence in _sentences(own):
            if sentence not in known and asks_or_promises(sentence):
                self.account.see()
                self.account.take()
                word: Literal["owe", "owed"] = "owed" if _PROMISES.match(sentence) else "owe"
                speaker = talk.speaker or "somebody"
                why = (
                    f"{speaker} may promise something" if word == "owed" else f"{speaker} may want something"
                )
                line = to_add(word, plain(sentence), talk.speaker)
                same = (words_of(same_sentence(sentence, talk.day, talk.zone)),)
                task = task_of((word, *same), talk.speaker, talk.day)
                yield self._proposal(line, why, _GUESS, sentence, same, task, talk)
                return

    def _proposal(
        self, line: str, why: str, doubt: int, quote: str, same: Sequence[str], task: Task, talk: Talk
    ) -> GivenProposal:
        """Its id is that of the task in the message: what was decided stays when the sentence is edited."""
        return GivenProposal(
            id=stable_id("proposal", talk.id, *same),
            formerly=(evidence_id(talk.id, quote),),  # of earlier versions
            line=line,
            why=shown(why),
            doubt=doubt,
            evidence=self._evidence(quote, talk),
            task=task,
        )

    def _evidence(self, quote: str, talk: Talk) -> Evidence:
        return Evidence(file=talk.record, quote=shown(quote, QUOTE_MAX))


def _one(names: Sequence[str]) -> str:
    return ", ".join(names)


def _sentences(text: str) -> Iterator[str]:
    """The prose sentences, without greetings, code and mere addresses."""
    fenced = False
    paragraph: list[str] = []
    for row in [*text.split("\n")[: SENTENCES_MAX * 4], ""]:
        if row.lstrip().startswith("```"):
            fenced = not fenced
        said = "" if fenced or is_template(row) or not is_prose(row) else row.strip()
        if said:
            paragraph.append(said)
            continue
        for sentence in apart(one_line(" ".join(paragraph)), in_chats=True):
            plain_words = _GREETING.sub("", sentence, count=1)
            if len(plain_words) in _SENTENCE_CHARS and not _ADDRESS.search(plain_words):
                yield plain_words
        paragraph = []
