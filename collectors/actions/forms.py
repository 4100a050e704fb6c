"""The forms in which a line says plainly that something is to be done: `AI(Bob): ...`, `ACTION -- ...`, `TODO ...`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from collectors.actions.markup import State
from collectors.actions.people import People, is_name, owners
from collectors.actions.words import VERBS


class Form(StrEnum):
    """How the text says that something is to be done."""

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
    """What follows the mark; `who` if the mark names somebody. Nothing follows the mark of a list."""

    text: str
    who: tuple[str, ...] = ()
    state: State = State.OPEN


_WORD = (
    r"(?:AI|A\.I\.|A/I|AR|AP|ai|(?i:action(?:s|[ -]?(?:items?|points?|required|requested))?|to-?do'?s?|next[ -]steps?"
    r"|follow[- ]?ups?|task|homework))"
)
_NUMBER = r"(?:[ -]?#?\d{1,4})?"
_SEP = r"(?:\s*(?::{1,2}|->|=>|[–—→])\s*|\s*-{2,3}>?\s*|\s*-\s+)"
_GROUP = r"[\[({<]\s*(?P<group>[^\[\](){}<>]{0,60}?)\s*[\])}>]"
_MARK = re.compile(
    rf"(?:#(?:action|todo|ai)\b|{_WORD}){_NUMBER}\s?(?:{_GROUP})?(?:\s*(?:for|on)\s+(?=@))?"
    rf"(?:{_SEP}|\s*$|(?<=[\])}}>])\s*|\s+(?=[\[@]))(?P<rest>.*)"
)
_BRACKETED = re.compile(
    rf"[\[(]\s*(?:NEW\s+)?{_WORD}{_NUMBER}\s*(?:(?:[:,/]|-{{1,2}}|[–—]|\bfor\b|\bto\b|\s)\s*(?P<who>[^\[\]()]{{1,60}}?))?\s*[\])]"
    rf"(?:{_SEP}|\s*)(?P<rest>.*)"
)
_HASH = re.compile(r"#(?:action|todo|ai|task)\s+(?P<rest>\S.*)", re.IGNORECASE)
_CAPITAL = re.compile(rf"(?:AI|AR|ACTION(?: ITEM)?|TODO){_NUMBER}\s+(?P<rest>\S.*)")
_TO_DO = re.compile(r"(?:[Aa]ctions?(?: items?)?|ACTION|[Nn]ext steps?(?: (?:is|are))?) (?P<rest>to [a-z].*)")
_INSIDE = re.compile(
    rf"(?:^|[\s.?!;,)(\]–—-])(?P<mark>(?:AI|A\.I\.|AR|ACTION(?: ITEM)?S?|Action [Ii]tems?|TODO){_NUMBER}"
    rf"(?:\s?{_GROUP})?\s*:{{1,2}}|AI(?:->|\s?{_GROUP.replace('group', 'group2')}))\s*(?P<rest>\S.*)"
)
_AT_END = re.compile(rf"[\[(]\s*(?:AI|AR|ACTION|TODO|[Aa]ction)\s*(?::|-|–|\s)\s*(?P<who>[^\[\]()]{{1,60}})[\])]\s*\.?$")
_OLD = re.compile(
    r"(?:last (?:week|time|meeting|month)(?:['\u2019]?s)?|previous|prior|old|past)\b.{0,30}\b(?:AIs?|actions?|to-?dos?)\b",
    re.IGNORECASE,
)
_SPEAKER = re.compile(r"(?:\[(?P<a>[^\[\]]{1,40})\]|(?P<b>[^\W\d_][\w'\u2019.-]*(?: [^\W\d_][\w'\u2019.-]*){0,2}):)\s*")
_KEYWORD = re.compile(
    r"(?P<word>TODO|DOING|NOW|LATER|NEXT|WAITING|STARTED|IN-PROGRESS|HOLD|DONE|CANCELL?ED)\s+(?:\[#(?P<priority>[A-Z])\]\s*)?"
    r"(?P<rest>[^\s:(\[].*)"
)
_KEYWORD_STATES = {"DONE": State.DONE, "CANCELED": State.DROPPED, "CANCELLED": State.DROPPED}
_TAGS = re.compile(r"\s+:(?:[\w@]+:)+\s*$")
_TAKEN = re.compile(
    r"\b(?:takes?|took|taking|will take|can take|has|got|gets|to take|accepts?|accepted|owns?)(?: on)?(?: an?| the| this| that)?"
    r" (?:action(?: items?| points?)?|AIs?|AR|to-?do)\b(?: (?:to|of|for|on))?\s*[:-]?\s*(?P<rest>.*)",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"(?:\(?(?:none|nothing|n/?a|nil|no|nope|tbd|tba|\?+|-+|keine|aucune?|ninguna|nessuna|nenhuma|geen|same)\b"
    r"(?: (?:new|open|this (?:week|time)|so far|today|for now|yet|really|to (?:report|add)|action items?|actions?|items?|as (?:last|above).*))*\)?\.?|none\b.{0,30}|no (?:new )?(?:action|item|ai|open).{0,30})",
    re.IGNORECASE,
)
_INTELLIGENCE = re.compile(
    r"(?:it|this|that|they|he|she|there|what|how|why|is|are|was|will|can|could|may|might|should|has|have|does|models?|tools?"
    r"|generated|based|powered|driven|assisted|systems?|agents?|safety|ethics|research|winter|in|the)\b",
    re.IGNORECASE,
)
_ORDINARY_AI = re.compile(
    r"\bAI[- ](?:assisted|based|driven|generated|powered|models?|tools?|agents?|safety|systems?|is|will|can|collab)\b"
    r"|\b(?:artificial|LLMs?|machine learning|ChatGPT|generative|neural|using AI|use AI|of AI|with AI|AI and)\b"
)


def marked(text: str, people: People, *, intelligence: bool = False) -> Marked | None:
    """The line without its mark; `intelligence` tells that AI is what the text is about.

    A speaker may stand before the mark, and is the owner if nobody else is.
    """
    found = _after_mark(text, people, intelligence)
    if found is not None:
        return found
    speaker = _SPEAKER.match(text)
    if speaker and is_name(said := (speaker["a"] or speaker["b"]), people, lax=bool(speaker["a"])):
        found = _after_mark(text[speaker.end() :], people, intelligence)
        if found is not None and found.text:
            return found
        del said
    return _inside(text, people, intelligence)


def about_intelligence(texts: list[str]) -> bool:
    """Whether `AI` means artificial intelligence in these lines, more than it means an item."""
    ordinary = sum(_ORDINARY_AI.search(text) is not None for text in texts)
    items = sum(
        re.match(r"AI(?:\s?[:\[(]|\s+-)\s*(?:\S+ to\b|\S+ will\b|(\S+))", text) is not None
        and not _INTELLIGENCE.match(re.sub(r"AI\W*", "", text, count=1))
        for text in texts
    )
    return ordinary > items


def keyword(text: str) -> tuple[Marked, str] | None:
    """A task of Org or Logseq, and the letter of its priority."""
    found = _KEYWORD.match(text)
    if found is None:
        return None
    rest = _TAGS.sub("", found["rest"])
    state = _KEYWORD_STATES.get(found["word"], State.OPEN)
    return Marked(rest, state=state), found["priority"] or ""


def taken(text: str) -> str | None:
    """What somebody takes as an action, as in `Ana took the action to call Bo`."""
    found = _TAKEN.search(text)
    return found["rest"] if found else None


def says_none(text: str) -> bool:
    """Whether it only says that there is nothing, as `N/A` below "Action items"."""
    return _NONE.fullmatch(text.strip(" *_.[]")) is not None


def is_old(text: str) -> bool:
    """Whether it speaks of what was to be done before."""
    return _OLD.match(text) is not None


def _after_mark(text: str, people: People, intelligence: bool) -> Marked | None:
    if found := _MARK.match(text):
        who = owners(found["group"] or "")
        rest = found["rest"].strip()
        vague = text[:2] in ("AI", "ai") and not who
        if text[:1] == "#" or not (vague and _means_intelligence(rest, text, intelligence)):
            return Marked(rest, who)
        return None
    if found := _BRACKETED.match(text):
        who = owners(found["who"] or "")
        rest = found["rest"].strip()
        return Marked(rest, who) if rest or who else None
    if found := _HASH.match(text):
        return Marked(found["rest"])
    if found := _TO_DO.match(text):
        return Marked(found["rest"].removeprefix("to "))
    if (found := _CAPITAL.match(text)) and (who := _called(found["rest"], people)):
        return who
    return None


def _called(rest: str, people: People) -> Marked | None:
    """`AI Brendan Burns: Poke SIG Azure`, `ACTION BW: ...`, `AI Aaron to look`."""
    label = re.match(r"(?P<who>[^:]{1,60}?)\s*(?::|\s--?\s)\s*(?P<rest>.*)", rest)
    if label and is_name(label["who"], people, lax=True):
        return Marked(label["rest"], owners(label["who"]))
    if re.match(r"(?:ALL|BY ALL)\b", rest):
        return Marked(rest)
    if re.match(r"\S+(?: \S+){0,3} (?:to|will) [a-z]", rest) or rest.split(" ", 1)[0].lower() in VERBS:
        return Marked(rest)
    return None


def _inside(text: str, people: People, intelligence: bool) -> Marked | None:
    """A mark in the middle, after a sentence or before the end."""
    if (found := _AT_END.search(text)) and found.start() > 0:
        who = found["who"].split(",")[0]
        if is_name(who.strip(), people, lax=True):
            rest = text[: found.start()].strip()
            return Marked(rest, owners(who))
    found = _INSIDE.search(text)
    if found is None or is_old(text[max(0, found.start() - 30) : found.end("mark")]):
        return None
    if found["mark"].startswith("AI") and _means_intelligence(found["rest"], text, intelligence):
        return None
    return Marked(found["rest"].strip(), owners(found["group"] or found["group2"] or ""))


def _means_intelligence(rest: str, text: str, intelligence: bool) -> bool:
    return bool(rest) and (_INTELLIGENCE.match(rest) is not None or intelligence)
