"""Who is named in a text, and whose a line is: `Bob to send ...`, `@ana, @bo: ...`, `[Cy] ...`.

A name is told by where it stands (attendees, speakers, handles), by its shape, and by what follows it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from collectors.actions.given import GIVEN
from collectors.actions.lines import Line
from collectors.actions.patterns import LINES_KEPT
from collectors.actions.words import (
    ALSO_NAMES,
    ALSO_TIMES,
    ARTICLES,
    COMMON,
    ENDED_NAMES,
    EVERYBODY,
    INFLECTED,
    NOBODY,
    TEAM,
    VERBS,
)

NAMES_MAX = 50  # people in one line
_TOKEN = re.compile(
    r"@[\w-]+(?:[./][\w-]+)*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\w[\w.-]*(?:['\u2019](?!ll\b)[\w.-]*)*|[^\s\w]",
    re.UNICODE,
)
_HANDLE = re.compile(r"[a-z][a-z0-9_.-]{2,24}")
_PARTICLES = frozenset(
    ["van", "von", "de", "der", "den", "da", "di", "del", "la", "le", "bin", "ibn", "al", "el", "ter", "st"]
)
_WITH_HANDLE = re.compile(r"(?<![\w'\u2019.-])((?:[^\W\d_][\w'\u2019.-]* ){1,4})\(@([\w-]+)\)")
_AT = re.compile(r"(?<![\w.@/])@(\w[\w-]*)")
_SPEAKER = re.compile(
    r"\[?([^\W\d_][\w'\u2019.-]*(?: [^\W\d_][\w'\u2019.-]*){0,2})\]?(?: ?\([^()]{1,30}\))?(?:\]|:)\s"
)
_BRACKETS = re.compile(r"[\[({<][^\])}>]{0,60}[\])}>]?")
_BETWEEN = re.compile(r"[,;/&]| and | \+ ")
_LOWER = re.compile(r"(?<![\w'@./\[(-])[a-z][a-z'-]+")  # "[ana]" is a handle
_THEN = r"(?= (?:to|will|should|must|please|can|needs?|agreed)\b|:| -| (?-i:[a-z]+) (?:on|with|the|a)\b)"
_TEAM = re.compile(
    rf"(?:the )?(?P<before>(?:[\w@/-]+ ){{0,3}}?)(?P<last>{'|'.join(sorted(TEAM | EVERYBODY))})\b{_THEN}"
    rf"|(?:SIG|WG)[ -][\w-]+{_THEN}",
    re.IGNORECASE,
)
_TEAM_WORDS = TEAM | EVERYBODY
_WORDS = COMMON | VERBS
_NO_TEAM = VERBS | (
    COMMON - {"all", "new", "other", "project", "security", "release", "docs", "test", "open", "key"}
)
_ALSO_NAMES = {"mark", "grant", "bill", "drew", "chase", "rob", "pat", "rich", "jack", "frank", "art", "sue"}
_DOES = re.compile(
    r"(?:(?:,? and |, | ?[&/+] ?)[^\W\d_a-z][\w'\u2019-]*(?: [^\W\d_a-z][\w'\u2019-]*)?){0,5}"
    r" (?:to|will|should|must|shall|needs? to) (?:also |please )?(?P<verb>[a-z]+)\b"
)
"""What only a name stands before, and perhaps further ones behind it."""
_LABELS = re.compile(r"\s*:\s|\s*$")
_NO_NAME = re.compile(r"\w{3,}(?:ing|tion|tions|ment|ments|ness|ity|ize|ise|ify|ably|ously|ally)")
_AND = re.compile(r"(?:\s*,\s+|\s+)(?:and|or)\s+|\s*[,&+/]\s*")
_IN_LIST = re.compile(r"(?:,|,? and) (?!the\b)[A-Z@][\w-]+(?:,| and | to | will )")
"""Behind a name that is also an article, in a list of names: `Tom, Una, Vic and Wes`."""
_CLOSED = re.compile(r"[\[(<]@?([^\[\]()<>]{1,60})[\])>]")
_FURTHER = re.compile(r" (\w[\w.-]*(?:['\u2019](?!ll\b)[\w.-]*)*)")
_NEXT_HANDLE = re.compile(r"\s+(?=@\w)")
_OTHERS = re.compile(r"(?:the )?(?:others|rest)\b")
_AFFILIATION = re.compile(r" (?:\((?:@[\w-]+|[^()]{1,30})\)|\[[^\[\]]{1,30}\])(?= )")
_LETTER = re.compile(r"[^\W\d_]")
_LISTED_AS = re.compile(r"[^:]{1,40}:\s+")
_TITLE = re.compile(
    r"(?:(?:Mrs?|Ms|Dr|Prof|Hr|Fr|Bgm|GR|M|Mme|Mlle|Sr|Sra)\.? "
    r"|(?:Herrn?|Frau|Professor|Senator|Provost|Dean|Mayor|Chair|Commissioner|President"
    r"|Councill?ors?|Council ?members?|City (?:Manager|Attorney|Clerk)) )+"
)
_CALLED_ON = re.compile(r"(?:#action|ACTION:?|\[action\]|AI:?) ([a-z][\w.-]{1,24})(?= to |:)")
_SPEAKS = 2  # lines that begin with a name before it counts as a speaker
_FULL_NAME_MAX = 40  # characters


@dataclass
class People:
    """The people that a text names, in small letters, and the words that it writes small: these are none."""

    known: set[str] = field(default_factory=set)
    small: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, lines: Iterable[Line], listed: Iterable[str] = ()) -> People:
        """Reads all of the text; `listed` are the lines of those who were there."""
        people, speakers, words = cls(), Counter[str](), set[str]()
        for line in lines:
            text = line.text
            words.update(text.split())
            if line.speaker:
                people.known.add(line.speaker.lower())
            for name in _CALLED_ON.findall(text) if _calls(text) else ():
                if name.lower() not in _WORDS:
                    people.known.add(name.lower())
            if "@" in text:
                people.known.update(name.lower() for name in _AT.findall(text))
                for name, handle in _WITH_HANDLE.findall(text):
                    people._add(name)
                    people.known.add(handle.lower())
            if (":" in text or "]" in text) and (speaker := _SPEAKER.match(text)) and _is_capital(speaker[1]):
                speakers[speaker[1].lower()] += 1
        people.small.update(_LOWER.findall(" ".join(words)))
        for name, count in speakers.items():
            if count >= _SPEAKS and not set(name.split()) & COMMON and name not in people.small:
                people.known.add(name)
        for entry in listed:
            for name in _BETWEEN.split(_BRACKETS.sub(",", _LISTED_AS.sub("", entry))):
                people._add(_TITLE.sub("", name.strip(" *_")))
        return people

    def _add(self, name: str) -> None:
        words = name.strip(" *_-:.").lower().split()
        if 2 <= len(words) <= 4 and words[0] in ALSO_NAMES and not set(words[1:]) & COMMON:
            self.known.update((" ".join(words), words[-1]))  # "Will Smith", and not "will"
        elif (
            1 <= len(words) <= 4 and not set(words) & COMMON and _is_nameish(name.strip(" *_-:.").split()[0])
        ):
            self.known.add(" ".join(words))
            self.known.add(words[0])
            if len(words) > 1 and name[:1].isupper() and words[-1].isalpha():
                self.known.add(words[-1])

    def is_known(self, word: str) -> bool:
        return word.lower() in self.known


@dataclass(frozen=True)
class Names:
    """People at the beginning of a text, which ends at `end`; `sure` that nothing else is written so."""

    names: tuple[str, ...]
    end: int
    sure: bool


def names_at(text: str, start: int, people: People, *, lax: bool = False) -> Names | None:
    """The people that the text names from `start` on, one or a list; `lax` in what is known to be an item."""
    names: list[str] = []
    sure, end, at = True, start, start
    while len(names) < NAMES_MAX:
        one = _name_at(text, at, people, lax=lax)
        if one is None:
            break
        name, end, certain = one
        names += owners(name) if text[at] in "[(<" else [name]
        sure = sure and certain
        between = _AND.match(text, end) or (_NEXT_HANDLE.match(text, end) if text[at] == "@" else None)
        if between is None:
            break
        at = between.end()
        if others := _OTHERS.match(text, at):
            end = others.end()
            break
    return Names(tuple(names), end, sure) if names else None


def called(text: str, people: People) -> Names | None:
    """The people at its beginning if the first has a name that is also another word: `Will to send it`."""
    names = names_at(text, 0, people, lax=True)
    is_also = names is not None and names.names[:1] and names.names[0].split()[0].lower() in ALSO_NAMES
    return replace(names, sure=True) if names is not None and is_also else None


def owners(said: str) -> tuple[str, ...]:
    """The people in a field that holds nothing else: a cell, or what stands in brackets after `AI`."""
    said = re.sub(r"\s*\([^()]*\)", "", said.strip(" *_[]()<>:-\u2013\u2014."))
    names = (name.strip(" *_[]()<>.:").removeprefix("@") for name in re.split(r"[,;/&+]|\band\b", said))
    found = [
        name for name in names if name.lower() not in NOBODY and len(name) <= 80 and _LETTER.search(name)
    ]
    if "@" in said and "/" in said and re.match(r"@[\w-]+/[\w-]+$", said):
        return (said.removeprefix("@"),)
    return tuple(found[:NAMES_MAX])


def titled(text: str) -> bool:
    """Whether it begins with somebody's title: `Herr Lohse ...`, `Mme Aubertin ...`."""
    found = _TITLE.match(text)
    return found is not None and text[found.end() : found.end() + 1].isupper()


def is_name(said: str, people: People, *, lax: bool = False) -> bool:
    """Whether the whole text is names of people."""
    found = names_at(said, 0, people, lax=lax)
    return found is not None and not said[found.end :].strip(" .:,")


def _name_at(text: str, at: int, people: People, *, lax: bool) -> tuple[str, int, bool] | None:
    token = _TOKEN.match(text, at)
    if token is None:
        return None
    word = token[0]
    if word[0] == "@" and len(word) > 1:
        full = _mentioned(text, token.end()) if _is_capital(word[1]) else ""
        end = token.end() + len(full)
        called = _AFFILIATION.match(text, end)  # "@bob (Bob Smith) ..."
        return word[1:] + full, called.end() if called and _is_capital(text[end + 2]) else end, True
    if "@" in word:
        return word, token.end(), True
    if word in "[(<" and (closed := _CLOSED.match(text, at)):
        inner = closed[1].strip()
        is_one = is_name(inner, people, lax=True) or _is_also_name(text, inner, closed.end())
        return (inner, closed.end(), True) if is_one else None
    if not word[0].isalpha():
        return None
    return _team_at(text, at) or _person_at(text, token, people, lax=lax)


def _mentioned(text: str, end: int) -> str:
    """The rest of a full name after an @, as chats show it: `@Ana Silva to send the numbers`."""
    begin = end
    while (following := _FURTHER.match(text, end)) and end - begin < _FULL_NAME_MAX:
        if not (_is_capital(following[1]) and _is_nameish(following[1])):
            break
        end = following.end()
    return text[begin:end].rstrip(".'\u2019-")


def _person_at(text: str, token: re.Match[str], people: People, *, lax: bool) -> tuple[str, int, bool] | None:
    words, end = [token[0]], token.end()
    while len(words) < 4 and (following := _FURTHER.match(text, end)):
        word = following[1]
        longer = " ".join([*words, word]).lower()
        # Where a script has no capitals, nothing tells a surname from the next word.
        if not (longer in people.known or (word[0].isupper() and _is_nameish(word)) or word in _PARTICLES):
            break
        words.append(word)
        end = following.end()
    while words and words[-1] in _PARTICLES:
        end -= len(words.pop()) + 1
    article = bool(words) and words[0].lower() in ARTICLES and words[0][0].isupper()
    if not words or (article and not _IN_LIST.match(text, token.end())):
        return None
    name = " ".join(words).rstrip(".")
    first = words[0].rstrip(".")
    affiliation = _AFFILIATION.match(text, end)
    end = affiliation.end() if affiliation else end
    if people.is_known(name) or (people.is_known(first) and _is_capital(first)):
        return name, end, True
    if people.is_known(first) and first.lower() not in _WORDS:
        return name, end, True
    if first in GIVEN:
        return name, end, True
    if not _is_nameish(first):
        return (name, end, False) if lax and _is_also_name(text, first, end) else None
    if _is_capital(first) or (lax and first in _PARTICLES and _is_capital(words[-1])):
        acronym = len(first) > 2 and first.isupper()
        if len(words) > 1 and not acronym:
            return name, end, True
        common = first.lower() in people.small or acronym
        return (name, end, not common) if lax or not common else None
    if lax and len(words) == 1 and _HANDLE.fullmatch(first):
        return name, end, False
    return None


def _is_also_name(text: str, word: str, end: int) -> bool:
    """Whether it is somebody's name here: `Will to send it`, `Said: call Bo`."""
    small = word.lower()
    if small not in ALSO_NAMES or not _is_capital(word):
        return False
    does = _DOES.match(text, end)
    return (does is not None and does["verb"] in VERBS) or (
        small not in ALSO_TIMES and _LABELS.match(text, end) is not None
    )


def _team_at(text: str, at: int) -> tuple[str, int, bool] | None:
    """`SIG Network`, `the steering committee`, `all chairs`, `everyone`, where it follows what they do."""
    found = _TEAM.match(text, at) if _has_team(text) else None
    if found is None:
        return None
    if found["last"]:
        before = found["before"].lower().split()
        if set(before) & _NO_TEAM or (found["last"].lower() in EVERYBODY - TEAM and before):
            return None
    return text[at : found.end()].removeprefix("The ").removeprefix("the "), found.end(), True


@lru_cache(LINES_KEPT)
def _has_team(text: str) -> bool:
    """Whether a word of a team stands anywhere in the text: most lines have none."""
    small = text.lower()
    if "sig" in small or "wg" in small:
        return True
    return not _TEAM_WORDS.isdisjoint(small.replace(":", " ").split())


def _calls(text: str) -> bool:
    return "AI" in text or "ACTION" in text or "action" in text


def _is_capital(word: str) -> bool:
    first = word[0]
    return first.isupper() or (first.isalpha() and not first.islower())


def _is_nameish(word: str) -> bool:
    small = word.lower().rstrip(".'\u2019")
    base, apostrophe, _ = small.replace("\u2019", "'").partition("'")
    if apostrophe and (base in COMMON or base == "let"):
        return False
    if small in ENDED_NAMES:
        return _is_capital(word)
    if small in COMMON or small in INFLECTED or word[:1].isdigit() or _NO_NAME.fullmatch(small):
        return False
    return small not in VERBS or (small in _ALSO_NAMES and _is_capital(word))
