"""Requests: `Could you send the numbers?`, `Can Ana please call Bo?`, `Please review it`."""

from __future__ import annotations

import re

from collectors.actions.clauses import ACT, IF, Said, does
from collectors.actions.patterns import APOSTROPHE, any_of, has_any
from collectors.actions.people import Names, People, names_at

_PLEAS = ("please", "pls", "plz", "kindly")
_PLEASE = any_of(*_PLEAS)
_ASKED = re.compile(rf"(?:^|(?<=[.!?:;,-] ))(?:pretty |so )?{_PLEASE}\s+(?P<what>[a-z]+\b.*)", re.IGNORECASE)
CALLED_PLEASE = re.compile(rf"[,:]?\s+{_PLEASE}\s+(?P<what>[A-Za-z]+\b.*)")
_YOU = re.compile(
    rf"(?:^|(?<=[.!?;:,-] )|(?<=\bso ))(?:can|could|would|will|won{APOSTROPHE}t)"
    rf" (?:you|y'all|someone|somebody)(?: (?:guys|all))? (?:please )?{ACT}",
    re.IGNORECASE,
)
_YOU_WORDS = ("you", "y'all", "someone", "somebody")
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
        *("visit", "click", "use (?:this|the)"),
    )
    + r"(?!\w)",
    re.IGNORECASE,
)
_CAN = re.compile(r"(?:[Cc]an|[Cc]ould|[Ww]ill|[Ww]ould) (?=[@\w])")
_PLEASE_DO = re.compile(r",? (?P<please>(?:please|kindly),? )?(?P<what>(?P<verb>[a-z]+)\b.*)")


def asked(text: str, people: People) -> Said | None:
    """What is asked of those addressed, or of somebody by name."""
    return _asked_you(text, people) or _asked_by_name(text, people)


def pleads(text: str) -> bool:
    """Whether a word such as "please" stands in it."""
    small = text.casefold()
    return has_any(small, _PLEAS)


def _asked_you(text: str, people: People) -> Said | None:
    """`Could you send the numbers?`, and who is meant where that stands before it."""
    small = text.lower()
    if not has_any(small, _YOU_WORDS):
        return None
    names = names_at(text, 0, people)
    start = names.end if names is not None and text[0] == "@" else 0
    asked = _YOU.search(text[start:].lstrip(" ,:-") if start else text)
    if asked is None or not does(asked["verb"]):
        return None
    called = names is not None and (text[0] == "@" or text[names.end : names.end + 1] == ",")
    if names is not None and text[names.end : names.end + 1] == ":":
        other = _addressed(text, names.end + 1, people)
        names, called = other or names, called or other is not None
    return Said(asked["what"].rstrip("?"), names.names if names and called else (), asked=True)


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
