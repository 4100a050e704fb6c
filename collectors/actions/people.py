"""Who is named in a text, and whose a line is: `Bob to send ...`, `@ana, @bo: ...`, `[Cy] ...`.

A name is told by where it stands (attendees, speakers, handles), by its shape, and by what follows it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from collectors.actions.lines import Line
from collectors.actions.words import COMMON, EVERYBODY, NOBODY, TEAM, VERBS

NAMES_MAX = 50
_TOKEN = re.compile(
    r"@[\w-]+(?:[./][\w-]+)*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\w[\w'\u2019.-]*|[^\s\w]", re.UNICODE
)
_HANDLE = re.compile(r"[a-z][a-z0-9_-]{2,24}")
_PARTICLES = frozenset("van von de der den da di del la le bin ibn al el ter st".split())
_WITH_HANDLE = re.compile(r"((?:[^\W\d_][\w'\u2019.-]* ){1,4})\(@([\w-]+)\)")
_AT = re.compile(r"(?<![\w.@/])@(\w[\w-]*)")
_SPEAKER = re.compile(r"\[?([^\W\d_][\w'\u2019.-]*(?: [^\W\d_][\w'\u2019.-]*){0,2})\]?(?: ?\([^()]{1,30}\))?(?:\]|:)\s")
_BRACKETS = re.compile(r"[\[({<][^\])}>]{0,60}[\])}>]?")
_BETWEEN = re.compile(r"[,;/&]| and | \+ ")
_LOWER = re.compile(r"(?<![\w'@./-])[a-z][a-z'-]+")
_SPEAKS = 2


@dataclass
class People:
    """The people that a text names, in small letters, and the words that it writes small: these are no names."""

    known: set[str] = field(default_factory=set)
    small: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, lines: Iterable[Line], listed: Iterable[str] = ()) -> People:
        """Reads all of the text; `listed` are the lines of those who were there."""
        people, speakers = cls(), Counter[str]()
        for line in lines:
            text = line.text
            people.small.update(_LOWER.findall(text))
            if "@" in text:
                people.known.update(name.lower() for name in _AT.findall(text))
                for name, handle in _WITH_HANDLE.findall(text):
                    people._add(name)
                    people.known.add(handle.lower())
            if (speaker := _SPEAKER.match(text)) and _is_capital(speaker[1]):
                speakers[speaker[1].lower()] += 1
        for name, count in speakers.items():
            if count >= _SPEAKS and not set(name.split()) & COMMON and name not in people.small:
                people.known.add(name)
        for entry in listed:
            for name in _BETWEEN.split(_BRACKETS.sub(",", entry)):
                people._add(name)
        return people

    def _add(self, name: str) -> None:
        words = name.strip(" *_-:.").lower().split()
        if 1 <= len(words) <= 4 and not set(words) & COMMON:
            self.known.add(" ".join(words))
            self.known.add(words[0])

    def is_known(self, word: str) -> bool:
        return word.lower() in self.known


@dataclass(frozen=True)
class Names:
    """People at the beginning of a text, which ends at `end`; `sure` that nothing else is written so."""

    names: tuple[str, ...]
    end: int
    sure: bool


def names_at(text: str, start: int, people: People, *, lax: bool = False) -> Names | None:
    """The people that the text names from `start` on, one or a list; `lax` where a line is known to be an item."""
    names: list[str] = []
    sure, end, at = True, start, start
    while len(names) < NAMES_MAX:
        one = _name_at(text, at, people, lax=lax)
        if one is None:
            break
        name, end, certain = one
        names.append(name)
        sure = sure and certain
        between = re.compile(r"\s*(?:,?\s+(?:and|or)\s+|,\s*|\s*[&+/]\s*|\s+and\s+)").match(text, end)
        if between is None:
            break
        at = between.end()
    return Names(tuple(names), end, sure) if names else None


def owners(said: str) -> tuple[str, ...]:
    """The people in a field that holds nothing else: a cell, or what stands in brackets after `AI`."""
    said = re.sub(r"\s*\([^()]*\)", "", said.strip(" *_[]()<>:-\u2013\u2014."))
    names = (name.strip(" *_[]()<>.:").removeprefix("@") for name in re.split(r"[,;/&+]|\band\b", said))
    found = [name for name in names if name and name.lower() not in NOBODY and len(name) <= 80]
    if "@" in said and "/" in said and re.match(r"@[\w-]+/[\w-]+$", said):
        return (said.removeprefix("@"),)
    return tuple(found[:NAMES_MAX])


def is_name(said: str, people: People, *, lax: bool = False) -> bool:
    """Whether the whole of it is people."""
    found = names_at(said, 0, people, lax=lax)
    return found is not None and not said[found.end :].strip(" .:,")


def _name_at(text: str, at: int, people: People, *, lax: bool) -> tuple[str, int, bool] | None:
    token = _TOKEN.match(text, at)
    if token is None:
        return None
    word = token[0]
    if word[0] == "@" and len(word) > 1:
        return word[1:], token.end(), True
    if "@" in word:
        return word, token.end(), True
    if word in "[(<" and (closed := re.compile(r"[\[(<]@?([^\[\]()<>]{1,60})[\])>]").match(text, at)):
        inner = closed[1].strip()
        return (inner, closed.end(), True) if is_name(inner, people, lax=True) else None
    if not word[0].isalpha():
        return None
    return _team_at(text, at) or _person_at(text, token, people, lax=lax)


def _person_at(text: str, token: re.Match[str], people: People, *, lax: bool) -> tuple[str, int, bool] | None:
    words, end = [token[0]], token.end()
    while len(words) < 4 and (following := re.compile(r" (\w[\w'\u2019.-]*)").match(text, end)):
        word = following[1]
        longer = " ".join([*words, word]).lower()
        if not (longer in people.known or (_is_capital(word) and _is_nameish(word)) or word in _PARTICLES):
            break
        words.append(word)
        end = following.end()
    while words and words[-1] in _PARTICLES:
        end -= len(words.pop()) + 1
    if not words:
        return None
    name = " ".join(words).rstrip(".")
    first = words[0].rstrip(".")
    affiliation = re.compile(r" (?:\((?:@[\w-]+|[^()]{1,30})\)|\[[^\[\]]{1,30}\])(?= )").match(text, end)
    end = affiliation.end() if affiliation else end
    if people.is_known(name) or (people.is_known(first) and _is_capital(first)):
        return name, end, True
    if people.is_known(first) and first.lower() not in COMMON | VERBS:
        return name, end, True
    if not _is_nameish(first):
        return None
    if _is_capital(first):
        acronym = len(first) > 2 and first.isupper()
        if len(words) > 1 and not acronym:
            return name, end, True
        common = first.lower() in people.small or acronym
        return (name, end, not common) if lax or not common else None
    if lax and len(words) == 1 and _HANDLE.fullmatch(first):
        return name, end, False
    return None


def _team_at(text: str, at: int) -> tuple[str, int, bool] | None:
    found = re.compile(r"(?:[Tt]he )?((?:[\w@/-]+ ){0,3}?)([\w-]+)(?= (?:to|will|should|must|please|can)\b|:| -)").match(text, at)
    if found is None:
        return None
    last = found[2].lower()
    before = found[1].lower().split()
    everybody = last in EVERYBODY and not before
    if everybody or (last in TEAM and not set(before) & {"if", "when", "that", "ask", "we", "need", "get"} - {""}):
        return text[at : found.end()].removeprefix("The ").removeprefix("the "), found.end(), True
    if before and before[0] in ("sig", "wg", "all") and len(before) <= 2:
        return text[at : found.end()], found.end(), True
    return None


def _is_capital(word: str) -> bool:
    first = word[0]
    return first.isupper() or (first.isalpha() and not first.islower())


def _is_nameish(word: str) -> bool:
    small = word.lower().rstrip(".'\u2019")
    small = small.removesuffix("'s").removesuffix("\u2019s")
    if small in COMMON or any(map(str.isdigit, word[:1])):
        return False
    return not (small in VERBS and not _is_capital(word))
