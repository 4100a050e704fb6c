"""Finds due dates in a text, and the text without them; an uncertain date is none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo

from collectors.actions.days import ASIDE, ENGLISH, LANGUAGES, NEAR, PLAIN, spoken
from collectors.actions.eastern import eastern, eastern_days
from collectors.actions.numeric import Order
from collectors.actions.patterns import APOSTROPHE, any_of
from models.base import YEARS, format_instant

_DAY = r"\d{4}-\d\d-\d\d"
_ISO = rf"{_DAY}(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?"
_HOUR = r"(?:(?:1[0-2]|0?[1-9])(?::[0-5]\d)? ?[ap]m|(?:[01]?\d|2[0-3]):[0-5]\d|noon)"
_CLOCK = rf"(?:(?:,? at |,? )(?P<clock>{_HOUR}))?"
_MARKS = "📅🗓⏫🔺🔼🔽⏬\N{HEAVY PLUS SIGN}⏳🛫🔁"
_ENDS = any_of(
    "$",
    rf"[.;:!)\]}}#{_MARKS}]",
    r"(?:and|then) (?-i:[a-z])",
    r"(?:thx|thanks|thank you|please|pls|ty)\b",
    r"[-\u2013\u2014(] ?[@(]",
    r"[-\u2013\u2014(] ?(?-i:[A-Z])",
)
_EDGE = r"(?![\w/'\u2019]|[-.:]\w)"
_OVER = rf"(?![\w/'\u2019]|[-.:]\w|\s+\d\d?:\d)(?=\s*{_ENDS})"
"""Nothing that could change the date follows: "by Friday or Monday" is no date."""
_SURE = r"(?<![\w-])(?<!not )(?<!was )(?<!were )(?<!longer )(?<!past )(?<!until )"
_LEAD = any_of(
    *("due(?: date)?:?(?: on| by)?", "by", "before", "no later than", "not later than", "latest"),
    *("deadline(?: is|:)?", "eta:?", "target:?"),
)
_DATE_CHARS = 20  # of a day without its weekday
_CLOSING = (")", "]", "\uff09")
_TAIL_CHARS = 60  # at the end of a line, in which a date is searched
_BEFORE_OTHER_DAYS = (
    *("of", "since", "from", "last", "until", "after", "between", "and", "or", "to", "the", "was", "were"),
    *("on", "at", "in", "is", "as", "next", "version", "v", "pr", "issue", "overdue", "due", r"\w*by"),
)

_MARK = any_of(
    *(r"[📅🗓]\ufe0f?\s*", r"[\[(]?(?<![\w-])due(?: date)?::?\s*", r"@due\(\s*", r"@\{\s*", r"@\[\["),
    *(r"\[\[(?=[-\d]{10}\]\]\s*$)", r"(?<![\w-])deadline:\s*<?"),
)
_AFTER_DAY = r"(?: [^\W\d_]{2,4}\.?)?(?: \d\d:\d\d)?(?: [.+]?\+\d+[hdwmy])?(?: -\d+[dwmy])?>"  # in Org
_STAMP = rf"(?P<iso>{_ISO}){_EDGE}(?:{_AFTER_DAY})?"
_MARKED = re.compile(
    rf"{_MARK}(?:{_STAMP}|(?P<named>{ENGLISH}){_CLOCK}{_OVER}|(?P<odd>\S*))\s*(?:\]\]|[\])}}])?",
    re.IGNORECASE,
)
_NEAR = re.compile(rf"\((?:by )?(?P<named>{NEAR}){_CLOCK}\)", re.IGNORECASE)
_NAMED = rf"(?:(?P<first>{_HOUR}),? (?:on )?)?(?P<named>{ENGLISH}){_CLOCK}"
_PHRASE = re.compile(
    rf"{_SURE}{_LEAD} (?:(?P<iso>{_ISO}){_EDGE}|{_NAMED}{_OVER}|(?P<hour>{_HOUR}){_OVER})", re.IGNORECASE
)
_AT_BEGIN = r"(?=,? +(?!(?:or|and|to|through|until)\b)(?-i:[a-z]))"
_BEGIN = re.compile(rf"{_LEAD} (?:(?P<iso>{_ISO})|{_NAMED}|(?P<hour>{_HOUR})){_AT_BEGIN}", re.IGNORECASE)
_FOREIGN_PHRASE = "|".join(language.phrase() for language in LANGUAGES.values())
_FOREIGN = re.compile(rf"(?<![\w-])(?:{_FOREIGN_PHRASE}){_OVER}", re.IGNORECASE)
_FOREIGN_BEGIN = re.compile(
    rf"(?:{_FOREIGN_PHRASE})(?=,? +(?!(?:oder|und|bis|ou|et|o|y|e|of|en|lub|i|eller)\b)[^\W\d_])",
    re.IGNORECASE,
)
_FOREIGN_ALONE = re.compile(
    rf"(?:(?<=\s)|^)(?:{'|'.join(language.alone() for language in LANGUAGES.values())})\.?$", re.IGNORECASE
)
_FOREIGN_BRACKETS = re.compile(
    rf"[(\[\uff08](?:{'|'.join(language.bracketed() for language in LANGUAGES.values())})[)\]\uff09]\.?$",
    re.IGNORECASE,
)
_FOREIGN_LEAD = re.compile(
    rf"(?<![\w-])(?:{'|'.join(language.lead for language in LANGUAGES.values())})", re.IGNORECASE
)
_TAIL = re.compile(
    rf"(?:(?<=\s)|^|[(\[\uff08])(?:(?:on|for|this|at|til|till) )?"
    rf"(?:(?P<iso>{_DAY})|(?P<named>{PLAIN}){_CLOCK})[)\]\uff09]?[.!]?$",
    re.IGNORECASE,
)
_NO_TAIL = re.compile(
    rf"(?:\b{any_of(*_BEFORE_OTHER_DAYS)}|(?<!\s)-|[/&+:#])$",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    rf"(?<![\w-])(?P<named>{ASIDE})(?![\w'\u2019-])(?! \(\w)(?! (?:is|are|was|will)\b)", re.IGNORECASE
)
_CUE = re.compile(
    any_of(
        *(
            r"[\d📅🗓]",
            r"\bdue",
            r"day\b",
            "tonight",
            r"\bnoon",
            r"\b(?:early|mid|late|beginning|start|middle)\b",
            "tomorrow",
            r"\btmrw?\b",
            "week",
            "month",
            "year",
            r"\beo[dwmqy]\b",
            r"\bcob\b",
        ),
        *("close of", "end of", r"\bnext\b", r"[@\[]\{", "@due", r"\b(?:mon|tues?|wed|thur?s?|fri)\b"),
    ),
    re.IGNORECASE,
)
_EMPTY = re.compile(r"\(\s*\)|\uff08\s*\uff09|\[\s*\]|<\s*>")
_PAIRS = (("(", ")"), ("\uff08", "\uff09"), ("[", "]"))
_VAGUE = re.compile(
    r"(?<![\w-])(?:(?:by|before|at|for|until) )?(?:the )?next "
    + any_of(
        *("meeting", "call", "sync", "time", "one", "sprint", "release", "session"), f"week{APOSTROPHE}s"
    )
    + r"(?!\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Due:
    """`at` is a date or an instant, as on the wire; `rest` is the text without the words for it, `bare` also
    without words that are no definite date; `relative`: written on another day, it would be another date;
    `doubt` is for people; `said` is how the text puts it; `plain`: words say that it is by when."""

    at: str | None
    rest: str
    bare: str
    relative: bool = False
    doubt: str = ""
    said: str = ""
    plain: bool = False


@dataclass(frozen=True)
class _Found:
    match: re.Match[str]
    said: str
    clock: str = ""
    language: str = "en"

    def at(self, day: date, zone: tzinfo, order: Order | None) -> str | None:
        if re.match(_DAY, self.said):
            return _exact(self.said, zone)
        said = self.said.lower()
        if self.language == "eastern" and re.match(_DAY, said := eastern(said, day)):
            return said
        found = spoken(said, day, order, "en" if self.language == "eastern" else self.language)
        if found is None or not self.clock:
            return found.isoformat() if found else None
        moment = _moment(self.clock.lower())
        return _wire(datetime.combine(found, moment, zone)) if moment is not None else None

    @property
    def relative(self) -> bool:
        return re.search(r"\d{4}|\d[/.-] ?\d\d?[/.-] ?\d\d", self.said) is None


def written_at(text: str, zone: tzinfo) -> str | None:
    """An ISO 8601 date or time as the wire writes it; a time without a zone is by the clock of `zone`."""
    return _exact(text, zone) if re.fullmatch(_ISO, text) else None


def due(text: str, day: date, zone: tzinfo, order: Order | None = None) -> Due:
    """The due date that the text states, if it was written on `day`; times are in `zone`."""
    if not (
        _CUE.search(text) or _FOREIGN_LEAD.search(text) or text.endswith(_CLOSING) or any(eastern_days(text))
    ):
        return Due(None, text, text)
    plainly = _marked(text) or _phrases(text)
    found = plainly or _tail_abroad(text, day, zone) or _tail(text, day, zone, order)
    if not found:
        return _aside(text, day, zone)
    bare = _without(text, [one.match for one in found])
    dates = {one.at(day, zone, order) if one.said else None for one in found}
    said = found[0].match[0].strip()
    if len(dates) > 1:
        return Due(None, text, bare, doubt="it has more than one due date", said=said, plain=bool(plainly))
    (at,) = dates
    if at is None:
        doubt = f"{said!r} is not a definite date"
        return Due(None, text, bare, doubt=doubt, said=said, plain=bool(plainly))
    relative = any(one.relative for one in found if one.said)
    return Due(at, bare, bare, relative, said=said, plain=bool(plainly))


def _aside(text: str, day: date, zone: tzinfo) -> Due:
    """Keeps a day in the middle of a sentence, which would be incomplete without it."""
    found = list(_ASIDE.finditer(text))
    if len(found) == 1:
        one = _Found(found[0], found[0]["named"])
        return Due(one.at(day, zone, None), text, _without(text, found), relative=True, said=one.said)
    vague = _VAGUE.search(text)
    return Due(None, text, text, said=vague[0] if vague else "")


def _marked(text: str) -> list[_Found]:
    return [
        _Found(match, match["iso"] or match["named"] or "", match["clock"] or "")
        for match in _MARKED.finditer(text)
    ]


def _phrases(text: str) -> list[_Found]:
    found = [_Found(match, match["named"], match["clock"] or "") for match in _NEAR.finditer(text)]
    begin = _BEGIN.match(text)
    held = [one.match.span() for one in found]  # "(by Fri)", in which a phrase stands
    led = [one for one in _PHRASE.finditer(text) if not any(a <= one.start() < b for a, b in held)]
    led = led or ([begin] if begin else [])
    found += [
        _Found(
            match,
            match["iso"] or match["named"] or "today",
            match["first"] or match["clock"] or match["hour"] or "",
        )
        for match in led
    ]
    if found:
        return found
    east = [
        _Found(match, match["after"] or match["before"] or match["alone"], language="eastern")
        for match in eastern_days(text)
    ]
    if east or not _FOREIGN_LEAD.search(text):
        return east
    begin = _FOREIGN_BEGIN.match(text)
    return list(_abroad([begin] if begin else _FOREIGN.finditer(text)))


def _abroad(matches: Iterable[re.Match[str]]) -> Iterator[_Found]:
    for match in matches:
        if language := match.lastgroup:
            yield _Found(match, match[language], language=language)


def _tail(text: str, day: date, zone: tzinfo, order: Order | None) -> list[_Found]:
    """A day at the end of the line without a preposition: only if it is certain and in the future."""
    start = max(0, len(text) - _TAIL_CHARS)
    match = _TAIL.search(text, start)
    if (
        match is None
        or not text[: match.start()].strip()
        or _NO_TAIL.search(text[start : match.start()].rstrip())
    ):
        return []
    found = _Found(match, match["iso"] or match["named"], match["clock"] or "")
    at = found.at(day, zone, order)
    return [found] if at is not None and at[:10] >= day.isoformat() else []


def _tail_abroad(text: str, day: date, zone: tzinfo) -> list[_Found]:
    """The same in other languages: with its weekday, or in brackets."""
    start = max(0, len(text) - _TAIL_CHARS)
    match = None
    if text.endswith(_CLOSING):
        match = _FOREIGN_BRACKETS.search(text, start)
    elif any(map(str.isdigit, text[-_DATE_CHARS:])):
        match = _FOREIGN_ALONE.search(text, start)
    if match is None or not text[: match.start()].strip():
        return []
    return [one for one in _abroad([match]) if (at := one.at(day, zone, None)) and at >= day.isoformat()]


def _without(text: str, matches: list[re.Match[str]]) -> str:
    for match in reversed(matches):
        text = f"{text[: match.start()].rstrip()} {text[match.end() :].lstrip()}"
    text = " ".join(_EMPTY.sub("", text).split())
    for opened, closed in _PAIRS:
        # "(Ana, 11/12)": the day took the bracket with it
        if opened in text and text.count(opened) == text.count(closed) + 1:
            text = text.rstrip(" ,;:\u3001") + closed
    text = re.sub(r"([.!?])(?: ?\.)+$", r"\1", text)
    return re.sub(r" (?=[.,;:!?)])", "", text).strip(" ,;:-\u2013\u2014")


def _exact(text: str, zone: tzinfo) -> str | None:
    try:
        if re.fullmatch(_DAY, text):
            day = date.fromisoformat(text)
            return text if day.year in YEARS else None
        moment = datetime.fromisoformat(text)
        return _wire(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        return None


def _wire(moment: datetime) -> str | None:
    text = format_instant(moment)
    return text if int(text[:4]) in YEARS else None


def _moment(clock: str) -> time | None:
    """`5 pm`, `17:00` or `noon`, as `_HOUR` has them."""
    if clock == "noon":
        return time(12)
    parts = re.match(r"(\d{1,2})(?::(\d\d))? ?([ap]m)?", clock)
    if parts is None:
        return None
    hour = int(parts[1])
    if parts[3]:
        hour = hour % 12 + (12 if parts[3] == "pm" else 0)
    return time(hour, int(parts[2] or 0))
