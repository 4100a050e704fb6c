"""Sentences in which several people each have something to do: `Bob will send it and Ana books the room`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from collectors.actions.clauses import does as acts
from collectors.actions.lines import Line
from collectors.actions.outline import Place
from collectors.actions.patterns import APOSTROPHE, has_any
from collectors.actions.people import People, names_at
from collectors.actions.words import VERBS

_JOINT = re.compile(r"(?:;|\.|,? (?:and|&|while|whereas)|,)(?: then| also)? (?=[@\[\w])")
_AT_END = re.compile(r"(?:;|\.|,? (?:and|&|while|whereas)|,)(?: then| also)? *$")
_OBJECT = r"(?=(?:the|an?|it|them|this|that|up|out|with|his|her)\b)"
_DOES = re.compile(
    rf"(?:(?P<to> to)| (?:will|shall|should|must|needs to|is to|is going to|agreed to)|{APOSTROPHE}ll)"
    rf" (?:also |then )?(?P<verb>[a-z]+)\b| (?P<third>[a-z]+s) {_OBJECT}"
)
_SIGNS = (" and ", " & ", "; ", ". ", ", ", " while ", " whereas ")
_ACTING = (
    *(
        " to ",
        " will ",
        " shall ",
        " should ",
        " must ",
        "'ll ",
        "\u2019ll ",
        "s the ",
        "s a ",
        "s an ",
        "s it",
    ),
    *("s th", "s up", "s out", "s with", "s his", "s her"),
)
"""One of these stands in whatever has a clause of somebody."""
_MARK = re.compile(r"(?:[^:\]]{1,30}:|TODO|ACTION|AI)\s+")
_PIECES_MAX = 10
_NAME_CHARS = 40  # before a joint, in which a name may stand
_THIRD = ((re.compile(r"ies$"), "y"), (re.compile(r"(?<=[sxzho])es$"), ""), (re.compile(r"s$"), ""))


def taken_apart(
    lines: Sequence[Line], places: Sequence[Place], people: People
) -> Iterator[tuple[Line, Place, Line | None]]:
    """The lines and their places; with the first part of a line the whole one, as it was read before."""
    for line, place in zip(lines, places, strict=True):
        for number, one in enumerate(_parts(line, people)):
            yield one, place, line if number == 0 and one is not line else None


def _parts(line: Line, people: People) -> Iterator[Line]:
    """The line; one in which several people each have something to do is a line for each of them, all with
    the mark before the first: the same number, and the same quotation."""
    text = line.text
    if line.level or line.cells or line.row or not (has_any(text, _SIGNS) and has_any(text, _ACTING)):
        yield line
        return
    mark = _MARK.match(text)
    begin = mark.end() if mark else 0
    end, said = _clause(text, begin, people)
    if end == 0:
        begin, (end, said) = 0, _clause(text, 0, people)
    clauses: list[str] = []
    for joint in _JOINT.finditer(text, end) if end else ():
        if joint.start() < end or len(clauses) == _PIECES_MAX:
            continue
        before = text[max(end, joint.start() - _NAME_CHARS) : joint.start()]
        after, further = _clause(text, joint.end(), people, before)
        if after:
            clauses.append(said + _AT_END.sub("", text[end : joint.end()]))
            end, said = after, further
    if not clauses:
        yield line
        return
    for clause in [*clauses, said + text[end:]]:
        yield replace(line, text=text[:begin] + clause)


def _clause(text: str, start: int, people: People, before: str = "") -> tuple[int, str]:
    """Where the verb ends of what somebody does who is named there, and the words up to it; 0 if nobody does.
    `before` is the clause that stands before it."""
    names = names_at(text, start, people)
    does = _DOES.match(text, names.end) if names is not None and names.sure else None
    if names is None or does is None or (does["to"] and _ends_with_name(before)):
        return 0, ""  # "to meet Ana and Bob to agree on it"
    verb = does["verb"] or _infinitive(does["third"])
    if not acts(verb):
        return 0, ""
    whole = text[start : does.end()]
    return does.end(), whole if does["verb"] else f"{text[start : names.end]} will {verb} "


def _ends_with_name(text: str) -> bool:
    word = text.rsplit(" ", 1)[-1]
    return word[:1].isupper() or word[:1] == "@"


def _infinitive(third: str) -> str:
    found = (end.sub(instead, third) for end, instead in _THIRD if end.search(third))
    return next((verb for verb in found if verb in VERBS), "")
