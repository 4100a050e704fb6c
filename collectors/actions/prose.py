"""Likely action items: sentences that promise something or ask for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from collectors.actions.patterns import APOSTROPHE, DASH, LINES_KEPT, WORD, any_of
from collectors.actions.people import Names, People, is_name, names_at, owners
from collectors.actions.words import IDLE, VERBS, words

_SKIP = r"(?:also |then |now |just |please |still )*"
_ADVERB = r"(?:try to |go and |go ahead and |(?!probab|like|hopefu|possib|eventua)[a-z]+ly )*"
_ACT = rf"{_SKIP}(?P<what>{_ADVERB}(?P<verb>[a-z]+)\b.*)"
_TOLD = any_of("asked", "requested", "tasked", "directed", "instructed", "invited", "charged")
_WILL = re.compile(
    r"(?:,|\s?:)?\s+(?:I )?(?P<how>"
    + any_of(
        *(
            "to",
            "will",
            f"{APOSTROPHE}ll",
            f"I{APOSTROPHE}ll",
            "shall",
            "must",
            "should",
            "can",
            "could",
            "would",
        ),
        *(
            "is to",
            "are to",
            "is going to",
            "are going to",
            "am going to",
            "going to",
            "plans? to",
            "needs? to",
        ),
        *("has to", "have to", "agree[sd]? to", "volunteer(?:s|ed)? to", "offer(?:s|ed)? to"),
        *("promise[sd]? to", "commit(?:s|ted)? to", "happy to", "undert(?:ook|akes?) to"),
        rf"(?:was|were|is|are) {_TOLD} to",
    )
    + rf")\s+{_ACT}"
)
_I_WILL = any_of(
    *(f"I{APOSTROPHE}ll", "I will", f"I{APOSTROPHE}m going to", "I am going to", "[Ll]et me"),
    *("I promise to", f"I{APOSTROPHE}d be happy to"),
)
_SPOKEN = any_of(_I_WILL, "[Ww]ill", "[Hh]appy to", "[Pp]lanning to", "[Gg]oing to", "[Tt]o")
_WILL_SPOKEN = re.compile(rf"\s?(?:[:,]|{DASH})\s+{_SPOKEN}\s+{_ACT}")
_TAKING = re.compile(
    rf"\s?(?:[:,]|{DASH})?\s+(?P<what>"
    + any_of(
        *("volunteer(?:s|ed) (?:to|for)", "taking (?:this|it|that|over|to|on)", "takes (?:this|it|on)"),
        *("will take", "took on", "signed up", "signs up", "is on the hook", "owns"),
    )
    + r"\b.*)"
)
_SENTENCE = re.compile(
    # All forms begin with one of three characters: so the search stops at few places of a line.
    r"[\s,:](?:"
    + any_of(
        any_of(
            r"(?<=[.!?;]\s)\s*",
            rf"(?<=\s)\s*{DASH}\s+",
            r"(?<=\s):\s+(?=[A-Z@\[])",
            r"(?<=\s)\s*[&]\s+(?=[A-Z]\w+ will)",
        ),
        r"(?<=[a-z0-9)],)\s+(?=[A-Z@])",
        r"(?<=:)\s+(?=[A-Z@\[])",
    )
    + ")"
)
_DASHED = re.compile(rf"\s{DASH}\s+(?P<what>(?P<verb>[a-z]+)\b.*)")
_LABELLED = re.compile(
    r"(?P<colon>\s?:)?\s+(?P<what>(?P<verb>[A-Za-z]+)\b(?! (?:on|of|from|about|for)\b)\s+\S.*)"
)
_BODY = (
    r"(?:[Tt]he )?(?P<name>[A-Z][\w.'\u2019-]*(?: (?:(?:of|on|for|and) )?(?:the )?[A-Z][\w.'\u2019-]*){0,4}"
    r"|staff|[a-z]+ (?:committee|team|chair))"
)
_FORMALLY = tuple(
    re.compile(form)
    for form in (
        rf"(?:^|(?<=[.;] )){_BODY} (?:was|were) {_TOLD} to {_ACT}",
        rf"(?:directed|instructed|tasked|charged) {_BODY} to {_ACT}",
        rf"(?:agreed|decided|resolved|requested|proposed) that {_BODY}"
        rf" (?:(?:will|would|should|shall|to) )?{_ACT}",
    )
)
"""The wording of councils and committees; only it can address bodies that are not known people."""
_ABROAD = re.compile(
    r"\s+(?P<what>(?:doit|devra|va|soll|sollte|muss|wird|debe|deberá|deve|dovrà|moet|zal"
    r"|kümmert sich|klärt|prüft|erstellt"
    r"|organisiert|schickt|sendet|übernimmt|informiert|kontaktiert|aktualisiert|bereitet|besorgt|fragt)\s+\S.*)"
)
_CAPITAL = r"[^\W\d_a-z][\w'\u2019-]+"
_SOMEBODY_WILL = re.compile(rf"(?<=[\w,)] )(?P<name>{_CAPITAL}(?: {_CAPITAL})?) will {_ACT}")
_CLAUSE_WILL = re.compile(rf"(?<=[.,;] )(?:I )?[Ww]ill {_ACT}")
_SPEAKER = re.compile(rf"\[(?P<a>[^\[\]]{{1,40}})\]|(?P<b>{WORD}(?: {WORD}){{0,2}})(?:[:,]| -{{1,2}}) ")
_IMPERATIVE = re.compile(
    r"(?:[Aa]lso )?(?P<what>"
    + any_of("[Mm]ake sure", f"[Dd]on{APOSTROPHE}t forget", "[Rr]emember to", "[Ff]ollow[ -]up (?:with|on)")
    + r"\b.*|[Rr]each out to\b.*)"
)
_PLEASE = any_of("please", "pls", "plz", "kindly")
_ASKED = re.compile(rf"(?:^|(?<=[.!?:;,-] ))(?:pretty |so )?{_PLEASE}\s+(?P<what>[a-z]+\b.*)", re.IGNORECASE)
_CALLED_PLEASE = re.compile(rf"[,:]?\s+{_PLEASE}\s+(?P<what>[a-z]+\b.*)")
_YOU = re.compile(
    rf"(?:^|(?<=[.!?;:,-] )|(?<=\bso ))(?:can|could|would|will|won{APOSTROPHE}t)"
    rf" (?:you|y'all|someone|somebody)(?: (?:guys|all))? (?:please )?{_ACT}",
    re.IGNORECASE,
)
_ACTING = words(
    """
    to To will Will shall must should can could would let Let take takes took taking signed signs hook owns
    happy Happy planning Planning going Going promise remember Remember follow Follow reach Reach
    """
)
_ACTING_TOO = re.compile(
    rf"\b(?:volunteer\w*|[Mm]ake sure|[Dd]on{APOSTROPHE}t forget)\b|{APOSTROPHE}(?:ll|m|d)\b|\s{DASH}"
)
_ACTING_SIGNS = ("volunteer", "ake sure", "'", "\u2019", "-", "\u2013", "\u2014")
"""One of these stands in whatever that matches."""
_PLEAS = ("please", "pls", "plz", "kindly")
_A_WORD = re.compile(r"\w+")
_YOU_WORDS = ("you", "y'all", "someone", "somebody")
_NEEDED = re.compile(rf"(?:(?:I|[Ww]e)(?: will|{APOSTROPHE}ll)? )?(?:[Nn]eed|[Aa]sk|[Ww]ant) (?=[@A-Z\[])")
_ARROW = re.compile(r"(?:->|=>|→)\s*(?P<who>@[\w/-]+(?:(?:,| and| &)? @[\w/-]+)*)\s*\.?$")
_NO_REQUEST = re.compile(
    "(?:please )?"
    + any_of(
        *(r".*\bregularly\b", f"do(?:n{APOSTROPHE}t| not)", "let (?:me|us)", "let .{1,40} know", "help!"),
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
        *("visit", "click", "use (?:this|the)"),
    )
    + r"(?!\w)",
    re.IGNORECASE,
)
_MY_WORD = re.compile(rf"(?:^|(?<=[.!?;] )|(?<=, )|(?<=\band )|(?<=\bbut )){_I_WILL}\s+{_ACT}")
_OUR_WORD = re.compile(rf"(?:^|(?<=[.!?;] ))[Ww]e(?:{APOSTROPHE}ll| will)\s+{_ACT}")
_MINE, _OURS = ("I", "et me"), ("e will", "e'll", "e\u2019ll")
"""One of these stands in what the form before matches."""
_WITHOUT = re.compile(rf"(?:[Ww]ill|[Gg]oing to|[Pp]lanning to|TBD[:,]? will)\s+{_ACT}")
_BY_SOMEBODY = re.compile(r"\bto be (?P<verb>[a-z]+)ed by (?=[A-Z@])")
_TO_ACT = re.compile(
    rf"[\s:,-]*(?:I\b\s*)?(?:(?:will|to|can|{APOSTROPHE}ve|have|now|also)\s*)*", re.IGNORECASE
)
_IF = re.compile(r"\b(?:if|unless|whether|when|who|which|what|how|why|where)\b[^.!?]*$", re.IGNORECASE)
_TOO_SHORT = 8  # characters: "Will do." asks for nothing
_NO_VERB = words(
    "not never no the a an be this that it my our your his her their all some any me us you have get"
)
_OUGHT = {"should", "must", "needs to"}
_WISHED = {*_OUGHT, "can", "could", "would", "happy to"}


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
    if not _may_act(text) and text[:1] != "@" and not _ABROAD.search(text):
        return None
    for start in _starts(text):
        said = _assigned_at(text, start, people, lax=lax and start == 0)
        if said is not None:
            return said
    return None


def is_action(text: str, people: People) -> bool:
    """Whether it begins with what is to be done, or gives it to somebody."""
    first = re.match(r"(?:please |to )?([a-z]+)", text, re.IGNORECASE)
    return (first is not None and first[1].lower() in VERBS) or assigned(text, people, lax=True) is not None


def named_before(text: str, people: People) -> tuple[str, ...]:
    """Who is named where the last sentence of the text begins, and does what follows it."""
    for start in reversed(_starts(text)):
        names = names_at(text, start, people, lax=start == 0)
        if names is not None and _TO_ACT.fullmatch(text, names.end):
            return names.names
    return ()


def likely(text: str, people: People) -> Said | None:
    """What a prose line asks for or promises, if anything."""
    if len(text) < _TOO_SHORT:
        return None
    if (asked := _asked_you(text, people)) is not None:
        return asked
    if text.endswith("?") and "please" not in text.lower():
        return None
    if "@" in text and (arrow := _ARROW.search(text)) and arrow.start() > 0:
        return Said(text[: arrow.start()], owners(arrow["who"]), sure=True)
    said = assigned(text, people) or _needed(text, people) or _asked(text)
    if said is not None:
        return said
    if not _may_act(text):
        return None
    for form, mine in ((_MY_WORD, True), (_OUR_WORD, False)):
        if (
            (not mine or "I" in text or "et me" in text)
            and (found := form.search(text))
            and _does(found["verb"])
            and not _IF.search(text[: found.start()])
        ):
            return Said(found["what"], mine=mine)
    return _in_a_clause(text, people)


@lru_cache(LINES_KEPT)
def _may_act(text: str) -> bool:
    """Without any of these words no form of this module matches, so most lines are done after one look."""
    if not _ACTING.isdisjoint(_A_WORD.findall(text)):
        return True
    if any(sign in text for sign in _ACTING_SIGNS) and _ACTING_TOO.search(text):
        return True
    return _pleads(text)


def _pleads(text: str) -> bool:
    small = text.casefold()
    return any(word in small for word in _PLEAS)


def _asked_you(text: str, people: People) -> Said | None:
    """`Could you send the numbers?`, and who is meant where that stands before it."""
    small = text.lower()
    if not any(word in small for word in _YOU_WORDS):
        return None
    names = names_at(text, 0, people)
    start = names.end if names is not None and text[0] == "@" else 0
    asked = _YOU.search(text[start:].lstrip(" ,:-") if start else text)
    if asked is None or not _does(asked["verb"]):
        return None
    called = names is not None and (text[0] == "@" or text[names.end : names.end + 1] == ",")
    return Said(asked["what"].rstrip("?"), names.names if names and called else (), asked=True)


def _asked(text: str) -> Said | None:
    """`Please send the numbers`, unless that is what people write without wanting anything."""
    found = _ASKED.search(text) if _pleads(text) else None
    if found is None or _NO_REQUEST.match(found["what"]) or _IF.search(text[: found.start()]):
        return None
    return Said(found["what"], asked=True)


def _in_a_clause(text: str, people: People) -> Said | None:
    """`Once that is there Ana will look`, `[Bo] No idea, will ask`, `Make sure that ...`."""
    for form in _FORMALLY:
        if (found := form.search(text)) and _does(found["verb"]):
            return Said(found["what"], (found["name"],))
    for found in _SOMEBODY_WILL.finditer(text) if " will " in text else ():
        if people.is_known(found["name"]) and _does(found["verb"]) and not _IF.search(text[: found.start()]):
            return Said(found["what"], (found["name"],))
    without = _WITHOUT.match(text)
    if without and _does(without["verb"]):
        return Said(without["what"])
    clause = _CLAUSE_WILL.search(text)
    if clause and _does(clause["verb"]) and not _IF.search(text[: clause.start()]):
        speaker = _SPEAKER.match(text)
        said = (speaker["a"] or speaker["b"]) if speaker else ""
        return Said(clause["what"], owners(said) if said and is_name(said, people) else ())
    imperative = _IMPERATIVE.match(text)
    return Said(imperative["what"]) if imperative else None


def _needed(text: str, people: People) -> Said | None:
    """`Need Bo to send the numbers`."""
    begin = _NEEDED.match(text)
    return _assigned_at(text, begin.end(), people, lax=False) if begin else None


def _starts(text: str) -> list[int]:
    return [0, *(found.end() for found in _SENTENCE.finditer(text))][:40]


def _assigned_at(text: str, start: int, people: People, *, lax: bool) -> Said | None:
    names = names_at(text, start, people, lax=lax)
    if names is None:
        return None
    if text[start] == "@" and (said := _labelled(text, start, names)):
        return said
    if start == 0 and names.sure and (abroad := _ABROAD.match(text, names.end)):
        return Said(abroad["what"], names.names, start=start)
    please = _CALLED_PLEASE.match(text, names.end)
    if please and (names.sure or lax) and not _NO_REQUEST.match(please["what"]):
        return Said(please["what"], names.names, asked=True, start=start)
    spoken = _WILL_SPOKEN.match(text, names.end)
    if spoken and _does(spoken["verb"]) and (names.sure or lax):
        return Said(spoken["what"], names.names, start=start)
    known = all(map(people.is_known, names.names))
    dashed = _DASHED.match(text, names.end)
    if dashed and known and _does(dashed["verb"].removesuffix("ing")):
        return Said(dashed["what"], names.names, start=start)
    found = _WILL.match(text, names.end)
    if found is not None and _is_done_by(names, found, known=known, lax=lax):
        return _said(text, start, names, found, lax=lax)
    if (names.sure or lax) and (found := _TAKING.match(text, names.end)):
        return Said(found["what"], names.names, start=start)
    return None


def _labelled(text: str, start: int, names: Names) -> Said | None:
    """`@Bo: send the numbers`. So with brackets, `[Cy] Draft the letter`, agendas name their points."""
    found = _LABELLED.match(text, names.end)
    if found is None or not _does(found["verb"].lower() if found["colon"] else found["verb"]):
        return None
    return Said(found["what"], names.names, sure=bool(found["colon"]) and text[start] == "@", start=start)


def pointed_at(text: str, people: People) -> Said | None:
    """`Bo: send the numbers`, in a line that an arrow stands before."""
    names = names_at(text, 0, people)
    return _labelled(text, 0, names) if names is not None else None


def _is_done_by(names: Names, found: re.Match[str], *, known: bool, lax: bool) -> bool:
    """Whether the word after "will" or "to" is something that people do: known ones do more than others."""
    verb = found["verb"]
    if known and found["how"] in ("to", "will"):
        return verb not in _NO_VERB | IDLE
    return _does(verb) or (lax and verb not in _NO_VERB)


def _said(text: str, start: int, names: Names, found: re.Match[str], *, lax: bool) -> Said | None:
    how = found["how"]
    if not lax and how in _WISHED and not (how in _OUGHT and names.sure):
        return None
    if not lax and not names.sure and how != "to" and not _does(found["verb"]):
        return None
    called = text[start] in "@[" and how == "to"
    return Said(found["what"], names.names, sure=called, start=start)


def _does(verb: str) -> bool:
    return verb in VERBS and verb not in IDLE
