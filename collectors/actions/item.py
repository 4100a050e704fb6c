"""A line that says what is to be done, taken apart: what, who, by when, how urgent, and how far."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, tzinfo

from collectors.actions import prose, sentences
from collectors.actions.abroad import alternatives
from collectors.actions.dates import Due, due
from collectors.actions.days import led
from collectors.actions.forms import Form, begins_with_verb
from collectors.actions.lines import Line
from collectors.actions.markup import State, plain, recurs, title, unlinked, urgency_of, without_fields
from collectors.actions.numeric import Order
from collectors.actions.outline import Place
from collectors.actions.patterns import APOSTROPHE, DASH, any_of
from collectors.actions.people import People, called, names_at, owners, titled
from collectors.actions.words import EVERYBODY, NOBODY, UNMISTAKABLE, VERBS, words
from collectors.texts import one_line, shown
from models.commitments import Direction
from models.priorities import Urgency

QUOTE_MAX = 1_000  # the server's bound (models.evidence)
_IT_IS = (
    rf"(?:(?:this|that|it|all|both|these|they)(?: (?:task|action|item|point|one)s?)?(?:{APOSTROPHE}s)? )?"
    r"(?:(?:is|was|are|were|has|have|been|already|all|now) )*"
)
_NOT_YET = r"(?!,? (?:when|if|once|unless|only|as soon as|by hand|manually)\b)"
"""What makes a condition of it, or a manner: `(done when Bo agrees)`, `(this is done by hand)`."""
_DONE = re.compile(
    rf"[\[(]\s*(?:done|completed?|closed|fixed|merged|finished|resolved|sent)\b{_NOT_YET}[^\[\]()]{{0,40}}[\])]"
    rf"|[\[(]\s*{_IT_IS}done\b{_NOT_YET}[^\[\]()]{{0,20}}[\])]"
    rf"|(?:\s(?:{DASH}>?|=>|\u2192)|[:,;.])\s*(?:done|completed)\s*[!.]*$|[✅✔☑]\ufe0f?|@done\b|(?<!\S)#done\b"
    rf"|\s{DASH}\s*(?:closed|resolved|erledigt|hecho|terminé)\s*[!.]*$|\s\[x\]\s*$"
    r"|^\s*(?:DONE|Done|COMPLETED|FIXED)\b(?:\s*[:!]|\s*-(?!(?<=\w-)\w)|(?=\s+[A-Z]))",  # no "Fixed-price"
    re.IGNORECASE,
)
_DROPPED_WORD = any_of("cancel?led", "dropped", "abandoned", "obsolete", "withdrawn", "no longer needed")
_DROPPED = re.compile(
    rf"[\[(]\s*{_DROPPED_WORD}\b{_NOT_YET}[^\[\]()]{{0,40}}[\])]|\s(?:{DASH}>?|=>|\u2192)\s*{_DROPPED_WORD}\s*[!.]*$"
    rf"|[.;:]\s*{_DROPPED_WORD}\s*[!.]*$|❌\ufe0f?\s*$",
    re.IGNORECASE,
)
_HOW_FAR = "(?:open|ongoing|in progress|pending|not (?:started|done)|new|wip|carried (?:over|forward))"
_OPEN = re.compile(
    rf"(?:\s(?:{DASH}|\|)\s*{_HOW_FAR}|\s[\[(]{_HOW_FAR}[\])])\s*\.?$|(?:\s:[a-z][a-z_+-]+:)+$", re.IGNORECASE
)
"""What says that it is not done, and the pictures of chats by their names: `:pray:`."""
_FIELD = re.compile(
    r"[\s(\[,;\u2013\uff08-]*(?:\b|(?=[担负負]))"
    rf"(?:{alternatives('who')}|owners?|assignees?|assigned to|responsible|dri|who)\s*[:=]\s*"
    r"(?P<who>@?[\w][\w .,&@'\u2019-]{0,60}?)[\s,\u3001]*[)\]\uff09]?$",
    re.IGNORECASE,
)
_AT_END = re.compile(
    any_of(
        r"[\[({<\uff08]\s*(?P<group>[^\[\](){}<>\uff08\uff09]{1,80})\s*[\])}>\uff09]",
        rf"\s(?:{DASH}|~)\s*(?P<dash>[^-\u2013\u2014~]{{1,60}})",
        r"\s(?P<at>@[\w/-]+(?:(?:,| and| &)? @[\w/-]+)*)",
    )
    + r"\s*\.?$"
)
_LINKED = re.compile(r"(?P<before>[\w'\u2019.-]+)\s+(?P<who>\[\[[^\[\]]+\]\])\.?$")
_BEFORE_OBJECT = VERBS | words(
    "to for with from by about of on at in into and or the a via than as like per & + back up out"
)
_LABEL = re.compile(r"\s?(?::{1,2}|-{1,3}>?|=>|[\u2013\u2014→]|,(?= (?:please )?[a-z]))\s+(?=\S)")
_FIRST = re.compile(
    rf"^(?:(?:please|will|should|to|needs? to|is to|must|can|shall|going to|I{APOSTROPHE}ll|i will)\s+)+",
    re.IGNORECASE,
)
_TAIL_CHARS = 120  # at the end of a line, in which marks and dates are searched
_VERB = re.compile(r"[a-z]+")
_WITH_OBJECT = re.compile(r"[a-z]+ (?:the|an?|it|them|this|that|these|those|my|our|your)\b")
"""Only a verb has an object: the word before `send it` is a person, that before `review meeting` is none."""
_SPEAKER_CHARS = 30  # before which "Ana: thanks!" has its colon
_SENTENCE_MAX = 300  # characters of a sentence that are looked at
_ALSO = re.compile(r"^(?:also|then|and),? ", re.IGNORECASE)
_OF_TASK = re.compile(
    r"[\[(@#<!\U0001f300-\U0001faff]|"
    + any_of(
        *("due", "by", "before", "until", "deadline", "eta", "target", "owners?", "assignees?", "assigned"),
        *("status", "priority", "cc", "see", "if not", "otherwise", "please"),
    )
    + r"\b",
    re.IGNORECASE,
)
"""What begins a sentence that belongs to the task before it."""
_PRIORITIES = {"A": Urgency.HIGH, "B": Urgency.MEDIUM, "C": Urgency.LOW}
_TODO_TXT = re.compile(r"\(([A-Z])\)\s+(?:\d{4}-\d\d-\d\d\s+)?")


@dataclass(frozen=True)
class Found:
    """Something that is to be done.

    `text` are the words alone, `bare` what a person would know it by whenever it is due. `who` are those who
    are to do it, as written; with a `direction` it is a promise to, or of, the one in `who`; `mine` says that
    somebody speaks of themselves. `sure` is what is plainly marked, the rest is likely. `day` is that of the
    meeting, and `dated` tells that the text names it. `former` is `bare` as earlier versions had it, with
    the sentences that follow; "" where that is the same.
    """

    line: int
    form: Form
    text: str
    bare: str
    quote: str
    sure: bool
    due: Due
    day: date
    dated: bool
    who: tuple[str, ...] = ()
    direction: Direction | None = None
    mine: bool = False
    state: State = State.OPEN
    urgency: Urgency = Urgency.MEDIUM
    headings: tuple[str, ...] = ()
    box: str | None = None
    quoted: bool = False
    recurs: bool = False
    raw: str = ""
    former: str = ""


@dataclass(frozen=True)
class Parts:
    """What the form of a line has told already: the rest of its words, and perhaps who, when and how far."""

    form: Form
    text: str
    who: tuple[str, ...] = ()
    direction: Direction | None = None
    mine: bool = False
    state: State = State.OPEN
    when: str = ""
    priority: str = ""
    speaker: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taker:
    """Takes lines apart that were written on `day`, unless they stand below another date."""

    day: date
    zone: tzinfo
    order: Order | None
    people: People

    def take(self, line: Line, place: Place, parts: Parts) -> Found | None:
        """The item; None when nothing is left to do."""
        words = one_line(plain(parts.text))
        state, said = parts.state, words
        if state is State.OPEN and _DONE.search(words):
            state, said = State.DONE, _DONE.sub(" ", words).strip()
        elif state is State.OPEN and _DROPPED.search(words):
            state, said = State.DROPPED, _DROPPED.sub(" ", words).strip()
        text = without_fields(_OPEN.sub("", said))
        urgency, text = self._urgency(text, line, parts)
        day = place.day or self.day
        whole, text = text, self._task(text)
        when = due(f"{text}{parts.when}", day, self.zone, self.order)
        who, what = self._who(when.rest, parts)
        bare = what if when.bare == when.rest else self._who(when.bare, parts)[1]
        former = ""
        if whole != text:
            told = due(f"{whole}{parts.when}", day, self.zone, self.order)
            named, before = self._who(told.bare, parts)
            who, former = who or named, title(before)
            if when.at is None and told.plain:  # "Send the report. We need it by Friday."
                when = replace(told, rest=when.rest, bare=when.bare)
        what, bare = sentences.unstopped(title(what)), title(bare)
        if not what:
            what = bare = title(text) or words
        if not what:
            return None
        return Found(
            line=line.number,
            form=parts.form,
            text=what,
            bare=bare or what,
            former=former,
            quote=shown(line.quote, QUOTE_MAX),
            sure=parts.form not in (Form.SAID, Form.ASKED),
            due=when,
            day=day,
            dated=place.day is not None,
            who=who,
            direction=parts.direction,
            mine=parts.mine,
            state=state,
            urgency=urgency,
            headings=place.headings,
            box=line.box,
            quoted=line.quoted,
            recurs=recurs(words),
            raw=line.text,
        )

    def due_by(self, words: str, day: date) -> Due:
        """The due date that a field of its own says."""
        return due(f"x {led(words.strip(' .'))}", day, self.zone, self.order)

    def _task(self, text: str) -> str:
        """The text up to the first sentence that only tells something: no task, no owner, no date."""
        begun = 0
        for end, begin in sentences.ends(text):
            count = len(text[begun:end].split(maxsplit=3))
            if count < 2 or (count < 3 and not prose.is_action(text[begun:end], self.people)):
                continue  # "Website. Update the footer", "Please review! We want it"
            rest = _ALSO.sub("", text[begin : begin + _SENTENCE_MAX], count=1)
            short = len(rest.split(maxsplit=3)) < 3 and ":" not in rest[:_SPEAKER_CHARS]
            if not (short or _OF_TASK.match(rest) or prose.is_action(rest, self.people)):
                return text[:end]
            begun = begin
        return text

    def _urgency(self, text: str, line: Line, parts: Parts) -> tuple[Urgency, str]:
        letter = _TODO_TXT.match(text) if line.box is not None or parts.form is Form.MARKER else None
        urgency, rest = urgency_of(text[letter.end() :] if letter else text, line.box or " ")
        if priority := (letter[1] if letter else parts.priority):
            urgency = _PRIORITIES.get(priority, Urgency.LOW)
        return urgency, rest or text

    def _who(self, text: str, parts: Parts) -> tuple[tuple[str, ...], str]:
        """Who is to do it, and the words without them where these stand at an end."""
        linked, text = text, unlinked(text)
        if parts.direction is not None or parts.form in (Form.SAID, Form.CALLED, Form.ASKED):
            return parts.who, text
        if parts.who:
            said = prose.assigned(text, self.people, lax=True)
            again = (
                said is not None
                and said.start == 0
                and {*map(str.lower, said.who)} & {*map(str.lower, parts.who)}
            )
            if said and again and {*map(str.lower, parts.who)} < {*map(str.lower, said.who)}:
                return said.who, said.text
            if said and again:
                return parts.who, said.text
            begins = text[:3].lower() in ("to ", "wil")
            return parts.who, _FIRST.sub("", text, count=1) if begins else text
        return (
            self._said(text, parts.form)
            or self._labelled(text, parts.form)
            or self._linked_at_end(linked)
            or self._at_end(text)
            or (parts.speaker, text)
        )

    def _said(self, text: str, form: Form) -> tuple[tuple[str, ...], str] | None:
        said = prose.assigned(text, self.people, lax=True)
        if said is None:
            return None
        who = tuple(name for name in said.who if name.lower() not in NOBODY)
        return who, said.text if said.start == 0 else text

    def _labelled(self, text: str, form: Form) -> tuple[tuple[str, ...], str] | None:
        """`Ana: ...`, `[Ana] ...`, `@ana ...`, `Ana call Bo`."""
        names = names_at(text, 0, self.people, lax=True)
        if names is None or names.end >= len(text):
            return None
        label = _LABEL.match(text, names.end)
        rest = text[label.end() if label else names.end :].lstrip()
        first = _FIRST.sub("", rest, count=1)
        verb = _VERB.match(first)
        does = verb is not None and (verb[0] in VERBS or verb[0].removesuffix("ing") in VERBS)
        orders = label is not None and names.sure and begins_with_verb(first)
        begins = first.split(" ", 1)[0].lower()
        plainly = begins in UNMISTAKABLE or begins.removesuffix("s") in UNMISTAKABLE
        given = text[0] in "@[(<" or "@" in text[: names.end]
        known = names.sure and self.people.is_known(text[: names.end])
        bare_name = known and (
            (form in (Form.MARKER, Form.LISTED, Form.BOX) and not text[0].islower())
            or (verb is not None and verb[0].removesuffix("s") in VERBS)
        )
        if not rest or not (
            (label and (names.sure or does))
            or titled(text)
            or (does and _WITH_OBJECT.match(rest))
            or given
            or (does and known)
            or (plainly and names.sure)
            or bare_name
        ):
            return None
        if label and not (known or given or does or orders) and form is Form.BOX:
            return None
        who = tuple(name for name in names.names if name.lower() not in NOBODY)
        return who, first or rest

    def _linked_at_end(self, text: str) -> tuple[tuple[str, ...], str] | None:
        """`send the deck [[Bob Lee]]`, and not `call [[Bob Lee]]` or `share it with [[Bob Lee]]`."""
        found = (
            _LINKED.search(text, max(0, len(text) - _TAIL_CHARS)) if text.endswith(("]]", "]].")) else None
        )
        if found is None or found["before"].lower() in _BEFORE_OBJECT:
            return None
        who, rest = title(found["who"]), title(text[: found.start("who")])
        names = names_at(who, 0, self.people)
        is_one = names is not None and names.sure and names.end == len(who)
        return ((who,), rest) if is_one and (self.people.is_known(who) or " " in who) else None

    def _at_end(self, text: str) -> tuple[tuple[str, ...], str] | None:
        tail = max(0, len(text) - _TAIL_CHARS)
        if found := _FIELD.search(text, tail):
            return owners(found["who"]), text[: found.start()]
        found = _AT_END.search(text, tail)
        if found is None or not text[: found.start()].strip():
            return None
        said = (found["group"] or found["dash"] or found["at"]).strip()
        names = names_at(said, 0, self.people) or called(said, self.people)
        if said.lower() in EVERYBODY:
            return (said,), text[: found.start()]
        if names is None or not names.sure or said[names.end :].strip(" .,\u3001"):
            return None
        return names.names, text[: found.start()]
