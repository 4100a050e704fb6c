"""The explicit forms of action items: `AI(Bob): ...`, `ACTION -- ...`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from collectors.actions.markup import State
from collectors.actions.patterns import APOSTROPHE, WORD, any_of
from collectors.actions.people import People, is_name, names_at, owners
from collectors.actions.prose import assigned
from collectors.actions.words import EVERYBODY, VERBS


class Form(StrEnum):
    """The explicit forms."""

    BOX = "box"
    MARKER = "marker"
    LISTED = "listed"
    TABLE = "table"
    TAKEN = "taken"
    CALLED = "called"
    PROMISE = "promise"
    SAID = "said"
    ASKED = "asked"


@dataclass(frozen=True)
class Marked:
    """What follows the mark; `who` if the mark names somebody. Nothing follows the mark of a list.

    A `weak` mark stands before other things, too; the `speaker` before it is the owner if nobody else is.
    """

    text: str
    who: tuple[str, ...] = ()
    state: State = State.OPEN
    weak: bool = False
    speaker: tuple[str, ...] = ()


_WORD = any_of(
    *("AI", r"A\.I\.", "A/I", "AR", "AP"),
    *(r"(?i:actions?)", r"(?i:action[ -]?(?:items?|points?|required|requested))"),
    *(r"(?i:to[ -]?do'?s?)", r"(?i:next[ -]steps?)", r"(?i:follow[- ]?ups?)", "(?i:task)", "(?i:homework)"),
    *("(?i:aufgabe)", "(?i:à faire)", "(?i:tâche)", "(?i:tarea)", "(?i:acción)", "(?i:azione)"),
    *("(?i:tarefa)", "(?i:ação)", "(?i:actie(?:punt)?)"),
)
_CAPITALS = any_of("AI", "AR", "ACTION(?: ITEM)?", "TODO")
_NUMBER = r"(?:[ -]?#?\d{1,4}(?:\.\d{1,3})?)?"
_STOP = any_of(r"\s*(?::{1,2}|->|=>|[\u2013\u2014→])\s*", r"\s*-{2,3}>?\s*", r"\s*-\s+")
_GROUP = r"[\[({<]\s*(?P<group>[^\[\](){}<>]{0,60}?)\s*[\])}>]"
_FOR = r"(?:\s*(?:for|on) (?P<whom>@?[\w.@-]+(?: [A-Z]\w+)?)(?=:| to ))?"
_MARK = re.compile(
    rf"(?:#(?:action|todo|ai)\b|{_WORD}){_NUMBER}\s?(?:{_GROUP})?{_FOR}"
    rf"(?:{_STOP}|\s*$|(?<=[\])}}>])\s*|\s+(?=[\[@]|to ))(?P<rest>.*)"
)
_WEAK = re.compile(r"follow|task|homework|action re", re.IGNORECASE)
_BEFORE_NAME = any_of("[:,/]", "-{1,2}", r"[\u2013\u2014]", r"\bfor\b", r"\bto\b", r"\s")
_BRACKETED = re.compile(
    rf"[\[(]\s*(?:NEW\s+)?{_WORD}{_NUMBER}\s*(?:{_BEFORE_NAME}\s*(?P<who>[^\[\]()]{{1,60}}?))?\s*[\])]"
    rf"(?:{_STOP}|\s*)(?P<rest>.*)"
)
_HASH = re.compile(r"#(?:action|todo|ai|task)\s+(?P<rest>\S.*)", re.IGNORECASE)
_CAPITAL = re.compile(rf"{_CAPITALS}{_NUMBER}\s+(?P<rest>\S.*)")
_SAID_INSIDE = any_of("AI", r"A\.I\.", "AR", "ACTION(?: ITEM)?S?", r"Action(?: [Ii]tems?| (?=\d))", "TODO")
_INSIDE = re.compile(
    rf"(?:^|[\s.?!;,)(\]\[\u2013\u2014-])"
    rf"(?P<mark>{_SAID_INSIDE}{_NUMBER}(?:\s?{_GROUP})?\s*:{{1,2}}"
    rf"|AI(?:->|\s?{_GROUP.replace('group', 'group2')}))\s*(?P<rest>\S.*)"
)
_ON = re.compile(
    r"(?:^|[-\u2013\u2014.;,(]\s+)[Aa]ction (?:is )?(?:on|for) "
    r"(?P<who>@?[A-Z@][\w.-]*(?: [A-Z][\w.-]*)?) to (?P<rest>[a-z].*)"
)
_AT_END = re.compile(
    r"[\[(]\s*(?:AI|AR|ACTION|TODO|[Aa]ction)\s*[-:\s\u2013]\s*(?P<who>[^\[\]()]{1,60})[\])]\s*\.?$"
)
_OLD = re.compile(
    rf"(?:last (?:week|time|meeting|month)(?:{APOSTROPHE}?s)?|previous|prior|old|past)\b"
    r".{0,30}\b(?:AIs?|actions?|to-?dos?)\b",
    re.IGNORECASE,
)
_SPEAKER = re.compile(
    rf"(?:\[(?P<a>[^\[\]]{{1,40}})\]|(?P<b>@?{WORD})(?= (?:AI|ACTION|TODO)\b)"
    rf"|(?P<c>{WORD}(?: {WORD}){{0,2}}):)\s*"
)
_SPEAKS = (":", "[", " AI", " ACTION", " TODO")
"""One of these stands in each line that a speaker begins."""
_KEYWORD = re.compile(
    r"(?P<word>TODO|DOING|NOW|LATER|NEXT|WAITING|STARTED|IN-PROGRESS|HOLD|DONE|CANCELL?ED)\s+"
    r"(?:\[#(?P<priority>[A-Z])\]\s*)?(?![A-Z]{3,}\b)(?P<rest>[^\s:(\[].*)"
)
_KEYWORD_STATES = {"DONE": State.DONE, "CANCELED": State.DROPPED, "CANCELLED": State.DROPPED}
_TAGS = re.compile(r"(?<=\s):(?:[\w@]+:)+\s*$")
_TAKES = any_of(
    *("takes?", "took", "taking", "will take", "can take", "to take"),
    *("has", "got", "gets", "accepts?", "accepted", "owns?"),
)
_TAKEN = re.compile(
    rf"\b{_TAKES}(?: on)?(?: an?| the| this| that)? (?:action(?: items?| points?)?|AIs?|AR|to-?do)\b"
    r"(?: (?:to|of|for|on))?\s*[:-]?\s*(?P<rest>.*)",
    re.IGNORECASE,
)
_TAKEN_WORDS = ("action", " ai", " ar", "todo", "to-do")
_INSIDE_WORDS = ("AI", "A.I.", "AR", "ACTION", "Action", "action", "TODO")
_NO = any_of(
    *("none", "nothing", "n/?a", "nil", "no", "nope", "tbd", "tba", r"\?+", "-+", "same"),
    *("keine", "aucune?", "ninguna", "nessuna", "nenhuma", "geen"),
)
_MORE = any_of(
    *("new", "open", "this (?:week|time)", "so far", "today", "for now", "yet", "really"),
    *("to (?:report|add)", "action items?", "actions?", "items?", "as (?:last|above).*"),
)
_NONE = re.compile(
    rf"\(?{_NO}\b(?: {_MORE})*\)?\.?|none\b.{{0,30}}|none\s*[-\u2013\u2014:(,.;].*"
    r"|no (?:new )?(?:action|item|ai|open).{0,30}",
    re.IGNORECASE,
)
_INTELLIGENCE = re.compile(
    any_of(
        *("it", "this", "that", "they", "he", "she", "there", "what", "how", "why", "the", "in", "is", "are"),
        *(
            "was",
            "will",
            "can",
            "could",
            "may",
            "might",
            "should",
            "has",
            "have",
            "does",
            "models?",
            "tools?",
        ),
        *("generated", "based", "powered", "driven", "assisted", "systems?", "agents?", "safety", "ethics"),
        *("research", "winter"),
    )
    + r"\b",
    re.IGNORECASE,
)
_OF_INTELLIGENCE = any_of(
    *("assisted", "based", "driven", "generated", "powered", "models?", "tools?", "agents?", "safety"),
    *("systems?", "is", "will", "can", "collab"),
)
_ORDINARY_AI = re.compile(
    rf"\bAI[- ]{_OF_INTELLIGENCE}\b|\b(?:artificial|LLMs?|machine learning|ChatGPT|generative|neural)\b"
    r"|\b(?:using|use|of|with) AI\b|\bAI and\b"
)
_OF_AI = ("artificial", "LLM", "machine learning", "ChatGPT", "generative", "neural")
_AI_ITEM = re.compile(r"AI(?:\s?[:\[(]|\s+-)\s*(?P<rest>\S.*)")


def marked(text: str, people: People, *, intelligence: bool = False) -> Marked | None:
    """The line without its mark; `intelligence` tells that AI is what the text is about.

    A speaker may stand before the mark, and is the owner if nobody else is.
    """
    if "intelligence" in text[:60].lower():
        return None
    found = _after_mark(text, people, intelligence)
    if found is not None:
        return found
    speaker = _SPEAKER.match(text) if any(mark in text for mark in _SPEAKS) else None
    said = (speaker["a"] or speaker["b"] or speaker["c"]) if speaker else ""
    if speaker and is_name(said, people, lax=True):
        found = _after_mark(text[speaker.end() :], people, intelligence)
        if found is not None and found.text:
            return replace(found, speaker=owners(said))
    return _inside(text, people, intelligence)


def _may_be_of_ai(text: str) -> bool:
    """Whether a word of `_ORDINARY_AI` stands in the text, which is quick to say."""
    return "AI" in text or any(word in text for word in _OF_AI)


def about_intelligence(texts: list[str]) -> bool:
    """Whether `AI` means artificial intelligence in these lines rather than action item."""
    ordinary = sum(_may_be_of_ai(text) and _ORDINARY_AI.search(text) is not None for text in texts)
    marks = filter(None, map(_AI_ITEM.match, texts))
    return ordinary > sum(_INTELLIGENCE.match(mark["rest"]) is None for mark in marks)


def keyword(text: str) -> tuple[Marked, str] | None:
    """A task of Org or Logseq, and the letter of its priority."""
    found = _KEYWORD.match(text)
    if found is None or found["rest"].isupper():
        return None
    rest = _TAGS.sub("", found["rest"])
    state = _KEYWORD_STATES.get(found["word"], State.OPEN)
    return Marked(rest, state=state), found["priority"] or ""


def taken(text: str) -> tuple[str, str] | None:
    """What stands before and after it, where somebody takes an action: `Ana took the action to call Bo`."""
    small = text.lower()
    if not any(word in small for word in _TAKEN_WORDS):
        return None
    found = _TAKEN.search(text)
    return (text[: found.start()], found["rest"]) if found else None


def says_none(text: str) -> bool:
    """Whether it only says that there is none, such as `N/A` below "Action items"."""
    return _NONE.fullmatch(text.strip(" *_.[]")) is not None


def is_old(text: str) -> bool:
    """Whether it is about earlier action items."""
    return _OLD.match(text) is not None


def _after_mark(text: str, people: People, intelligence: bool) -> Marked | None:
    if found := _MARK.match(text):
        who = owners(found["group"] or found["whom"] or "")
        rest = found["rest"].strip()
        if rest.startswith("to ") and not who and not _acts(rest, people):
            return None
        rest = rest.removeprefix("to ")
        vague = text[:2] in ("AI", "ai") and not who
        if text[:1] == "#" or not (vague and _means_intelligence(rest, people, intelligence)):
            return Marked(rest, who, weak=_WEAK.match(text) is not None)
        return None
    if found := _BRACKETED.match(text):
        who = owners(found["who"] or "")
        rest = found["rest"].strip()
        return Marked(rest, who, weak=_WEAK.match(text[1:]) is not None) if rest or who else None
    if found := _HASH.match(text):
        return Marked(found["rest"])
    found = _CAPITAL.match(text)
    if found and not _INTELLIGENCE.match(found["rest"]):
        return _called(found["rest"], people)
    return None


def _acts(rest: str, people: People) -> bool:
    """`to send ...`, or `to Joseph to send ...`, and not "to the point"."""
    verb = re.match(r"to (?:also )?([a-z]+)", rest)
    return (verb is not None and verb[1] in VERBS) or names_at(rest, 3, people) is not None


def _called(rest: str, people: People) -> Marked | None:
    """`AI Brendan Burns: Poke SIG Azure`, `ACTION BW: ...`, `AI Aaron to look`."""
    label = re.match(r"(?P<who>[^:]{1,60}?)\s*(?::|\s--?\s)\s*(?P<rest>.*)", rest)
    if label and (label["who"].lower() in EVERYBODY or is_name(label["who"], people, lax=True)):
        return Marked(label["rest"], owners(label["who"]))
    if re.match(r"(?:ALL|BY ALL)\b", rest):
        return Marked(rest)
    if re.match(r"\S+(?: \S+){0,3} (?:to|will) [a-z]", rest) or rest.split(" ", 1)[0].lower() in VERBS:
        return Marked(rest)
    return None


def _inside(text: str, people: People, intelligence: bool) -> Marked | None:
    """A mark inside the line, after a sentence or before the end."""
    if not any(word in text for word in _INSIDE_WORDS):
        return None
    if (found := _AT_END.search(text)) and found.start() > 0:
        who = found["who"].split(",")[0]
        if is_name(who.strip(), people, lax=True):
            rest = text[: found.start()].strip()
            return Marked(rest, owners(who))
    if found := _ON.search(text):
        return Marked(found["rest"], owners(found["who"]))
    found = _INSIDE.search(text)
    if found is None or _OLD.search(text, max(0, found.start() - 30), found.end("mark")):
        return None
    if found["mark"].startswith("AI") and _means_intelligence(found["rest"], people, intelligence):
        return None
    group = found["group"] or found["group2"] or ""
    rest = found["rest"].strip()
    if text[found.start("mark") - 1 : found.start("mark")] == "[":
        rest = rest.rstrip(".").removesuffix("]")
    return None if group in ("s", "es") else Marked(rest, owners(group))


def _means_intelligence(rest: str, people: People, intelligence: bool) -> bool:
    """Whether what follows `AI:` speaks of artificial intelligence, and not of what somebody is to do."""
    suspect = intelligence or _INTELLIGENCE.match(rest) is not None
    return bool(rest) and suspect and assigned(rest, people, lax=True) is None
