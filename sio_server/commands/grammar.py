"""Parses a typed line into steps, without looking at the state.

    line = step { "|" step }

A table of `Verb`s says what a step may be (decision 13). Whatever does not fit is refused with its place in
the line; nothing is guessed, since a guess might change the wrong thing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NoReturn

from models.ack import ErrorCode
from sio_server.commands.nearest import nearest
from sio_server.registry.errors import Refusal, either
from sio_server.registry.fields import Field
from sio_server.registry.registry import Asker, Context, Registry, Rule, Section, View
from sio_server.registry.roles import Role

MAX_LINE = 4_096  # characters: a long note fits, and every parser's work stays small
MAX_STEPS = 50  # all run in one turn on the store's thread
FLAG_MAX = 40
"""Characters searched for a flag of several words."""

CODE = re.compile(r"[A-Za-z][1-9][0-9]{0,8}", re.ASCII)
_ATOM = re.compile(r"[^\s,|]+")
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|“[^”]*”')
_OPENED = re.compile(r'(?<!\S)["“]')
_TURNS_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})


PhrasePrefetch = Callable[[Asker, "Phrase", int | None], Awaitable[Any]]


class Takes(Enum):
    """The kinds of arguments, each with its word in a usage line."""

    CODES = "CODE..."
    CODE = "CODE"
    WORD = ""
    COMMAND = "COMMAND"
    SOURCE = "SOURCE"
    WHEN = "WHEN"
    TEXT = "TEXT"
    VALUE = "VALUE"
    FIELDS = "FIELD..."
    FLAG = " "
    QUERY = "WORDS"


@dataclass(frozen=True)
class Argument:
    """One argument of a verb. `words` are its allowed words; with them, `CODE` means a word or a code; `also`
    are unlisted synonyms. `written` is its form in a usage line, if that says more than `takes`. A flag is
    one of its words, or missing; an argument `after` a flag is read, and shown in usage, only with it."""

    takes: Takes
    words: tuple[str, ...] = ()
    optional: bool = False
    written: str = ""
    also: tuple[str, ...] = ()
    after: str = ""

    @property
    def usage(self) -> str:
        """Its form in a usage line."""
        kind = self.takes.value.strip()
        choices = self.written or "|".join([*self.words, *([kind] if kind else [])])
        return f"[{choices}]" if self.optional else choices

    def flag_in(self, text: str) -> str:
        """The flag at the beginning of the text; "" if there is none."""
        if self.takes is not Takes.FLAG:
            return ""
        begun = f"{' '.join(text[:FLAG_MAX].lower().split())} "
        return next((word for word in self.words if text[:1].isascii() and begun.startswith(f"{word} ")), "")


@dataclass(frozen=True)
class Verb:
    """One command: a row of the table.

    `words`    the word for it, and its synonyms
    `takes`    its arguments, in order
    `roles`    who may use it
    `help`     what it does, in a sentence
    `rule`     what it does, in code: (view, steps.Step, ctx) -> Delta
    `does`     the requests, one of which a code's section must have
    `sections` instead of that, the sections whose codes it takes
    `closed`   whether it is for done items or for open ones; None: for both
    `proposable` whether others may propose it (commands.proposed)
    `reads`    parses its text, before any step is done: (steps.Step, view, ctx) -> the step's value;
               refuses what makes no sense
    `field`    the field that it sets (registry.fields), in the sections that have it
    `synonyms` what people say instead of its words, by the word: they are told it
    `prefetch` reads what the rule needs from outside the state, before the line runs: (asker, phrase, seen)
    """

    words: tuple[str, ...]
    takes: tuple[Argument, ...]
    roles: frozenset[Role]
    help: str
    rule: Rule
    does: tuple[str, ...] = ()
    sections: tuple[str, ...] | None = None
    closed: bool | None = None
    proposable: bool = False
    reads: Callable[[Any, View, Context], Any] | None = None
    field: Field | None = None
    prefetch: PhrasePrefetch | None = None
    synonyms: Mapping[str, str] | None = None

    @property
    def usage(self) -> str:
        """How it is typed."""
        return " ".join([self.words[0], *(each.usage for each in self.takes if not each.after)])

    def fits(self, registry: Registry) -> list[Section[Any]]:
        """The sections whose codes it takes."""
        if self.sections is not None:
            return [registry.sections[name] for name in self.sections]
        if self.field is not None:
            return [each for each in registry.coded("edit") if each.field(self.field.word) is not None]
        return registry.coded(*self.does)

    def event(self, section: Section[Any], registry: Registry) -> str:
        """Its usage with the arguments for an item of the section."""
        events = (f"{section.name}:{each}" for each in self.does)
        return next(event for event in events if event in registry.requests)


@dataclass(frozen=True)
class Place:
    """A part of the line, as character offsets."""

    start: int
    end: int

    def of(self, line: str) -> str:
        """The text at that place."""
        return line[self.start : self.end]

    def refuse(self, message: str, code: ErrorCode = ErrorCode.BAD_REQUEST) -> NoReturn:
        """Refuses the line because of the text at this place."""
        details: Any = vars(self)
        if code is ErrorCode.BAD_REQUEST:
            details = [{"path": "text", "message": message, **vars(self)}]
        raise Refusal(code, f"At character {self.start + 1}: {message}", details=details)


@dataclass
class Phrase:
    """A step as typed: the verb and its arguments."""

    place: Place
    verb: Verb
    codes: list[tuple[str, Place]] = field(default_factory=list)
    word: str | None = None
    text: str | None = None
    text_place: Place | None = None
    quoted: bool = False
    flags: frozenset[str] = frozenset()


def read(line: str, verbs: Sequence[Verb]) -> list[Phrase]:
    """The line's steps.

    Errors: bad_request and unknown_command, both with `start` and `end` of the place in their details.
    """
    check_length(line)
    check_marks(line)
    if not line.strip():
        Place(0, len(line)).refuse("The line is empty. Type a command, or `help`.")
    places = split(line)
    for place in places:
        if not place.of(line).strip():
            place.refuse("A command is missing here. Put commands between |s: approve P7 | reopen P8.")
    if len(places) > MAX_STEPS:
        extra = Place(places[MAX_STEPS].start, len(line))
        extra.refuse(f"A line has at most {MAX_STEPS} steps: send the rest as another line.")
    return [_Reader(line, place, verbs).phrase() for place in places]


def split(line: str) -> list[Place]:
    """The places of the steps, without the space around them. A `|` inside a quotation does not count."""
    ends = [match.start() for match in re.finditer(r"\|", _without_quotations(line))]
    edges = zip([0, *(end + 1 for end in ends)], [*ends, len(line)], strict=True)
    return [_trim(line, start, end) for start, end in edges]


def find_verb(word: str, verbs: Sequence[Verb]) -> Verb | None:
    """The verb with that word, in upper or lower case."""
    return next((verb for verb in verbs if _lower(word) in verb.words), None)


def quoted(text: str) -> str:
    """The text as written in a line: in quotation marks if it would otherwise not be read literally."""
    if text == text.strip() and not set(text) & set('|"“'):
        return text
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def unquoted(text: str) -> str:
    """The text inside a quotation."""
    return re.sub(r'\\(["\\])', r"\1", text[1:-1]) if text[0] == '"' else text[1:-1]


def check_length(line: str) -> None:
    """Refuses a line that is too long."""
    if len(line) > MAX_LINE:
        Place(MAX_LINE, len(line)).refuse(f"A line has at most {MAX_LINE:,} characters: this is more.")


def check_marks(line: str) -> None:
    """Refuses characters that are invisible, or that make other text look different."""
    for index, mark in enumerate(line):
        if mark in _TURNS_DIRECTION or unicodedata.category(mark) in _UNPRINTABLE:
            kind = "changes the direction of text" if mark in _TURNS_DIRECTION else "is a control character"
            Place(index, index + 1).refuse(f"U+{ord(mark):04X} {kind}: remove it.")


class _Reader:
    """Reads one step from left to right."""

    def __init__(self, line: str, place: Place, verbs: Sequence[Verb]) -> None:
        self._line = line
        self._place = place
        self._verbs = verbs
        self._at = place.start

    def phrase(self) -> Phrase:
        verb = self._verb()
        phrase = Phrase(self._place, verb)
        for number, argument in enumerate(verb.takes):
            self._skip_space()
            if argument.after and argument.after not in phrase.flags:
                continue
            if argument.optional and self._is_passed_over(argument, verb.takes[number + 1 :]):
                continue
            if self._at == self._place.end:
                if argument.optional:
                    continue
                Place(self._at, self._at).refuse(f"Something is missing. Usage: `{verb.usage}`")
            self._take(argument, phrase)
        self._skip_space()
        if self._at < self._place.end:
            rest = Place(self._at, self._place.end)
            rest.refuse(f"Nothing more is expected here. Usage: `{verb.usage}`")
        return phrase

    def _is_passed_over(self, argument: Argument, others: Sequence[Argument]) -> bool:
        """Whether the text here belongs not to an optional argument but to a later one."""
        text = self._line[self._at : self._place.end]
        if argument.takes is Takes.FLAG:
            return not argument.flag_in(text)
        return any(other.flag_in(text) for other in others)

    def _verb(self) -> Verb:
        place = self._atom()
        word = place.of(self._line)
        verb = find_verb(word, self._verbs)
        if verb is None:
            self._refuse_word(word, place)
        return verb

    def _refuse_word(self, word: str, place: Place) -> NoReturn:
        told = [
            (known, (verb.synonyms or {}).get(known, "").split())
            for verb in self._verbs
            for known in verb.words
        ]
        near = nearest(word, dict(told))
        several = ", ".join(near[:-1])
        meant = f"{several} or {near[-1]}" if several else "".join(near)
        hint = f" Did you mean {meant}?" if near else " Type `help` for all commands."
        message = (
            f"At character {place.start + 1}: there is no command “{_short(word)}”{_foreign(word)}.{hint}"
        )
        details = {"word": _short(word), "nearest": near, **vars(place)}
        raise Refusal(ErrorCode.UNKNOWN_COMMAND, message, details=details)

    def _take(self, argument: Argument, phrase: Phrase) -> None:
        match argument.takes:
            case Takes.CODES:
                self._codes(phrase)
            case Takes.CODE | Takes.WORD | Takes.COMMAND:
                self._word_or_code(argument, phrase)
            case Takes.FLAG:
                self._flag(argument, phrase)
            case Takes.SOURCE:
                phrase.text_place = self._atom()
                phrase.text = phrase.text_place.of(self._line)
            case Takes.WHEN | Takes.TEXT | Takes.VALUE | Takes.FIELDS | Takes.QUERY:
                self._text(argument.takes, phrase)

    def _codes(self, phrase: Phrase) -> None:
        while True:
            phrase.codes.append(self._code(self._atom()))
            self._skip_space()
            comma = self._line[self._at : self._at + 1] == ","
            if comma:
                self._at += 1
                self._skip_space()
            if self._at == self._place.end:
                if comma:
                    Place(self._at - 1, self._at).refuse("A code is missing after the comma.")
                return

    def _flag(self, argument: Argument, phrase: Phrase) -> None:
        flag = argument.flag_in(self._line[self._at : self._place.end])
        phrase.flags |= {flag}
        for _ in flag.split():
            self._atom()
            self._skip_space()

    def _word_or_code(self, argument: Argument, phrase: Phrase) -> None:
        place = self._atom()
        word = _lower(place.of(self._line))
        if argument.takes is Takes.COMMAND:
            verb = find_verb(word, self._verbs)
            if verb is None:
                self._refuse_word(place.of(self._line), place)
            phrase.word = verb.words[0]
        elif word in (*argument.words, *argument.also):
            phrase.word = word
        elif argument.takes is Takes.CODE:
            phrase.codes.append(self._code(place))
        else:
            place.refuse(f"This must be {either(argument.words)}. Usage: `{phrase.verb.usage}`")

    def _code(self, place: Place) -> tuple[str, Place]:
        text = place.of(self._line)
        if not text:
            Place(self._at, self._at + 1).refuse("A code is missing here.")
        if not CODE.fullmatch(text):
            place.refuse(f"“{_short(text)}” is not a code{_foreign(text)}. Codes are like P7.")
        return text.upper(), place

    def _text(self, takes: Takes, phrase: Phrase) -> None:
        place = Place(self._at, self._place.end)
        text = place.of(self._line)
        opened = _OPENED.search(_without_quotations(text))
        if opened is not None and takes is not Takes.QUERY:
            mark = place.start + opened.start()
            Place(mark, mark + 1).refuse("The closing quotation mark is missing.")
        if takes is not Takes.QUERY and QUOTED.fullmatch(text):
            text = unquoted(text)
            phrase.quoted = True
        if not any(unicodedata.category(mark)[0] not in "CZ" for mark in text):
            place.refuse("This text has no visible characters.")
        phrase.text, phrase.text_place = text, place
        self._at = self._place.end

    def _atom(self) -> Place:
        found = _ATOM.match(self._line, self._at, self._place.end)
        place = Place(self._at, self._at if found is None else found.end())
        self._at = place.end
        return place

    def _skip_space(self) -> None:
        while self._at < self._place.end and self._line[self._at].isspace():
            self._at += 1


def _without_quotations(text: str) -> str:
    """The text with every closed quotation blanked out; a quotation begins only where a word would."""
    blanked = re.compile(rf"(?<!\S)(?:{QUOTED.pattern})")
    return blanked.sub(lambda match: "x" * len(match[0]), text)


def _trim(line: str, start: int, end: int) -> Place:
    text = line[start:end]
    if not text.strip():
        return Place(start, end)
    return Place(start + len(text) - len(text.lstrip()), start + len(text.rstrip()))


def _foreign(word: str) -> str:
    """Names a character that looks like another one."""
    for mark in word:
        if not mark.isascii():
            return f" (“{mark}” is {unicodedata.name(mark, 'an unnamed character').lower()})"
    return ""


def _lower(word: str) -> str:
    """In lower case, except letters that would only then match a command (the Kelvin sign)."""
    return word.lower() if word.isascii() else word


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
