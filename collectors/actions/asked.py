"""Requests: `Could you send the numbers?`, `Can Ana please call Bo?`, `Please review it`."""

from __future__ import annotations

import re

from collectors.actions.clauses import ACT, IF, Said, does
from collectors.actions.patterns import APOSTROPHE, any_of, has_any
from collectors.actions.people import Names, People, names_at
from collectors.actions.words import words

_PLEAS = ("please", "pls", "plz", "kindly")
_PLEASE = any_of(*_PLEAS)
_ASKED = re.compile(rf"(?:^|(?<=[.!?:;,-] ))(?:pretty |so )?{_PLEASE}\s+(?P<what>[a-z]+\b.*)", re.IGNORECASE)
CALLED_PLEASE = re.compile(rf"[,:]?\s+{_PLEASE}\s+(?P<what>[A-Za-z]+\b.*)")
_YOU = re.compile(
    rf"(?:^|(?<=[.!?;:,-] )|(?<=\bso ))(?:can|could|would|will|won{APOSTROPHE}t)"
    rf" (?:you|u|ya|y'all|someone|somebody)(?: (?:guys|all))? (?:{_PLEASE} )?{ACT}",
    re.IGNORECASE,
)
_YOU_WORDS = ("you", " u ", " ya ", "y'all", "someone", "somebody")
_PLEASE_ABROAD = re.compile(
    r"(?:(?P<name>[A-Z][\w-]+), )?"
    + any_of(
        *(
            "bitte",
            f"merci (?:de |d{APOSTROPHE})",
            "veuillez",
            f"s{APOSTROPHE}il (?:te|vous) plaît",
            "por favor",
        ),
        *("per (?:favore|cortesia)", "graag", "proszę(?: o)?", "vänligen", "venligst"),
    )
    + rf",?(?:\s+|(?<={APOSTROPHE})|(?<=de ))(?P<what>\w[^\s,]*\s+\S.*)",
    re.IGNORECASE,
)
_YOU_ABROAD = re.compile(
    r"(?:(?P<name>[A-Z][\w-]+), )?"
    + any_of(
        *(
            "(?:kannst|k(?:ö|oe)nntest|w(?:ü|ue)rdest) du",
            "(?:k(?:ö|oe)nnen|k(?:ö|oe)nnten|w(?:ü|ue)rden) sie",
        ),
        *(
            "pou(?:vez|rriez)-vous",
            "p(?:eux|ourrais)-tu",
            "pued(?:es|e usted|en)",
            "podrías?",
            "podría usted",
        ),
        *("puoi", "potresti", "potrebbe", "poderias?", "(?:kun|kan|zou|wil) je", "kunt u", "czy możesz"),
        *("(?:kan|vil) du", "skulle du kunna"),
    )
    + r"\s+(?:mir |uns |bitte |me |nos |por favor,? )*(?P<what>\w[^\s,]*\s+\S.*\?)",
    re.IGNORECASE,
)
_FIRST_ABROAD = words(
    """
    bitte merci veuillez s'il s\u2019il por per graag proszę vänligen venligst kannst könntest koenntest
    würdest wuerdest können koennen könnten koennten würden wuerden pouvez-vous pourriez-vous peux-tu
    pourrais-tu puedes puede pueden podrías podría puoi potresti potrebbe poderia poderias kun kan zou
    wil kunt czy vil skulle
    """
)
"""What both begin with, if not with a name: most lines begin with other words."""
_NAME_CHARS = 40
_NO_REQUEST_ABROAD = re.compile(
    any_of(
        *("beachte", "entschuldig", "um (?:verständnis|beachtung)", "nicht", "wend", f"{APOSTROPHE}?avance"),
        *(
            "votre",
            "vos",
            "tous",
            "nous avoir",
            "not(?:er|a)",
            "trouver",
            "agréer",
            "recevoir",
            "excuser",
            "avoir",
        ),
        *("tenga en cuenta", "no ", "nota", "notar"),
    ),
    re.IGNORECASE,
)
_ASKED_IN_JAPANESE = re.compile(
    r"(?:^|[、。]\s*)(?P<what>[^、。]{3,}(?:ください|下さい|お願い(?:し|致し|いたし)ます|いただけますか|もらえますか))[。？?]?$"  # noqa: RUF001
)
_NOTICE_IN_JAPANESE = re.compile("ご(?:了承|注意|覧|参照|容赦|安心|遠慮|自由)")
_ASKED_END = re.compile(r"\?[\s\U0001f300-\U0001faff\ufe0f\u2764:)?]*$")
_GREETING = re.compile(r"(?:hey|hi|hello|hallo|yo|btw|ok(?:ay)?|also|so|and)\b[,!]?\s+", re.IGNORECASE)
_CALLS = re.compile(r",?\s+(?=(?:can|could|would|will) (?:you|u)\b)")
NO_REQUEST = re.compile(
    "(?:please )?"
    + any_of(
        *(
            r".*\bregularly\b",
            r".*\bif you(?:'re| are) interested\b",
            f"do(?:n{APOSTROPHE}t| not)",
            "let (?:me|us)",
            "let .{1,40} know",
            "help!",
        ),
        *(
            "also see",
            "note",
            "see",
            "find",
            "refer",
            "feel",
            "be (?:aware|advised|informed|sure)",
            "remember",
        ),
        *("read the", "join", "keep in mind", "enjoy", "excuse", "accept my", "register", "come", "go to"),
        r"(?:verify|check|review) (?:the |this |it )?(?:summary|for accuracy|accuracy|information)",
        r"add your (?:name|topic|item)s?\b.*",
        r"(?:read|see|use|check) (?:it|this|them)\W*$",
        *("visit", "click", "use (?:this|the)"),
    )
    + r"(?!\w)",
    re.IGNORECASE,
)
_CAN = re.compile(r"(?:[Cc]an|[Cc]ould|[Ww]ill|[Ww]ould) (?=[@\w])")
_PLEASE_DO = re.compile(r",? (?P<please>(?:please|kindly),? )?(?P<what>(?P<verb>[a-z]+)\b.*)")


def asked(text: str, people: People) -> Said | None:
    """What is asked of those addressed, or of somebody by name."""
    return _asked_you(text, people) or _asked_by_name(text, people) or _asked_abroad(text)


def _asked_abroad(text: str) -> Said | None:
    """`Bitte die Folien schicken`, `Pouvez-vous envoyer le devis ?`, `資料をお送りください`."""
    if not text.isascii() and (found := _ASKED_IN_JAPANESE.search(text)):
        return None if _NOTICE_IN_JAPANESE.search(found["what"]) else Said(found["what"], asked=True)
    first = text[:_NAME_CHARS].partition(" ")[0]
    if first.lower().rstrip(",") not in _FIRST_ABROAD and not first.endswith(","):
        return None
    found = _PLEASE_ABROAD.match(text) or _YOU_ABROAD.match(text)
    if found is None or _NO_REQUEST_ABROAD.match(found["what"]):
        return None
    return Said(found["what"].rstrip(" ?"), (found["name"],) if found["name"] else (), asked=True)


def pleads(text: str) -> bool:
    """Whether a word such as "please" stands in it."""
    small = text.casefold()
    return has_any(small, _PLEAS)


def _asked_you(text: str, people: People) -> Said | None:
    """`Could you send the numbers?`, and who is meant where that stands before it."""
    small = text.lower()
    if not has_any(small, _YOU_WORDS):
        return None
    text = text[greeting.end() :] if (greeting := _GREETING.match(text)) else text
    names = names_at(text, 0, people) if text else None
    start = names.end if names is not None and text[0] == "@" else 0
    if names is not None and not start and (calls := _CALLS.match(text, names.end)):
        start = calls.end()
    asked = _YOU.search(text[start:].lstrip(" ,:-") if start else text)
    if asked is None or not does(asked["verb"]):
        return None
    called = names is not None and (text[0] == "@" or text[names.end : names.end + 1] == "," or start > 0)
    if names is not None and text[names.end : names.end + 1] == ":":
        other = _addressed(text, names.end + 1, people)
        names, called = other or names, called or other is not None
    return Said(_ASKED_END.sub("", asked["what"]), names.names if names and called else (), asked=True)


def _addressed(text: str, start: int, people: People) -> Names | None:
    """Whom the speaker before it calls: `Bob: Ana, could you send it?`, `bob: ana: could you ...`."""
    at = start + len(text[start:]) - len(text[start:].lstrip())
    names = names_at(text, at, people, lax=True) if at < len(text) else None
    if names is None or text[names.end : names.end + 1] not in (",", ":"):
        return None
    known = text[names.end] == ":" or all(map(people.is_known, names.names))
    return names if known else None


def _asked_by_name(text: str, people: People) -> Said | None:
    """`Can Ana please send the numbers?`; without `please` only of somebody whom the text knows."""
    begin = _CAN.match(text)
    names = names_at(text, begin.end(), people) if begin else None
    found = _PLEASE_DO.match(text, names.end) if names else None
    if names is None or found is None or not does(found["verb"]):
        return None
    if not (found["please"] or all(map(people.is_known, names.names))):
        return None
    return Said(found["what"].rstrip("?"), names.names, asked=True)


def pleaded(text: str) -> Said | None:
    """`Please send the numbers`, unless that is what people write without wanting anything."""
    found = _ASKED.search(text) if pleads(text) else None
    if found is None or NO_REQUEST.match(found["what"]) or IF.search(text[: found.start()]):
        return None
    return Said(found["what"], asked=True)
