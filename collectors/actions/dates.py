"""By when something is due: the forms that say so, and the text without them; what is not sure is no date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo

from dateparser.date import DateDataParser

from collectors.actions.days import ASIDE, ENGLISH, LANGUAGES, NEAR, PLAIN, Order, spoken
from models.base import YEARS, format_instant

_DAY = r"\d{4}-\d\d-\d\d"
_ISO = rf"{_DAY}(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?"
_HOUR = r"(?:(?:1[0-2]|0?[1-9])(?::[0-5]\d)? ?[ap]m|(?:[01]?\d|2[0-3]):[0-5]\d|noon)"
_CLOCK = rf"(?:(?:,? at |,? )(?P<clock{{0}}>{_HOUR}))?"
_MARKS = "📅🗓⏫🔺🔼🔽⏬\N{HEAVY PLUS SIGN}⏳🛫🔁"
_OVER = rf"(?![\w/'\u2019]|[-.:]\w|\s+\d\d?:\d)(?=\s*(?:$|[.;:!)\]}}#{_MARKS}]|(?:and|then) (?-i:[a-z])|[-\u2013\u2014(] ?[@(]|[-\u2013\u2014(] ?(?-i:[A-Z])))"
"""Nothing follows that could change it: what is due "by Friday or Monday" has no date."""
_EDGE = r"(?![\w/'\u2019]|[-.:]\w)"
_SURE = r"(?<![\w-])(?<!not )(?<!was )(?<!were )(?<!longer )(?<!past )(?<!until )"
_LEAD = (
    r"(?:due(?: date)?:?(?: on| by)?|by|before|no later than|not later than|latest|deadline(?: is|:)?|eta:?|target:?)"
)
_TAIL_CHARS = 60

_MARKED = re.compile(
    r"(?:[📅🗓]\ufe0f?\s*|[\[(]?(?<![\w-])due(?: date)?::?\s*|@due\(\s*|@\{\s*|@\[\[|\[\[(?=[-\d]{10}\]\]\s*$)"
    r"|(?<![\w-])deadline:\s*<?)"
    rf"(?:(?P<iso>{_ISO}){_EDGE}(?: [A-Za-z]{{3}})?>?|(?P<named>{ENGLISH}){_CLOCK.format(1)}{_OVER}|(?P<odd>\S*))\s*(?:\]\]|[\])}}])?",
    re.IGNORECASE,
)
_PHRASE = re.compile(
    rf"\((?:by )?(?P<near>{NEAR}){_CLOCK.format(2)}\)"
    rf"|{_SURE}{_LEAD} (?:(?P<iso>{_ISO}){_EDGE}|(?:(?P<first>{_HOUR}),? (?:on )?)?(?P<named>{ENGLISH}){_CLOCK.format(1)}{_OVER})",
    re.IGNORECASE,
)
_AT_BEGIN = r"(?=,? +(?!(?:or|and|to|through|until)\b)(?-i:[a-z]))"
_BEGIN = re.compile(
    rf"{_LEAD} (?:(?P<iso>{_ISO})|(?:(?P<first>{_HOUR}),? (?:on )?)?(?P<named>{ENGLISH}){_CLOCK.format(1)}){_AT_BEGIN}",
    re.IGNORECASE,
)
_FOREIGN_PHRASE = "|".join(language.phrase() for language in LANGUAGES.values())
_FOREIGN = re.compile(rf"(?<![\w-])(?:{_FOREIGN_PHRASE}){_OVER}", re.IGNORECASE)
_FOREIGN_BEGIN = re.compile(rf"(?:{_FOREIGN_PHRASE}){_AT_BEGIN}", re.IGNORECASE)
_FOREIGN_LEAD = re.compile(
    rf"(?<![\w-])(?:{'|'.join(language.lead for language in LANGUAGES.values())})", re.IGNORECASE
)
_TAIL = re.compile(
    rf"(?:(?<=\s)|^|[(\[])(?:(?P<lead>on|for|this|at|til|till) )?"
    rf"(?:(?P<iso>{_DAY})|(?P<named>{PLAIN}){_CLOCK.format(1)})[)\]]?[.!]?$",
    re.IGNORECASE,
)
_NO_TAIL = re.compile(
    r"(?:\b(?:of|since|from|last|until|after|between|and|or|to|the|was|were|on|at|in|is|as|next|version|v|pr|issue|#)|[-/&+])$",
    re.IGNORECASE,
)
_ASIDE = re.compile(rf"(?<![\w-])(?P<named>{ASIDE})(?![\w'\u2019-])(?! \(\w)", re.IGNORECASE)
_EMPTY = re.compile(r"\(\s*\)|\[\s*\]|<\s*>")
_VAGUE = re.compile(r"(?<![\w-])(?:(?:by|before|at|for|until) )?(?:the )?next (?:meeting|call|sync|week['\u2019]s (?:meeting|call)|time|one|sprint|release|session)(?!\w)", re.IGNORECASE)


@dataclass(frozen=True)
class Due:
    """`at` is a date or an instant, as the wire writes it; `rest` is the text without what says so, `bare`
    also without what is no sure date; `relative` tells that another day of writing would make it another
    date; `doubt` is for people; `said` is how the text puts it."""

    at: str | None
    rest: str
    bare: str
    relative: bool = False
    doubt: str = ""
    said: str = ""


@dataclass(frozen=True)
class _Found:
    match: re.Match[str]
    said: str
    clock: str = ""
    language: str = "en"

    def at(self, day: date, zone: tzinfo, order: Order | None) -> str | None:
        if re.match(_DAY, self.said):
            return _exact(self.said, zone)
        found = spoken(self.said.lower(), day, order, self.language)
        if found is None or not self.clock:
            return found.isoformat() if found else None
        moment = _moment(self.clock.lower())
        return _wire(datetime.combine(found, moment, zone)) if moment is not None else None

    @property
    def relative(self) -> bool:
        return re.search(r"\d{4}", self.said) is None


def written_at(text: str, zone: tzinfo) -> str | None:
    """An ISO 8601 date or time as the wire writes it; a time without a zone is by the clock of `zone`."""
    return _exact(text, zone) if re.fullmatch(_ISO, text) else None


def due(text: str, day: date, zone: tzinfo, order: Order | None = None) -> Due:
    """By when what the text says is due, if it was written on `day`; the clock is that of `zone`."""
    found = _marked(text) or _phrases(text) or _tail(text, day, zone, order)
    if not found:
        return _aside(text, day, zone)
    bare = _without(text, [one.match for one in found])
    dates = {one.at(day, zone, order) if one.said else None for one in found}
    said = found[0].match[0].strip()
    if len(dates) > 1:
        return Due(None, text, bare, doubt="it has more than one due date", said=said)
    (at,) = dates
    if at is None:
        return Due(None, text, bare, doubt=f"{said!r} is no sure date", said=said)
    return Due(at, bare, bare, any(one.relative for one in found if one.said), said=said)


def _aside(text: str, day: date, zone: tzinfo) -> Due:
    """A day in the middle of a sentence stays there: the sentence would not stand without it."""
    found = list(_ASIDE.finditer(text))
    if len(found) == 1:
        one = _Found(found[0], found[0]["named"])
        return Due(one.at(day, zone, None), text, _without(text, found), relative=True, said=one.said)
    vague = _VAGUE.search(text)
    return Due(None, text, text, said=vague[0] if vague else "")


def _marked(text: str) -> list[_Found]:
    return [
        _Found(match, match["iso"] or match["named"] or "", match["clock1"] or "")
        for match in _MARKED.finditer(text)
    ]


def _phrases(text: str) -> list[_Found]:
    found = [
        _Found(
            match,
            match["iso"] or match["named"] or match["near"],
            match["first"] or match["clock1"] or match["clock2"] or "",
        )
        for match in _PHRASE.finditer(text)
    ]
    begin = _BEGIN.match(text)
    if begin and not found:
        found = [_Found(begin, begin["iso"] or begin["named"], begin["first"] or begin["clock1"] or "")]
    if found or not _FOREIGN_LEAD.search(text):
        return found
    begin = _FOREIGN_BEGIN.match(text)
    for match in [begin] if begin else _FOREIGN.finditer(text):
        language = match.lastgroup or ""
        found.append(_Found(match, match[language], language=language))
    return found


def _tail(text: str, day: date, zone: tzinfo, order: Order | None) -> list[_Found]:
    """A day at the end of the line, without a word that says what it is: only if it is sure, and to come."""
    start = max(0, len(text) - _TAIL_CHARS)
    match = _TAIL.search(text, start)
    if match is None or not text[: match.start()].strip() or _NO_TAIL.search(text[start : match.start()].rstrip()):
        return []
    found = _Found(match, match["iso"] or match["named"], match["clock1"] or "")
    at = found.at(day, zone, order)
    return [found] if at is not None and at[:10] >= day.isoformat() else []


def _without(text: str, matches: list[re.Match[str]]) -> str:
    for match in reversed(matches):
        text = f"{text[: match.start()].rstrip()} {text[match.end() :].lstrip()}"
    text = " ".join(_EMPTY.sub("", text).split())
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
    settings = {"RELATIVE_BASE": datetime(2000, 1, 1)}
    found = DateDataParser(languages=["en"], settings=settings).get_date_data(clock).date_obj
    return found.time() if isinstance(found, datetime) else None
