"""What is only likely: a sentence that says that somebody will do something, or asks for it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from collectors.actions.people import Names, People, names_at
from collectors.actions.words import IDLE, VERBS

_ADVERB = r"(?:also |then |now |just |please |still |probably |try to |be |go |go and |go ahead and |start |follow up and |[a-z]+ly )*"
_WILL = re.compile(
    r"(?:,|\s?:)?\s+(?:(?:I )?(?P<how>to|will|['\u2019]ll|shall|is going to|are going to|is to|are to|plans? to|agree[sd]? to"
    r"|volunteer(?:s|ed)? to|offer(?:s|ed)? to|promise[sd]? to|commit(?:s|ted)? to|needs? to|must|should|has to|have to"
    r"|can|could|would|I['\u2019]ll|am going to|happy to|going to))\s+"
    rf"(?P<what>{_ADVERB}(?P<verb>[a-z]+)\b.*)",
)
_WILL_SPOKEN = re.compile(
    r"\s?(?::|,|-{1,2}|[–—])\s+(?P<what>(?:I['\u2019]ll|I will|I am going to|I['\u2019]m going to|[Ll]et me|[Ww]ill|[Hh]appy to|[Pp]lanning to|[Gg]oing to"
    rf"|[Tt]o)\s+{_ADVERB}(?P<verb>[a-z]+)\b.*)"
)
_TAKING = re.compile(
    r"\s?(?:[:,]|-{1,2}|[–—])?\s+(?P<what>(?:volunteer(?:s|ed) (?:to|for)|taking (?:this|it|that|over|to|on)|takes (?:this|it|on)|will take|took on|signed up|signs up|is on the hook|owns)\b.*)"
)
SOFT = frozenset("should must can could would needs need has have".split())
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\s+(?:[–—]|-{1,2})\s+|(?<=[a-z)]),\s+(?=[A-Z@])|\s+[&]\s+(?=[A-Z]\w+ will)")
_ASKED = re.compile(r"(?:^|(?<=[.!?:;,-] ))(?:pretty |so )?(?:please|pls|plz|kindly)\s+(?P<what>[a-z]+\b.*)", re.IGNORECASE)
_NO_REQUEST = re.compile(
    r"(?:please )?(?:note|see|find|refer|feel|be (?:aware|advised|informed|sure)|remember|read the|join|keep in mind|enjoy|excuse"
    r"|accept my|register|come|go to|visit|click|use (?:this|the))\b",
    re.IGNORECASE,
)
_MY_WORD = re.compile(
    r"(?:^|(?<=[.!?;] )|(?<=, )|(?<=\band )|(?<=\bbut ))(?:I['\u2019]ll|I will|I['\u2019]m going to|I am going to|[Ll]et me|I promise to|I['\u2019]d be happy to)\s+"
    rf"(?P<what>{_ADVERB}(?P<verb>[a-z]+)\b.*)"
)
_OUR_WORD = re.compile(rf"(?:^|(?<=[.!?;] ))(?:we['\u2019]ll|we will|We['\u2019]ll|We will)\s+(?P<what>{_ADVERB}(?P<verb>[a-z]+)\b.*)")
_WITHOUT = re.compile(rf"(?:[Ww]ill|[Gg]oing to|[Pp]lanning to|TBD[:,]? will)\s+(?P<what>{_ADVERB}(?P<verb>[a-z]+)\b.*)")
_TO_BE = re.compile(r"(?:to be|will be) (?P<verb>\w+(?:ed|en|ne)) by (?=[A-Z@])")
_PAST = re.compile(r"\b(?:was|were|had|has been|have been|already|did|used to|would have|last week|yesterday)\b", re.IGNORECASE)
_IF = re.compile(r"\b(?:if|unless|whether|when|who|which|what|how|why|where)\b[^,]*$", re.IGNORECASE)
_OFF = frozenset("not never no nt".split())


@dataclass(frozen=True)
class Said:
    """What somebody is to do; `who` are the names as written, none if nobody is named; `mine` if I say it
    of myself; `asked` if it is asked for; `sure` if it is plain; `start` where it begins."""

    text: str
    who: tuple[str, ...] = ()
    mine: bool = False
    asked: bool = False
    sure: bool = False
    start: int = 0


def assigned(text: str, people: People, *, lax: bool = False) -> Said | None:
    """Whom a sentence gives what to do; `lax` in a line that is known to say what is to be done."""
    for start in _starts(text):
        said = _assigned_at(text, start, people, lax=lax and start == 0)
        if said is not None:
            return said
    return None


def assigned_before(text: str, people: People) -> tuple[str, ...]:
    """Who is named where a sentence of the text begins."""
    found = (names_at(text, start, people, lax=start == 0) for start in _starts(text))
    return next((names.names for names in found if names is not None), ())


def likely(text: str, people: People) -> Said | None:
    """What a line in prose asks for or promises, if anything."""
    if len(text) < 8 or text.endswith("?") and "please" not in text.lower():
        return None
    said = assigned(text, people)
    if said is not None:
        return said
    if (asked := _ASKED.search(text)) and not _NO_REQUEST.match(asked["what"]):
        return Said(asked["what"], asked=True)
    for form, mine in ((_MY_WORD, True), (_OUR_WORD, False)):
        if (found := form.search(text)) and _does(found["verb"]) and not _IF.search(text[: found.start()]):
            return Said(found["what"], mine=mine)
    if (found := _WITHOUT.match(text)) and _does(found["verb"]):
        return Said(found["what"])
    return None


def _starts(text: str) -> list[int]:
    return [0, *(found.end() for found in _SENTENCE.finditer(text))][:40]


def _assigned_at(text: str, start: int, people: People, *, lax: bool) -> Said | None:
    names = names_at(text, start, people, lax=lax)
    if names is None:
        return None
    spoken = _WILL_SPOKEN.match(text, names.end)
    if spoken and _does(spoken["verb"]) and (names.sure or lax):
        return Said(_plain_what(spoken["what"]), names.names, start=start)
    found = _WILL.match(text, names.end)
    if found is not None and (_does(found["verb"]) or (lax and found["verb"] not in _OFF)):
        return _said(text, start, names, found, lax=lax)
    if (names.sure or lax) and (found := _TAKING.match(text, names.end)):
        return Said(found["what"], names.names, start=start)
    return None


def _said(text: str, start: int, names: Names, found: re.Match[str], *, lax: bool) -> Said | None:
    how = found["how"]
    if not lax and (how in SOFT or how == "happy to") and not (how in ("should", "must", "needs to") and names.sure):
        return None
    if not lax and not names.sure and how != "to" and not _does(found["verb"]):
        return None
    called = text[start] in "@[" and how == "to"
    return Said(found["what"], names.names, sure=called, start=start)


def _does(verb: str) -> bool:
    return verb in VERBS and verb not in IDLE


def _plain_what(said: str) -> str:
    return re.sub(r"^(?:I['\u2019]ll|I will|I am going to|I['\u2019]m going to|[Ll]et me|[Ww]ill|[Hh]appy to|[Pp]lanning to|[Gg]oing to|[Tt]o)\s+", "", said)
