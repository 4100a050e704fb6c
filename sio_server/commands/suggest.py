"""Completions of a line: verbs, codes with their items' titles, sources.

Cost: one look at each item's title; under 2 ms for a thousand items.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from operator import itemgetter
from typing import Any

from models.base import CodedItem, Item
from sio_server.commands import when
from sio_server.commands.grammar import CODE, Takes, Verb, check_length, find_verb, quoted, split
from sio_server.commands.people import beginning, people_of
from sio_server.commands.values import EXAMPLES, words_of_fields
from sio_server.people.directory import NOBODY, Directory
from sio_server.people.entries import Person
from sio_server.registry.errors import Refusal
from sio_server.registry.fields import Kind, choices
from sio_server.registry.ops import Json
from sio_server.registry.registry import Registry, Section, View

MOST = 10  # suggestions: as many as a menu shows
MOST_WORDS = 8  # typed words compared with titles
TITLE_READ = 300  # characters of a title or of the typed text that are compared

_CODES = re.compile(rf"(?:{CODE.pattern}(?:\s*,\s*|\s+))*", re.ASCII)
_LAST_WORD = re.compile(r"\S*$")
_PERSON = re.compile(
    r"(?<!\S)(?:(?P<minus>-?)(?:from|person|author|sender):(?:\"(?P<quoted>[^\"]+)|(?P<bare>[^\s\"]+))"
    r"|@(?P<handle>\w[\w.-]*))$",
    re.IGNORECASE,
)


def suggest(
    verbs: Sequence[Verb],
    line: str,
    view: View,
    registry: Registry,
    people: Directory = NOBODY,
    reach: View | None = None,
) -> list[Json]:
    """The likeliest continuations. `reach`: the view whose sources may be named, if it is another one.
    Shape: [models.command.Suggestion]."""
    check_length(line)
    start = split(line)[-1].start
    before, step = line[:start], line[start:].lstrip()
    before += " " if before.endswith("|") else ""
    found = _Suggesting(verbs, view, registry, people, reach or view).step(step)
    suggestions: dict[str, Json] = {}
    for text, help in found:
        suggestions.setdefault(before + text, {"text": before + text, "help": help})
        if len(suggestions) == MOST:
            break
    return list(suggestions.values())


class _Suggesting:
    """Completions of one step, each with the whole step's text."""

    def __init__(
        self, verbs: Sequence[Verb], view: View, registry: Registry, people: Directory, reach: View
    ) -> None:
        self._verbs = verbs
        self._view = view
        self._reach = reach
        self._registry = registry
        self._people = people

    def step(self, step: str) -> Iterator[tuple[str, str]]:
        word, space, rest = step.partition(" ")
        verb = find_verb(word, self._verbs) if space else None
        if verb is None:
            if not space:
                yield from self._words(word)
            return
        begun, flags = f"{word} ", set[str]()
        for argument in verb.takes:
            if argument.after and argument.after not in flags:
                continue
            match argument.takes:
                case Takes.FLAG:
                    flag = argument.flag_in(rest) if rest.endswith(" ") or " " in rest.strip() else ""
                    if flag:
                        flags.add(flag)
                        begun, rest = f"{begun}{flag} ", rest.lstrip()[len(flag) :].lstrip()
                    else:
                        yield from self._choices(begun, rest, argument.words, " ")
                    continue
                case Takes.CODES | Takes.CODE:
                    named = CODE.match(rest)
                    if argument.takes is Takes.CODE and named and rest[named.end() :].startswith(" "):
                        begun += rest[: named.end()] + " "
                        rest = rest[named.end() :].lstrip()
                        continue
                    chosen, space, after = rest.partition(" ")
                    if space and chosen.lower() in (*argument.words, *argument.also):
                        begun, rest = f"{begun}{chosen} ", after.lstrip()
                        continue
                    yield from self._choices(begun, rest, argument.words, "")
                    yield from self._codes(verb, begun, rest)
                    if argument.optional:
                        continue
                case Takes.WORD:
                    chosen, space, after = rest.partition(" ")
                    if space and chosen.lower() in argument.words:
                        begun, rest = f"{begun}{chosen} ", after.lstrip()
                        continue
                    yield from self._choices(begun, rest, argument.words, " ")
                case Takes.COMMAND:
                    yield from ((begun + text.strip(), help) for text, help in self._words(rest))
                case Takes.SOURCE:
                    shown = {feed.id: feed for feed in self._feeds_from(rest, self._view)}
                    for feed in self._feeds_from(rest, self._reach):
                        yield f"{begun}{feed.id}", str(getattr(shown.get(feed.id), "message", None) or "")
                case Takes.WHEN:
                    yield from self._choices(begun, rest, when.EXAMPLES, "")
                case Takes.FIELDS:
                    yield from self._held(verb, begun, rest)
                case Takes.VALUE:
                    yield from self._values(verb, begun, rest)
                case Takes.TEXT:
                    yield from self._choices(begun, rest, argument.words, "")
                    yield from self._present(verb, begun, rest)
                case Takes.QUERY:
                    yield from self._filters(begun, rest)
            return

    def _words(self, begun: str) -> Iterator[tuple[str, str]]:
        for verb in self._verbs:
            for word in verb.words:
                if word.startswith(begun.lower()):
                    yield word + (" " if verb.takes else ""), verb.help
                    break

    def _choices(self, begun: str, rest: str, words: Sequence[str], end: str) -> Iterator[tuple[str, str]]:
        for word in words:
            if word.startswith(rest.lower()):
                yield begun + word + end, ""

    def _codes(self, verb: Verb, begun: str, rest: str) -> Iterator[tuple[str, str]]:
        """Codes that begin with the typed text, then items with a title word that begins with it."""
        taken, looked_for = _codes_given(rest)
        given = {code.upper() for code in CODE.findall(taken)}
        found = [
            (rank, place, section, item)
            for place, section in enumerate(verb.fits(self._registry))
            for rank, item in self._matching(section, looked_for, verb, given)
        ]
        for *_, section, item in sorted(found, key=itemgetter(0, 1))[:MOST]:
            yield f"{begun}{taken}{item.code}", section.title(item)

    def _matching(
        self, section: Section[Any], looked_for: str, verb: Verb, given: set[str]
    ) -> Iterator[tuple[Any, CodedItem]]:
        """The section's likeliest items, each with its rank: smaller is likelier."""
        code = looked_for.upper()
        words = list(dict.fromkeys(looked_for[:TITLE_READ].casefold().split()))[:MOST_WORDS]
        items = [item for item in self._view.items(section) if item.code not in given]

        def unfit(item: CodedItem) -> bool:
            return verb.closed is not None and section.is_done(item) is not verb.closed

        def order(item: CodedItem) -> Any:
            return item.code != code, unfit(item), section.sort_key(item)

        coded = [item for item in items if item.code.startswith(code)]
        for item in heapq.nsmallest(MOST, coded, order):
            yield (item.code != code, False, unfit(item)), item
        if words and len(coded) < MOST:
            others = [item for item in items if not item.code.startswith(code)]
            for item in heapq.nsmallest(MOST, _titled(section, others, words), order):
                yield (True, True, unfit(item)), item

    def _present(self, verb: Verb, begun: str, rest: str) -> Iterator[tuple[str, str]]:
        """The item's present text, for editing: the field that the command sets, or its title."""
        code = CODE.search(begun.partition(" ")[2])
        if code is None or rest:
            return
        for section in verb.fits(self._registry):
            if section.prefix == code[0][0].upper():
                with suppress(Refusal):
                    item = self._view.by_code(section, code[0].upper(), None)
                    field = section.field(verb.field.word) if verb.field else None
                    text = section.title(item) if field is None else getattr(item, field.name)
                    if text and "\n" not in text:
                        yield begun + quoted(text), "its text now"

    def _held(self, verb: Verb, begun: str, rest: str) -> Iterator[tuple[str, str]]:
        """The item's fields that can be given back."""
        code = begun.split()[-1].upper()
        for section in verb.fits(self._registry):
            if section.prefix == code[0]:
                with suppress(Refusal):
                    held = self._view.by_code(section, code, None).held
                    words = [word for word, name in words_of_fields(section).items() if name in held]
                    yield from self._choices(begun, rest, words, "")

    def _values(self, verb: Verb, begun: str, rest: str) -> Iterator[tuple[str, str]]:
        """The values that the field may have."""
        assert verb.field is not None
        kind, registry = verb.field.kind, self._registry
        if kind is Kind.TEXT:
            yield from self._present(verb, begun, rest)
        elif kind is Kind.PERSON:
            for name in beginning(rest, people_of(self._view, registry, self._people), MOST):
                yield begun + name, ""
        elif kind is Kind.CHOICE:
            found = ((section, section.field(verb.field.word)) for section in verb.fits(registry))
            words = [value for section, field in found if field for value in choices(section.item, field)]
            yield from self._choices(begun, rest, words, "")
        yield from self._choices(begun, rest, EXAMPLES.get(kind, ()), "")

    def _filters(self, begun: str, rest: str) -> Iterator[tuple[str, str]]:
        """Sources and people, if a filter for them has been started at the end."""
        last = _LAST_WORD.search(rest)
        typed = "" if last is None else last[0]
        yield from self._feeds(f"{begun}{rest[: len(rest) - len(typed)]}", typed)
        if named := _PERSON.search(rest, max(0, len(rest) - TITLE_READ)):
            before = begun + rest[: named.start()]
            name = named["quoted"] or named["bare"] or named["handle"]
            for person in self._people.beginning(name, MOST):
                if named["handle"]:
                    yield f"{before}@{_handle(person)}", f"{person.name}, by any name"
                else:
                    yield f"{before}{named['minus']}from:{_quoted(person.name)}", f"by {person.name}"

    def _feeds(self, before: str, typed: str) -> Iterator[tuple[str, str]]:
        if not typed.lower().startswith("source:"):
            return
        for feed in self._feeds_from(typed[7:], self._view):
            yield f"{before}source:{feed.id}", f"only from {feed.id}"

    def _feeds_from(self, begun: str, view: View) -> Iterator[Item]:
        feeds = self._registry.sections[self._registry.source_hooks.section]
        for feed in sorted(view.items(feeds), key=feeds.sort_key):
            if feed.id.lower().startswith(begun.lower()):
                yield feed


def _quoted(name: str) -> str:
    plain = name.replace('"', " ")
    return f'"{plain}"' if " " in plain else plain


def _handle(person: Person) -> str:
    """A word that, after an @, means only this person."""
    words = [name for name in person.names if " " not in name and "@" not in name]
    return next(iter(words), person.name.replace(" ", "."))


def _titled(section: Section[Any], items: Iterable[CodedItem], words: Sequence[str]) -> Iterator[CodedItem]:
    """Items whose titles have words that begin with each of these.

    Cost: most titles lack the longest of them and are done after that check.
    """
    first, *others = sorted(words, key=len, reverse=True)
    for item in items:
        title = section.title(item)[:TITLE_READ].casefold()
        if first in title and _begins(first, title) and all(_begins(word, title) for word in others):
            yield item


def _begins(word: str, title: str) -> bool:
    """Whether a word of the title begins like this."""
    at = title.find(word)
    while at > 0 and title[at - 1].isalnum():
        at = title.find(word, at + 1)
    return at >= 0


def _codes_given(rest: str) -> tuple[str, str]:
    """The complete codes, as typed, and the text to complete after them."""
    given = _CODES.match(rest)
    end = 0 if given is None else given.end()
    return rest[:end], rest[end:].strip()
