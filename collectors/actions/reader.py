"""The reader of action items: text in, items out, each with the words it rests on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, tzinfo

from collectors.actions import forms, intelligence, prose, sentences
from collectors.actions.days import led
from collectors.actions.fields import blocks
from collectors.actions.forms import Form, Marked
from collectors.actions.inline import apart
from collectors.actions.item import Found, Parts, Taker
from collectors.actions.joined import taken_apart
from collectors.actions.lines import SOFT, Line, read_lines, split
from collectors.actions.markup import State, is_template, state_of
from collectors.actions.meetings import Calendar, order_of
from collectors.actions.outline import Outline, Place
from collectors.actions.patterns import has_any
from collectors.actions.people import People, is_name, names_at, owners
from collectors.actions.promises import promise
from collectors.actions.sections import Section
from collectors.actions.tables import Row, Table, state_said
from collectors.actions.words import TEAM, VERBS, words

_EMPHASIS = re.compile(
    r"(?<!\w)'{2,3}(?=[^\s'])|(?<=\S)'{2,3}(?!\w)|(?<!\w)_+(?=\S)|(?<=\S)_+(?!\w)|\\(?=[^\w\s])"
)
_DAY_LIKE = re.compile(
    r"(?-i:^(?:Mo|Di|Mi|Do|Fr|Sa|So)\b)|\d|day|tomorrow|week|month|\b(?:eo[dwmqy]|cob|mon|tue|wed|thu|fri)\b",
    re.IGNORECASE,
)
_LINK_ONLY = re.compile(r"(?:\W|https?://\S+|\[[^\[\]]*\]\([^()]*\))*")
_LINKED = re.compile(r"\[([^\[\]]{3,})\]\(\S+\)[.;]?")
_NO_ITEM = re.compile(
    r"(?:date of )?next (?:meeting|call|session)s?\b.{0,12}\d.*"
    r"|\d+ ?min(?:ute)?s?(?: timebox)?|[^\[\]]*\]\(\S*\)?|\[[^\[\]]*|[\w ]{1,30}: hold|owners?|other",
    re.IGNORECASE,
)
_OF_ACTIONS = (Section.ACTIONS, Section.NEXT)
_STRUCK = re.compile(r"~~(?:(?!~~).)+~~[\s.,;:]*")
_WORD = re.compile(r"\w+")
_ARROWS = frozenset(("->", "=>", "-->", "\u2192", "\u2794"))
_ACTION = re.compile(
    r"(?:ACTION|AI|TODO|Action(?: [Ii]tem)?)\s*(?:[:(]|-\d)|\[[Aa](?:ction|CTION)\]|#action\b"
)
_POINTS = re.compile(r"\s*(?:->|=>|\u2192)\s+\S")
_AFTER_OWNER = re.compile(r"\s*(?::|-{1,2}|[\u2013\u2014])\s+\S")
_LABEL = re.compile(r"\s?:\s+(?:please )?(?P<verb>[^\W\d_]+)\s", re.IGNORECASE)
_OWNED = re.compile(
    r"\b(?:ACTION|Action)(?: (?:by|BY))?\s?[:\u2013-]\s*(?P<who>[A-Z][\w.&,/ -]{1,40})[)\].]*$"
)
_INITIALS = re.compile(r"[A-Z]{2,3}(?:(?:/|, ?| & | and )[A-Z]{2,3})*")
_FIELD_LINE = re.compile(
    r"(?:owners?|who|responsible|assignee|assigned to|verantwortlich|wer|responsable)\s?[:?]"
    r"\s*(?P<who>.{1,60})"
    r"|(?:due(?: date| by| on)?|deadline|eta|bis(?: wann)?|termin|échéance)\s?[:?]\s*(?P<when>.*)"
    r"|(?:status|state|stand)\s?[:?]\s*(?P<state>.*)|(?:priority|jira|issue|link)\s?[:?].*",
    re.IGNORECASE,
)
_VOTE = re.compile(
    r"\bsecond(?:ed)? by\b|\bmoved by\b|\b(?:ayes|yeas)\s?:"
    r"|\bmotion (?:by|carrie[ds]|passe[ds]|approved|to approve)\b",
    re.IGNORECASE,
)
_VOTE_WORDS = ("econd", "oved by", "otion ", "yes:", "yes :", "eas:", "MOTION", "AYES")
"""One of these stands in whatever that matches."""
_VOTED_ON = words("accept adopt approve authorise authorize award consider ratify receive")
_TOPICS = words(
    "status update updates demo demos intro intros introduction introductions recap news roundtable"
)
_DONE_LINE = re.compile(
    r"(?:done|completed?|finished|merged|fixed|closed|resolved)(?:[!.:,]|\s*$|\s+(?:https?:|\[))",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Source:
    """Facts that a text may not state itself: its day, its year and its time zone."""

    day: date
    zone: tzinfo
    year: int | None = None


@dataclass
class Reader:
    """Reads one text; `people` are those it names."""

    source: Source
    lines: Sequence[Line]
    people: People = field(init=False)
    _places: list[Place] = field(init=False)
    _taker: Taker = field(init=False)
    _intelligence: bool = field(init=False)
    _meets: bool = field(init=False)
    _agendas: set[int] = field(init=False)
    _votes: bool = field(init=False)
    _before: str = ""

    def __post_init__(self) -> None:
        self.lines = list(apart(list(blocks(self.lines))))
        meetings = list(Calendar(self.lines, self.source.year, self.source.day).meetings())
        self._places = Outline(meetings).places(self.lines)
        pairs = list(zip(self.lines, self._places, strict=True))
        present = [line.text for line, place in pairs if place.section is Section.PEOPLE]
        self.people = People.of(self.lines, present)
        self._meets = len(present) > 2
        self._taker = Taker(self.source.day, self.source.zone, order_of(self.lines), self.people)
        self._agendas = _boxed_agendas(pairs)
        self._votes = sum(map(_tells_a_vote, self.lines)) > 1
        self._intelligence = intelligence.about([line.text for line in self.lines])

    def found(self) -> Iterator[Found]:
        """In the order of the lines."""
        table = Table()
        last: tuple[Line, Found] | None = None
        for line, place, whole in taken_apart(self.lines, self._places, self.people):
            table = table if line.cells else Table()
            if line.cells or line.row:
                row = line.row or table.row(line.cells, of_actions=place.section in _OF_ACTIONS)
                one = self._row(line, place, row)
            else:
                one = self._line(line, place)
                if whole is not None and one is not None and (before := self._line(whole, place)):
                    one = replace(one, former=before.bare)
            below = last is not None and line.indent > last[0].indent and line.box is None
            if last is not None and below and _DONE_LINE.match(_bare(line.text)):
                last = last[0], replace(last[1], state=State.DONE)
                continue
            if last is not None and not line.cells and (said := _FIELD_LINE.fullmatch(_bare(line.text))):
                last = last[0], self._with_field(last[1], said)
                continue
            if one is not None:
                if last is not None:
                    yield last[1]
                last = line, one
            elif last is not None and line.indent <= last[0].indent:
                yield last[1]
                last = None
        if last is not None:
            yield last[1]

    def _with_field(self, found: Found, said: re.Match[str]) -> Found:
        """The item with what a line below it says: `Owner: Bo`, `Due: Friday`, `Status: done`."""
        if said["who"] and not found.who:
            return replace(found, who=owners(said["who"]))
        if said["when"] and found.due.at is None:
            when = self._taker.due_by(said["when"], found.day)
            return replace(found, due=replace(when, rest=found.due.rest, bare=found.due.bare))
        if said["state"] and found.state is State.OPEN:
            return replace(found, state=state_said(said["state"]))
        return found

    def _row(self, line: Line, place: Place, row: Row | None) -> Found | None:
        if row is None or forms.says_none(_bare(row.what)) or is_template(row.what):
            return None
        when = f" {led(row.when)}" if row.when and _DAY_LIKE.search(row.when) else ""
        what = _bare(row.what)
        if row.beside and prose.assigned(what, self.people, lax=True) is None and not self._is_labelled(what):
            return None
        if row.urgency:
            what = f"{what} (priority: {row.urgency})"
        parts = Parts(Form.TABLE, what, who=owners(_bare(row.who)), state=row.state, when=when)
        return self._taker.take(line, place, parts)

    def _line(self, line: Line, place: Place) -> Found | None:
        if is_template(line.text) or _is_struck(line.text):
            return None
        text = self._unlinked(_bare(line.text), place)
        if place.section is Section.PEOPLE and not _ACTION.match(text):
            return None
        if (one := self._owned(line, place, text)) is not None:
            return one
        if line.level:
            bold = line.level >= SOFT and _ACTION.match(text) is not None  # a whole line, not only its mark
            found = forms.marked(text, self.people, suspected=self._intelligence) if bold else None
            return self._marked(line, place, found) if found else None
        if not line.quoted and (one := self._promised(line, place, text)):
            return one
        if line.box is not None:
            return self._boxed(line, place, text)
        if place.heads:
            return None
        if line.quoted:
            return None
        return self._plainly(line, place, text) or self._likely(line, place, text)

    def _unlinked(self, text: str, place: Place) -> str:
        """The words of an item that is all one link, if they say what is to be done."""
        link = _LINKED.fullmatch(text) if place.item and place.section in _OF_ACTIONS else None
        return link[1] if link and prose.is_action(link[1], self.people) else text

    def _promised(self, line: Line, place: Place, text: str) -> Found | None:
        found = promise(text, self.people)
        if found is None:
            return None
        state = State.OPEN if line.box is None else state_of(line.box)
        if state is None:
            return None
        form = Form.SAID if found.awaited and self._meets else Form.PROMISE
        parts = Parts(form, found.what, (found.who,), direction=found.direction, state=state)
        return self._taker.take(line, place, parts)

    def _boxed(self, line: Line, place: Place, text: str) -> Found | None:
        state = state_of(line.box or " ")
        if state is None or forms.is_empty(text) or _is_topic(text, self.people):
            return None
        mark = forms.marked(text, self.people)
        parts = Parts(Form.BOX, text, state=state)
        if mark is not None and mark.text:
            state = mark.state if state is State.OPEN else state
            parts = Parts(Form.BOX, mark.text, mark.who, state=state, when=mark.when)
        found = self._taker.take(line, place, parts)
        if found is None or place.agenda not in self._agendas or found.due.at:
            return found
        # A name behind a point of the agenda is who speaks about it.
        return found if found.who and prose.is_action(parts.text, self.people) else None

    def _plainly(self, line: Line, place: Place, text: str) -> Found | None:
        """Explicitly marked items."""
        if forms.is_old(text):
            return None
        if text.startswith("WAITING ") and (one := self._promised(line, place, f"waiting for {text[8:]}")):
            return one
        if (line.bullet or line.text.startswith("TODO")) and (task := forms.keyword(text)):
            return self._marked(line, place, task[0], task[1])
        mark = forms.marked(text, self.people, suspected=self._intelligence)
        if mark is not None and not (mark.weak and not prose.is_action(mark.text, self.people)):
            return self._marked(line, place, mark)
        if (taken := forms.taken(text)) and (who := prose.named_before(taken[0], self.people)):
            return self._taker.take(
                line, place, Parts(Form.TAKEN, taken[1] if taken[1].strip(" .") else text, who)
            )
        if place.item and self._is_listed(text, place):
            named = is_name(place.owner, self.people, lax=place.owner.islower())
            who = owners(place.owner) if named else ()
            return self._taker.take(line, place, Parts(Form.LISTED, text, who))
        return None

    def _is_listed(self, text: str, place: Place) -> bool:
        """Whether a list's item is something to do: below "Next steps" stand other things, too, and words of
        thanks below any list."""
        section = place.section
        if (
            section not in _OF_ACTIONS
            or self._says_nothing(text)
            or self._is_voted_on(text)
            or _NO_ITEM.fullmatch(text)
        ):
            return False
        if section is Section.ACTIONS and not text.endswith("?") and not place.behind:
            return True
        return prose.is_action(text, self.people) or self._is_somebodys(text) or self._is_labelled(text)

    def _is_somebodys(self, text: str) -> bool:
        """Whether it begins with somebody whom the text knows: `Ana, Bo - the timeline`."""
        names = names_at(text, 0, self.people, lax=True)
        if names is not None and text[0].isupper() and _POINTS.match(text, names.end):
            return True  # "Kim → pricing deck → Fri"
        if names is None or not all(map(self.people.is_known, names.names)):
            return False
        return _AFTER_OWNER.match(text, names.end) is not None

    def _is_labelled(self, text: str) -> bool:
        """Whether it begins with somebody and what that person is to do: `Bob Lee: Send the deck`."""
        names = names_at(text, 0, self.people, lax=True)
        label = _LABEL.match(text, names.end) if names is not None else None
        return label is not None and label["verb"].lower() in VERBS

    def _owned(self, line: Line, place: Place, text: str) -> Found | None:
        """A sentence with an owner behind it, or below: `The mandate is to be renewed. ACTION: ST`."""
        before, self._before = self._before, text
        found = _OWNED.search(text) if "ction" in text or "CTION" in text else None
        if (
            found is None
            or line.cells
            or not (_INITIALS.fullmatch(found["who"]) or self._is_role(found["who"]))
        ):
            return None
        what = text[: found.start()].strip(" .([-") or before
        what = sentences.apart(what, in_chats=True)[-1]
        return self._taker.take(line, place, Parts(Form.MARKER, what, owners(found["who"]))) if what else None

    def _is_role(self, who: str) -> bool:
        return is_name(who, self.people) and not any(word.lower() in VERBS for word in who.split())

    def _is_somebody(self, text: str) -> bool:
        """Whether only an owner stands there, of something that was said above."""
        words = text.strip(" .").split()
        known = 0 < len(words) <= 3 and not any(word.lower() in VERBS for word in words)
        named = self.people.is_known(" ".join(words)) if words else False
        return known and (named or words[-1].lower() in TEAM or bool(_INITIALS.fullmatch(" ".join(words))))

    def _is_voted_on(self, text: str) -> bool:
        """Whether it is a point of the agenda of a council, which calls `action items` what it votes on."""
        return self._votes and text.partition(" ")[0].lower() in _VOTED_ON

    def _marked(self, line: Line, place: Place, mark: Marked, priority: str = "") -> Found | None:
        if not mark.who and (self._is_voted_on(mark.text) or self._is_somebody(mark.text)):
            return None
        if self._says_nothing(mark.text) or mark.text.rstrip("*_ ").endswith(":"):
            return None
        return self._taker.take(
            line,
            place,
            Parts(
                Form.MARKER,
                mark.text,
                mark.who,
                state=mark.state,
                when=mark.when,
                priority=priority,
                speaker=mark.speaker,
            ),
        )

    def _says_nothing(self, text: str) -> bool:
        return not text.strip() or forms.says_none(text) or _LINK_ONLY.fullmatch(text) is not None

    def _likely(self, line: Line, place: Place, text: str) -> Found | None:
        if place.section in (Section.REVIEW, Section.DONE):
            return None
        said = prose.likely(text, self.people)
        if said is None and line.bullet in _ARROWS:
            said = prose.pointed_at(text, self.people)
        if said is None:
            return None
        form = Form.CALLED if said.sure else Form.ASKED if said.asked else Form.SAID
        return self._taker.take(line, place, Parts(form, said.text, said.who, mine=said.mine))


def read(text: str, source: Source, *, markdown: bool = True) -> list[Found]:
    """What is to be done, by the text of a note, of minutes, a mail or a chat."""
    return list(Reader(source, read_lines(split(text), markdown=markdown)).found())


def _tells_a_vote(line: Line) -> bool:
    return has_any(line.text, _VOTE_WORDS) and _VOTE.search(line.text) is not None


def _bare(text: str) -> str:
    """The text without emphasis and the backslashes of a conversion."""
    bare = text.replace("\\*", "").replace("*", "")
    if has_any(bare, ("_", "\\", "''")):
        bare = _EMPHASIS.sub("", bare)
    return bare if bare is text else bare.strip()


def _is_struck(text: str) -> bool:
    """Whether all or most of it is struck out."""
    if "~~" not in text:
        return False
    left, struck = _STRUCK.subn(" ", text)
    return struck > 0 and len(_WORD.findall(left)) * 2 < len(_WORD.findall(text))


def _is_topic(text: str, people: People) -> bool:
    """Whether it is a point of an agenda with who speaks about it: `Bob - status`."""
    names = names_at(text, 0, people, lax=True)
    topic = _AFTER_OWNER.match(text, names.end) if names is not None else None
    said = text[names.end :].lower().strip(" :-\u2013\u2014.").split() if names and topic else []
    return 0 < len(said) <= 4 and said[-1] in _TOPICS and (len(said) == 1 or said[0] not in VERBS)


def _boxed_agendas(pairs: Sequence[tuple[Line, Place]]) -> set[int]:
    """The agendas in which every line has a box: they are ticked off in the meeting."""
    boxes: dict[int, list[bool]] = {}
    for line, place in pairs:
        if place.agenda and line.bullet:
            boxes.setdefault(place.agenda, []).append(line.box is not None)
    return {agenda for agenda, boxed in boxes.items() if len(boxed) > 1 and all(boxed)}
