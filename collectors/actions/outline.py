"""The context of each line: its headings, its meeting, and the list it is in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from collectors.actions.lines import SOFT, Line
from collectors.actions.meetings import Meeting
from collectors.actions.sections import Section, section_of
from collectors.actions.words import COMMON, VERBS

_ACTION_CHARS = 160  # a longer paragraph is prose
_LABEL_CHARS = 80  # a longer line with a colon is a sentence, not a label
_LABEL = re.compile(r"[*_]{0,3}(?P<words>[^:]{2,80}?)[*_]{0,3}:[*_]{0,3}\s*(?P<rest>.*)")


_MARK = re.compile(
    r"[\W_]*(?:AI|AR|ACTION|Action(?: [Ii]tems?)?|TODO)\b"
    r"[\s:(\[-]*(?P<who>[^:()\[\]]{0,40})[)\]]?[:*_ ]*"
)
_ENDS = re.compile(
    r"(?:(?:meeting )?(?:adjourn|closed|ended)|parking lot|(?:date of )?next meeting|any other business|aob\b"
    r"|respectfully submitted|decisions?\b|nächste sitzung|prochaine réunion|próxima reunión|people present)",
    re.IGNORECASE,
)
_SENTENCE_WORDS = 7  # from this many words on, a line is taken for a sentence
_LISTS = (Section.ACTIONS, Section.NEXT, Section.REVIEW, Section.PEOPLE, Section.DONE)


_ACTS = re.compile(r"(?:(?P<who>@?\w\S*)(?: \S+){0,3}? to )?(?P<verb>[A-Za-z]+)\b")
_BEGINS_ITEM = VERBS - {"let", "look", "note", "see", "speak", "talk"}  # letters end with these


@dataclass(slots=True)
class Place:
    """`section` is the innermost that says something; `owner` whom the items of a list belong to, as written;
    `item` that the line is a whole item of its list, no further word on one; `heads` that it heads others;
    `behind` that a list of bullets has ended above it; `agenda` is the line of the agenda's heading where it
    stands right below one."""

    section: Section
    headings: tuple[str, ...]
    day: date | None
    item: bool = False
    heads: bool = False
    owner: str = ""
    agenda: int = 0
    behind: bool = False


@dataclass
class _Scope:
    """What a heading of a `level`, or a line that heads a list at an `indent`, says of the lines below."""

    section: Section
    level: int
    indent: int
    words: str
    owner: str = ""
    line: int = 0
    plain: bool = False
    ends: bool = False
    item_indent: int | None = None
    listed: bool | None = None
    behind: bool = False
    group: tuple[int, str] | None = None


def _is_named(text: str) -> bool:
    """Whether it may be the name of somebody whose items follow."""
    words = [word.lstrip("@*_[(") for word in text.split()]
    capital = all(word[:1].isalpha() and not word[:1].islower() for word in words)
    return len(words) <= 3 and (capital or text.startswith("@")) and words[0].lower() not in VERBS


def _is_handle(text: str, following: Line | None) -> bool:
    """Whether it is the handle that the lines below begin with, or says that nobody has them."""
    name = text.strip("*_").lower()
    if following is None or not name or " " in name:
        return False
    return name == "unassigned" or following.text.lower().startswith(name)


def _is_listed(line: Line) -> bool:
    return bool(line.bullet or line.box is not None or line.cells)


def _is_no_person(line: Line, scope: _Scope) -> bool:
    """Whether people are no longer listed: a numbered point, or a sentence."""
    numbered = line.bullet[:1].isdigit() and line.indent <= scope.indent and scope.listed is False
    return numbered or (len(line.text.split()) >= _SENTENCE_WORDS and "," not in line.text)


@dataclass
class Outline:
    """Walks the lines once, in order."""

    meetings: Sequence[Meeting]
    _headings: list[tuple[int, str, Section, int]] = field(default_factory=list)
    _above: tuple[str, ...] = ()  # the words of the headings, which many lines share
    _list: _Scope | None = None
    _day: tuple[int, date] | None = None
    _next: int = 0

    def places(self, lines: Sequence[Line]) -> list[Place]:
        """The context of each line."""
        found = []
        for number, line in enumerate(lines):
            self._enter_meeting(line)
            following = lines[number + 1] if number + 1 < len(lines) else None
            found.append(self._heading(line) if line.level else self._line(line, following))
        return found

    def _enter_meeting(self, line: Line) -> None:
        if self._next < len(self.meetings) and self.meetings[self._next].line == line.number:
            meeting = self.meetings[self._next]
            self._next += 1
            self._day = meeting.level, meeting.day
            if not line.level:
                self._list = None
        elif line.level and self._day is not None and line.level < self._day[0] < SOFT:
            self._day = None

    def _heading(self, line: Line) -> Place:
        level = line.level
        if level == SOFT and self._names_a_group(line.text):
            level += 1
        while self._headings and self._headings[-1][0] >= level:
            self._headings.pop()
        self._above = tuple(words for _, words, _, _ in self._headings)
        above = self._place(Section.OTHER)
        outer, section, owner = self._section(), section_of(line.text), ""
        mark = _MARK.fullmatch(line.text) if section is Section.OTHER else None
        if mark is not None and (who := mark["who"].strip()) and _is_named(who):
            section, owner = Section.ACTIONS, who  # "### ACTION: Bob"
        self._headings.append((level, line.text, section, line.number))
        self._above += (line.text,)
        self._list = None
        if section in _LISTS:
            self._list = _Scope(section, line.level, -1, line.text, owner)
        elif section is Section.OTHER and outer in _LISTS:
            self._list = _Scope(outer, line.level, -1, line.text, owner=line.text)
        above.heads = True
        return above

    def _names_a_group(self, text: str) -> bool:
        """Whether it is somebody, in bold as "Action items" right above is, or as the one before is."""
        if not self._headings or not _is_named(text) or not COMMON.isdisjoint(text.lower().split()):
            return False
        level, _, section, _ = self._headings[-1]
        begun = level == SOFT and section is Section.ACTIONS and self._list is not None
        return level == SOFT + 1 or (begun and self._list is not None and self._list.listed is None)

    def _line(self, line: Line, following: Line | None) -> Place:
        scope = self._list
        if scope is not None and not self._within(scope, line):
            scope = self._list = None
        head = self._heads(line, following)
        if head is not None:
            self._list = None if head.ends else head
            place = self._place(head.section)
            place.heads = True
            return place
        place = self._place(scope.section if scope else self._section())
        if scope is not None:
            self._in_list(scope, line, following, place)
            scope.behind |= scope.listed is True and line.blank_before and not _is_listed(line)
            place.behind = scope.behind and not _is_listed(line)
        return place

    def _in_list(self, scope: _Scope, line: Line, following: Line | None, place: Place) -> None:
        if scope.item_indent is None:
            scope.item_indent = line.indent
        flat = (
            not _is_listed(line)
            and line.text.endswith(":")
            and following is not None
            and bool(following.bullet)
        )
        if scope.group is not None and line.indent > scope.group[0] and not flat:
            place.owner, place.item = scope.group[1], True
            return
        scope.group, place.owner = None, scope.owner
        place.item = line.indent <= scope.item_indent
        deeper = following is not None and following.indent > line.indent and not following.level
        text = line.text.rstrip("*_ ")
        if (
            place.item
            and line.box is None
            and (deeper or flat)
            and len(text) <= _LABEL_CHARS
            and (text.endswith(":") or _is_named(text) or _is_handle(text, following))
        ):
            scope.group = (line.indent - (not deeper), text.strip("*_: "))
            place.heads = True

    def _within(self, scope: _Scope, line: Line) -> bool:
        listed = _is_listed(line)
        if not listed and _ENDS.match(line.text):
            return False
        if (
            scope.plain
            and scope.section is Section.PEOPLE
            and not scope.listed
            and _is_no_person(line, scope)
        ):
            return False
        if scope.indent >= 0 and not scope.plain:
            return line.indent > scope.indent
        if scope.listed is None:
            scope.listed = listed
            return True
        if scope.level and scope.level < SOFT:
            return True
        if scope.listed:
            return listed or line.indent > 0
        return not line.blank_before or (scope.section is Section.ACTIONS and _says_an_action(line.text))

    def _heads(self, line: Line, following: Line | None) -> _Scope | None:
        """The list that the line heads, if its words are those of a heading."""
        if line.cells or line.box is not None or len(line.text) > 200 or line.text[0] == "#":
            return None
        text = line.text.strip("*_ ")
        label = _LABEL.match(text) if ":" in text else None
        words = label["words"].strip("*_ ") if label else text
        section, owner = section_of(words), ""
        deeper = following is not None and following.indent > line.indent and not following.level
        if deeper and (mark := _MARK.fullmatch(line.text)) and (label or not mark["who"]):
            section, owner = Section.ACTIONS, mark["who"].strip()
        if section is Section.OTHER or (
            label and label["rest"] and section not in (Section.PEOPLE, Section.DONE)
        ):
            return None
        if label and label["rest"] and not deeper:
            return _Scope(section, 0, line.indent, words, ends=True)  # all of it stands on this line
        if not line.bullet:
            return _Scope(section, 0, line.indent, words, owner, line.number, plain=True)
        return _Scope(section, 0, line.indent, words, owner, line.number) if deeper or label else None

    def _section(self) -> Section:
        return next(
            (one for _, _, one, _ in reversed(self._headings) if one is not Section.OTHER), Section.OTHER
        )

    def _place(self, section: Section) -> Place:
        _, _, innermost, number = self._headings[-1] if self._headings else (0, "", Section.OTHER, 0)
        scope = self._list
        if scope is not None and scope.section is Section.AGENDA:
            innermost, number = scope.section, scope.line
        agenda = number if innermost is Section.AGENDA else 0
        return Place(section, self._above, self._day[1] if self._day else None, agenda=agenda)


def _says_an_action(text: str) -> bool:
    """Whether a paragraph further below is one more item: `Bob to send the deck`, `Review the budget`."""
    found = _ACTS.match(text) if len(text) <= _ACTION_CHARS else None
    if found is None or found["verb"].lower() not in _BEGINS_ITEM:
        return False
    return found["who"] is None or found["who"].lower() not in COMMON
