"""Likely action items: sentences that promise something or ask for it."""

from __future__ import annotations

import re
from functools import lru_cache

from collectors.actions.abroad import alternatives, parts
from collectors.actions.asked import CALLED_PLEASE, NO_REQUEST, asked, pleaded, pleads
from collectors.actions.clauses import ACT, IF, Said, does
from collectors.actions.patterns import APOSTROPHE, DASH, LINES_KEPT, WORD, any_of, has_any
from collectors.actions.people import Names, People, is_name, names_at, owners
from collectors.actions.words import COMMON, IDLE, INFLECTED, UNMISTAKABLE, VERBS, words

_TOLD = any_of("asked", "requested", "tasked", "directed", "instructed", "invited", "charged")
_WILL = re.compile(
    rf"(?:(?:,|\s?:)?\s+(?:I )?|(?={APOSTROPHE}ll\s))(?P<how>"
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
            "(?:is |are )?plan(?:s|ning)? to",
            "needs? to",
        ),
        *("has to", "have to", "agree[sd]? to", "volunteer(?:s|ed)? to", "offer(?:s|ed)? to"),
        *("promise[sd]? to", "commit(?:s|ted)? to", "happy to", "undert(?:ook|akes?) to"),
        rf"(?:was|were|is|are) {_TOLD} to",
    )
    + rf")\s+{ACT}"
)
_TITLED = re.compile(
    r"(?:,|\s?:)?\s+(?P<how>[Tt]o|TO|[Ww]ill|WILL|[Ss]hould|[Mm]ust|[Ss]hall|[Nn]eeds? [Tt]o|[Ii]s [Tt]o) "
    r"(?:[Aa]lso )?(?P<what>(?P<verb>[A-Z][A-Za-z]+)\b.*)"
)
"""As people write who begin what is to be done with a capital, or each word."""
_I_WILL = any_of(
    *(f"I{APOSTROPHE}ll", "I will", f"I{APOSTROPHE}m going to", "I am going to", "[Ll]et me"),
    *("I promise to", f"I{APOSTROPHE}d be happy to"),
)
_SPOKEN = any_of(_I_WILL, "Needs to", "[Ww]ill", "[Hh]appy to", "[Pp]lanning to", "[Gg]oing to", "[Tt]o")
_WILL_SPOKEN = re.compile(rf"\s?(?:[:,]|{DASH})\s+{_SPOKEN}\s+{ACT}")
_TAKING = re.compile(
    rf"\s?(?:[:,]|{DASH})?\s+(?P<what>"
    + any_of(
        *("volunteer(?:s|ed) (?:to|for)", "taking (?:this|it|that|over|to|on)", "takes (?:this|it|on)"),
        *("will take", "took on", "signed up", "signs up", "is on the hook", "owns"),
    )
    + r"\b.*)"
)
_FIRST_BLANK = r"(?<=(?<!\s)\s)"  # else each blank of a long row would be begun at
_SENTENCE = re.compile(
    # All forms begin with one of three characters: so the search stops at few places of a line.
    r"[\s,:](?:"
    + any_of(
        any_of(
            r"(?<=[.!?;]\s)\s*",
            rf"{_FIRST_BLANK}\s*{DASH}\s+",
            r"(?<=\s):\s+(?=[A-Z@\[])",
            rf"{_FIRST_BLANK}\s*[&]\s+(?=[A-Z]\w+ will)",
        ),
        r"(?<=[a-z0-9)],)\s+(?=[A-Z@])",
        r"(?<=:)\s+(?=[A-Z@\[])",
    )
    + ")"
)
_DASHED = re.compile(rf"\s{DASH}\s+(?P<what>(?P<verb>[a-z]+)\b.*)")
_TO_TASK = re.compile(r"\s*(?:[-=]>|\u2192)\s+(?P<what>(?P<verb>[a-z]+)\b.*)")
_LABELLED = re.compile(
    r"(?P<colon>\s?:)?\s+(?P<what>(?P<verb>[A-Za-z]+)\b(?! (?:on|of|from|about|for)\b)\s+\S.*)"
)
_BODY = (
    r"(?:[Tt]he )?(?P<name>[A-Z][\w.'\u2019-]*(?: (?:(?:of|on|for|and) )?(?:the )?[A-Z][\w.'\u2019-]*){0,4}"
    r"|staff|(?:[a-z]+ )?(?:committee|team|chair|board|council))"
)
_FORMALLY = tuple(
    re.compile(form)
    for form in (
        rf"(?:^|(?<=[.;] )){_BODY} (?:was|were) {_TOLD} to {ACT}",
        rf"(?:directed|instructed|tasked|charged) {_BODY} to {ACT}",
        rf"(?:agreed|decided|resolved|requested|proposed) that {_BODY}"
        rf" (?:(?:will|would|should|shall|to) )?{ACT}",
    )
)
"""The wording of councils and committees; only it can address bodies that are not known people."""
_BARELY = re.compile(r" (?P<what>(?P<verb>[a-z]+) (?!that\b|if\b|it\b|we\b)\S.*)")
_DONE_BARELY = (UNMISTAKABLE | {"followup", "land", "work"}) - {
    "ask",
    "determine",
    "discuss",
    "propose",
    "talk",
}
"""Verbs of which the bare form after a name tells of what is to be done, not of what was said."""
_ABROAD = re.compile(
    rf"(?:\s?:)?\s+(?:{alternatives('will')})(?:\s+|(?<='))(?P<what>\S.*)|\s+(?P<does>(?:{alternatives('does')})\s+\S.*)"
)
_STATES = re.compile(
    r"^(?:être|avoir|estar|ser|haber|essere|avere|zijn|hebben|być|vara|være)\b"
    r"|\b(?:sein|haben|werden|bleiben|fehlen|zijn|hebben)\W*$",
    re.IGNORECASE,
)
_OF_ABROAD = frozenset(one.split(" ")[0] for one in parts("will") | parts("does"))
_CAPITAL = r"[^\W\d_a-z][\w'\u2019-]+"
_SOMEBODY_WILL = re.compile(rf"(?<=[\w,)] )(?P<name>{_CAPITAL}(?: {_CAPITAL})?) will {ACT}")
_CLAUSE_WILL = re.compile(rf"(?:(?<=[.,;] )|(?<= [-\u2013\u2014] ))(?:I )?[Ww]ill {ACT}")
_SPEAKER = re.compile(rf"\[(?P<a>[^\[\]]{{1,40}})\]|(?P<b>{WORD}(?: {WORD}){{0,2}})(?:[:,]| -{{1,2}}) ")
_IMPERATIVE = re.compile(
    r"(?:[Aa]lso )?(?P<what>"
    + any_of("[Mm]ake sure", f"[Dd]on{APOSTROPHE}t forget", "[Rr]emember to", "[Ff]ollow[ -]up (?:with|on)")
    + r"\b.*|[Rr]each out to\b.*)"
)
_ACTING = words(
    """
    to To TO will Will WILL Should Must Shall Needs Need Is
    shall must should can could would let Let take takes took taking signed signs hook owns
    happy Happy planning Planning going Going promise remember Remember follow Follow reach Reach
    """
)
_ACTING_TOO = re.compile(
    r"\b(?:requested|agreed|decided|resolved) that\b"
    rf"|\b(?:volunteer\w*|[Mm]ake sure|[Dd]on{APOSTROPHE}t forget)\b"
    rf"|{APOSTROPHE}(?:ll|m|d)\b|\s(?:{DASH}|=>|\u2192)"
)
_ACTING_SIGNS = ("ed that ", "volunteer", "ake sure", "'", "\u2019", "-", "\u2013", "\u2014", "=>", "\u2192")
"""One of these stands in whatever that matches."""
_A_WORD = re.compile(r"\w+")
_SOMEBODY = re.compile(
    r"(?:^|[Ww]e |[Jj]ust |[Ss]till |[.;,:-] )(?:(?:[Nn]eeds?|[Ll]ooking for|[Ww]ant)"
    r" (?:someone|somebody|volunteers?|a volunteer|people|folks|help)"
    rf"|(?:[Ss]omeone|[Ss]omebody) (?:needs|has|ought)) to {ACT}"
)
_NEEDED = re.compile(rf"(?:(?:I|[Ww]e)(?: will|{APOSTROPHE}ll)? )?(?:[Nn]eed|[Aa]sk|[Ww]ant) (?=[@A-Z\[])")
_ARROW = re.compile(r"(?:->|=>|→)\s*(?P<who>@[\w/-]+(?:(?:,| and| &)? @[\w/-]+)*)\s*\.?$")
_MY_WORD = re.compile(rf"(?:^|(?<=[.!?;] )|(?<=, )|(?<=\band )|(?<=\bbut )){_I_WILL}\s+{ACT}")
_OUR_WORD = re.compile(rf"(?:^|(?<=[.!?;] ))[Ww]e(?:{APOSTROPHE}ll| will)\s+{ACT}")
_MINE = (
    *("I'll", "I\u2019ll", "I will", "I'm going", "I\u2019m going", "I am going", "et me", "I promise to"),
    *("I'd be", "I\u2019d be"),
)
_OURS = ("e will", "e'll", "e\u2019ll")
"""One of these stands in what the two forms before match."""
_FORMAL = ("asked", "ed to ", "ed that ", "directed ", "instructed ")
_OF_SOMEBODY = (
    "one to ",
    "body to ",
    "eeds to ",
    "has to ",
    "ought to ",
    "olunteer",
    "people to ",
    "folks to ",
    "help to ",
)
"""And in what the formal ones match, and in a search for somebody."""
_SPOKEN_BY = re.compile(rf"(?P<who>[a-z][\w.-]{{2,24}}): (?:{_I_WILL}|[Ww]ill)\s+{ACT}")
_BY_INITIALS = re.compile(rf"(?P<who>[A-Z]{{2,4}}): {_I_WILL}\s+{ACT}")
_NO_SPEAKERS = COMMON | VERBS | INFLECTED
_WITHOUT = re.compile(rf"(?:[Ww]ill|[Gg]oing to|[Pp]lanning to|TBD[:,]? will)\s+{ACT}")
_TO_ACT = re.compile(
    rf"[\s:,-]*(?:I\b\s*)?(?:(?:will|to|can|{APOSTROPHE}ve|have|now|also)\s*)*", re.IGNORECASE
)
_TOO_SHORT = 8  # characters: "Will do." asks for nothing
_NO_VERB = words(
    "not never no the a an be this that it my our your his her their all some any me us you have get"
    " there people folks someone somebody i he she they we which when"
)
_OUGHT = {"should", "must", "needs to"}
_WISHED = {*_OUGHT, "can", "could", "would", "happy to"}


def assigned(text: str, people: People, *, lax: bool = False) -> Said | None:
    """Whom a sentence gives what to do; `lax` in a line that is known to say what is to be done."""
    if not _may_act(text) and text[:1] != "@" and _OF_ABROAD.isdisjoint(text.split()):
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
    if (request := asked(text, people)) is not None:
        return request
    if text.endswith("?") and "please" not in text.lower():
        return None
    if "@" in text and (arrow := _ARROW.search(text)) and arrow.start() > 0:
        return Said(text[: arrow.start()], owners(arrow["who"]), sure=True)
    said = assigned(text, people) or _needed(text, people) or pleaded(text)
    if said is not None:
        return said
    if (said := _barely(text, people)) is not None or not _may_act(text):
        return said
    for form, words_in_it, mine in ((_MY_WORD, _MINE, True), (_OUR_WORD, _OURS, False)):
        if (
            has_any(text, words_in_it)
            and (found := form.search(text))
            and does(found["verb"])
            and not IF.search(text[: found.start()])
        ):
            return Said(found["what"], mine=mine)
    return _in_a_clause(text, people)


@lru_cache(LINES_KEPT)
def _may_act(text: str) -> bool:
    """Without any of these words no form of this module matches, so most lines are done after one look."""
    if not (_ACTING.isdisjoint(text.split()) and _ACTING.isdisjoint(_A_WORD.findall(text))):
        return True  # what is split at spaces alone is quick, and mostly enough
    if has_any(text, _ACTING_SIGNS) and _ACTING_TOO.search(text):
        return True
    return pleads(text)


def _barely(text: str, people: People) -> Said | None:
    """`Ana send the numbers`, of somebody whom the text knows."""
    if not text[0].isupper() or _DONE_BARELY.isdisjoint(text.split(" ", 3)[1:3]) or text.endswith("?"):
        return None
    names = names_at(text, 0, people)
    found = _BARELY.match(text, names.end) if names and all(map(people.is_known, names.names)) else None
    if names is None or found is None or found["verb"] not in _DONE_BARELY:
        return None
    return Said(found["what"], names.names)


def _in_a_clause(text: str, people: People) -> Said | None:
    """`Once that is there Ana will look`, `[Bo] No idea, will ask`, `Make sure that ...`."""
    for form in _FORMALLY if has_any(text, _FORMAL) else ():
        if (found := form.search(text)) and does(found["verb"]) and _is_body(found["name"], people):
            return Said(found["what"], (found["name"],))
    for found in _SOMEBODY_WILL.finditer(text) if " will " in text else ():
        if people.is_known(found["name"]) and does(found["verb"]) and not IF.search(text[: found.start()]):
            return Said(found["what"], (found["name"],))
    spoken = _SPOKEN_BY.match(text) if ": " in text else None
    spoken = spoken or (_BY_INITIALS.match(text) if text[:2].isupper() else None)
    if spoken and does(spoken["verb"]) and spoken["who"] not in _NO_SPEAKERS:
        return Said(spoken["what"], (spoken["who"],))
    without = _WITHOUT.match(text)
    if without and does(without["verb"]):
        return Said(without["what"])
    clause = _CLAUSE_WILL.search(text) if "ill " in text else None
    if clause and does(clause["verb"]) and not IF.search(text[: clause.start()]):
        speaker = _SPEAKER.match(text)
        said = (speaker["a"] or speaker["b"]) if speaker else ""
        return Said(clause["what"], owners(said) if said and is_name(said, people) else ())
    imperative = _IMPERATIVE.match(text)
    return Said(imperative["what"]) if imperative else None


def _is_body(name: str, people: People) -> bool:
    """Whether it may decide or be told: `The board was asked to ...`, and not `Change was asked to ...`."""
    return " " in name or name[0].islower() or is_name(name, people, lax=True)


def _needed(text: str, people: People) -> Said | None:
    """`Need Bo to send the numbers`."""
    begin = _NEEDED.match(text)
    if begin is not None:
        return _assigned_at(text, begin.end(), people, lax=False)
    nobody = _SOMEBODY.search(text) if has_any(text, _OF_SOMEBODY) else None
    return Said(nobody["what"]) if nobody and does(nobody["verb"]) else None


def _starts(text: str) -> list[int]:
    return [0, *(found.end() for found in _SENTENCE.finditer(text))][:40]


def _assigned_at(text: str, start: int, people: People, *, lax: bool) -> Said | None:
    names = names_at(text, start, people, lax=lax)
    if names is None:
        return None
    if text[start] == "@" and (said := _labelled(text, start, names)):
        return said
    abroad = _ABROAD.match(text, names.end) if names.sure else None
    if abroad is not None and (abroad["does"] or start == 0) and not _STATES.search(abroad["what"] or ""):
        return Said(abroad["what"] or abroad["does"], names.names, start=start)
    please = CALLED_PLEASE.match(text, names.end)
    if please and (names.sure or lax) and not NO_REQUEST.match(please["what"]):
        return Said(please["what"], names.names, asked=True, start=start)
    spoken = _WILL_SPOKEN.match(text, names.end)
    if spoken and does(spoken["verb"]) and (names.sure or lax):
        return Said(spoken["what"], names.names, start=start)
    known = all(map(people.is_known, names.names))
    arrow = _TO_TASK.match(text, names.end)
    if arrow and (names.sure or lax) and does(arrow["verb"]):
        return Said(arrow["what"], names.names, start=start)
    dashed = _DASHED.match(text, names.end)
    if dashed and known and does(dashed["verb"].removesuffix("ing")):
        return Said(dashed["what"], names.names, start=start)
    found = _WILL.match(text, names.end)
    if found is not None and _is_done_by(names, found, known=known, lax=lax):
        return _said(text, start, names, found, lax=lax)
    titled = _TITLED.match(text, names.end) if lax or known or text[start] in "@[" else None
    if titled is not None and does(titled["verb"].lower()):
        sure = text[start] in "@[" and titled["how"] == "to"
        return Said(titled["what"], names.names, sure=sure, start=start)
    if (names.sure or lax) and (found := _TAKING.match(text, names.end)):
        return Said(found["what"], names.names, start=start)
    return None


def _labelled(text: str, start: int, names: Names) -> Said | None:
    """`@Bo: send the numbers`. So with brackets, `[Cy] Draft the letter`, agendas name their points."""
    found = _LABELLED.match(text, names.end)
    if found is None or not does(found["verb"].lower() if found["colon"] else found["verb"]):
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
    return does(verb) or (lax and verb not in _NO_VERB)


def _said(text: str, start: int, names: Names, found: re.Match[str], *, lax: bool) -> Said | None:
    how = found["how"]
    if not lax and how in _WISHED and not (how in _OUGHT and names.sure):
        return None
    if not lax and not names.sure and how != "to" and not does(found["verb"]):
        return None
    called = text[start] in "@[" and how == "to"
    return Said(found["what"], names.names, sure=called, start=start)
