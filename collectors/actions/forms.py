"""The explicit forms of action items: `AI(Bob): ...`, `ACTION -- ...`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from collectors.actions import intelligence
from collectors.actions.abroad import alternatives, parts
from collectors.actions.days import PLAIN
from collectors.actions.intelligence import DOES
from collectors.actions.markup import State
from collectors.actions.patterns import APOSTROPHE, WORD, any_of, has_any
from collectors.actions.people import People, called, is_name, names_at, owners
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
    `when` is by when the mark says that it is due.

    A `weak` mark stands before other things, too; the `speaker` before it is the owner if nobody else is.
    """

    text: str
    who: tuple[str, ...] = ()
    state: State = State.OPEN
    weak: bool = False
    when: str = ""
    speaker: tuple[str, ...] = ()


_WORD = any_of(
    *("AIs?", r"A\.I\.", "A/I", "AR", "AP", r"ai(?=:|\()"),
    *(r"(?i:action[ -]?(?:items?|points?|required|requested|arising))", r"(?i:actions?)"),
    *(r"(?i:to[ -]?do'?s?)", r"(?i:next[ -]steps?)", r"(?i:follow[- ]?ups?)", "(?i:task)", "(?i:homework)"),
    rf"(?i:{alternatives('mark')})(?=\s?:)",
)
_CAPITALS = any_of("AI", r"A\.I\.", "AR", "ACTION(?: ITEM)?", "TO-?DO", "ToDo")
_NUMBER = r"(?:[ -]?#?\d{1,4}(?:\.\d{1,3})?)?"
_STOP = any_of(
    r"(?<=[Ii][Tt][Ee][Mm]),\s+", r"\s*(?::{1,2}|->|=>|[\u2013\u2014→])\s*", r"\s*-{2,3}>?\s*", r"\s*-\s+"
)
_GROUP = r"[\[({<]\s*(?P<group>[^\[\](){}<>]{0,60}?)\s*[\])}>]"
_FOR = r"(?:\s*(?:for|on) (?P<whom>(?:[A-Z@]|\w+@)[\w.@-]*(?: [A-Z]\w+)?)(?=:| to ))?"
_TIME = r"(?: for (?:the )?next (?:meeting|time|call|week)| from (?:today|this (?:meeting|call)))?"
_MARK = re.compile(
    rf"(?:#(?:action|todo|ai)\b|{_WORD}){_NUMBER}\s?(?:{_GROUP})?{_TIME}{_FOR}"
    rf"(?:{_STOP}|\s*$|(?<=[\])}}>])\s*|\s+(?=[\[@]|to ))(?P<rest>.*)"
)
_BEGINS = frozenset(one[:2] for one in parts("mark")) | frozenset(
    ("ai", "a.", "a/", "ar", "ap", "ac", "to", "ne", "th", "fo", "ta", "ho")
)
"""The first two letters of each mark: most lines begin with others."""
_WEAK = re.compile(r"(?i:follow|task|homework|action re)|ai\b")
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
_THEN_NEXT = re.compile(r"(?<=[.!?;] )Next [Ss]teps?:\s*(?P<rest>\S.*)")
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
_TAGS = re.compile(r"(?<=\s):(?:[\w@]+:)+(?=\s*$|\s+(?:SCHEDULED|DEADLINE|CLOSED):)")
_DRAWER = re.compile(r":(?:LOGBOOK|PROPERTIES):(?:(?!:END:).)*(?::END:)?")
_HELD_DONE = re.compile(r"done|completed?|closed|finished|resolved|fixed", re.IGNORECASE)
_HELD_DROPPED = re.compile(r"cancel?led|dropped|abandoned|withdrawn|obsolete", re.IGNORECASE)
_HELD_OPEN = re.compile(
    r"open|ongoing|in progress|wip|pending|new|cont(?:\.|inued)?|recurring", re.IGNORECASE
)
_HELD_WHEN = re.compile(
    rf"(?:due(?: date)?|by|before|deadline|eta)\b:?\s*(?P<due>.+)|(?P<day>\d{{4}}-\d\d-\d\d|{PLAIN})",
    re.IGNORECASE,
)
_STATED = re.compile(r"(?:\[(?P<a>[^\[\]]{1,12})\]|\((?P<b>[^()]{1,12})\)|(?P<c>DONE|CANCELLED):)\s*(?=\S)")
_NEXT = re.compile(
    rf"(?:[Tt]he )?[Nn]ext (?:steps?|actions?|thing) (?:here |now )?(?:is|are|would be|will be|{APOSTROPHE}s)"
    r"(?:,| then)? (?:for (?P<who>[^:;.]{1,60}?) )?to (?P<rest>(?P<verb>[a-z]+)\b.*)"
)
_TAKES = any_of(
    *("takes?", "took", "taking", "will take", "can take", "to take"),
    *("has", "got", "gets", "accepts?", "accepted", "owns?"),
)
_TAKEN = re.compile(
    rf"\b{_TAKES}(?: on)?(?: an?| the| this| that)?(?: as an?)?(?: next)?"
    r" (?:action(?: items?| points?)?|AIs?|AR|to-?do)\b(?: (?:to|of|for|on))?\s*[:-]?\s*(?P<rest>.*)",
    re.IGNORECASE,
)
_TAKEN_WORDS = ("action", " ai", " ar", "todo", "to-do")
_INSIDE_WORDS = ("Next step", "Next Step", "AI", "A.I.", "AR", "ACTION", "Action", "action", "TODO")
_NO = any_of(
    *("none", "nothing", "n/?a", "nil", "no", "nope", "tbd", "tba", r"\?+", "-+", "same"),
    alternatives("none"),
)
_HOLDS_PLACE = (
    r"(?:action items?|actions?|tasks?|items?|to-?dos?|next steps?) ?#?\d{0,2}"
    r"|(?:add|enter|type|insert|list) (?:your |an? |new |more |any )?"
    r"(?:action items?|actions?|tasks?|items?|to-?dos?|next steps?|notes?)(?: here| below)?"
)
"""What templates have where something is to be written."""
_MISSING = re.compile(rf"\(?{_NO}\)?|{_HOLDS_PLACE}", re.IGNORECASE)
_MORE = any_of(
    *("new", "open", "this (?:week|time)", "so far", "today", "for now", "yet", "really"),
    *("to (?:report|add)", "action items?", "actions?", "items?", "as (?:last|above).*"),
)
_NONE = re.compile(
    rf"\(?{_NO}\b(?: {_MORE})*\)?\.?|none\b.{{0,30}}|none\s*[-\u2013\u2014:(,.;].*"
    rf"|{_HOLDS_PLACE}"
    r"|see (?:the )?(?:issues?|board|tracker|jira|github|above|below|notes?|link|minutes|sheet|list)\b.{0,40}"
    r"|no (?:new )?(?:action|item|ai|open|ones).{0,30}"
    r"|carried (?:over|forward)(?: from last (?:week|time|meeting))?\.?",
    re.IGNORECASE,
)
_TITLES = re.compile(r"(?:[A-Z][\w'-]*|\d{4})(?:(?:, | & |, and )(?:[A-Z][\w'-]*|\d{4}))+\.?")
"""What stands behind the genre of a film, or names the people of an item without one."""


def marked(text: str, people: People, *, suspected: bool = False) -> Marked | None:
    """The line without its mark; `suspected` tells that AI is what the text is about.

    A speaker may stand before the mark, and is the owner if nobody else is.
    """
    if "intelligence" in text[:60].lower():
        return None
    if (
        text[:1] in "[(DC"
        and (stated := _STATED.match(text))
        and (held := _held(stated["a"] or stated["b"] or stated["c"])).state is not State.OPEN
    ):
        found = _after_mark(text[stated.end() :], people, suspected)
        return found and replace(found, state=held.state)
    found = _after_mark(text, people, suspected)
    if found is not None:
        return found
    speaker = _SPEAKER.match(text) if has_any(text, _SPEAKS) else None
    said = (speaker["a"] or speaker["b"] or speaker["c"]) if speaker else ""
    if speaker and is_name(said, people, lax=True):
        found = _after_mark(text[speaker.end() :], people, suspected)
        if found is not None and found.text:
            return replace(found, speaker=owners(said))
    return _inside(text, people, suspected)


def keyword(text: str) -> tuple[Marked, str] | None:
    """A task of Org or Logseq, and the letter of its priority."""
    found = _KEYWORD.match(text)
    if found is None or found["rest"].isupper():
        return None
    rest = _DRAWER.sub(" ", _TAGS.sub("", found["rest"])).rstrip()
    state = _KEYWORD_STATES.get(found["word"], State.OPEN)
    return Marked(rest, state=state), found["priority"] or ""


def taken(text: str) -> tuple[str, str] | None:
    """What stands before and after it, where somebody takes an action: `Ana took the action to call Bo`."""
    small = text.lower()
    if not has_any(small, _TAKEN_WORDS):
        return None
    found = _TAKEN.search(text)
    return (text[: found.start()], found["rest"]) if found else None


def says_none(text: str) -> bool:
    """Whether it only says that there is none, such as `N/A` below "Action items"."""
    return _NONE.fullmatch(text.strip(" *_.[]")) is not None


def is_empty(text: str) -> bool:
    """Whether it is a word that stands for one that is missing: `TBD`, `N/A`."""
    return _MISSING.fullmatch(text.strip(" *_.[]")) is not None


def is_old(text: str) -> bool:
    """Whether it is about earlier action items."""
    return text[:1] in "lLpPoO" and _OLD.match(text) is not None


def _after_mark(text: str, people: People, suspected: bool) -> Marked | None:
    if text[:1] not in "[(#" and text[:2].lower() not in _BEGINS:
        return None
    if (said := _next(text, people)) is not None:
        return said
    if found := _MARK.match(text):
        held = _held(found["group"] or found["whom"] or "")
        who = held.who
        rest = found["rest"].strip()
        if text[:2].lower() == "ac" and _TITLES.fullmatch(rest) and not begins_with_verb(rest):
            return None
        if rest.startswith("to ") and not who and not _acts(rest, people):
            return None
        rest = rest.removeprefix("to ")
        vague = text[:2] in ("AI", "ai") and not who
        if text[:1] == "#" or not (vague and intelligence.means(rest, people, suspected)):
            return replace(held, text=rest, weak=_WEAK.match(text) is not None)
        return None
    if found := _BRACKETED.match(text):
        if found["who"] and (whole := _held_whole(found["who"], people)) is not None:
            return whole
        held = _held(found["who"] or "")
        rest = found["rest"].strip()
        weak = _WEAK.match(text[1:]) is not None
        return replace(held, text=rest, weak=weak) if rest or held.who else None
    if found := _HASH.match(text):
        return Marked(found["rest"])
    found = _CAPITAL.match(text)
    rest = found["rest"] if found else ""
    if found and (not intelligence.speaks_of(rest) or called(rest, people)):
        return _called(found["rest"], people)
    return None


def begins_with_verb(text: str) -> bool:
    """Whether its first word is a verb of action items, small or not."""
    return re.split(r"\W", text, maxsplit=1)[0].lower() in VERBS


def _next(text: str, people: People) -> Marked | None:
    """`Next step is for Bob to write the draft`."""
    found = (
        _NEXT.match(text) if text[:8].lower() in ("next ste", "next act", "next thi", "the next") else None
    )
    if found is None or found["verb"] not in VERBS:
        return None
    who = found["who"] or ""
    return Marked(found["rest"], owners(who) if who and is_name(who, people, lax=True) else ())


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


def _inside(text: str, people: People, suspected: bool) -> Marked | None:
    """A mark inside the line, after a sentence or before the end."""
    if not has_any(text, _INSIDE_WORDS):
        return None
    if (found := _AT_END.search(text)) and found.start() > 0:
        who, _, what = found["who"].partition(",")
        if is_name(who.strip(), people, lax=True):
            rest = text[: found.start()].strip()
            what = what.strip()  # "https://example.org/1 (AI: bob, review)"
            return Marked(f"{what} {rest}" if what.split(" ")[0] in VERBS else rest, owners(who))
    if found := _ON.search(text):
        return Marked(found["rest"], owners(found["who"]))
    if "Next " in text and (then := _THEN_NEXT.search(text)):
        return Marked(then["rest"], weak=True)
    found = _INSIDE.search(text)
    if found is None or _OLD.search(text, max(0, found.start() - 30), found.end("mark")):
        return None
    if found["mark"].startswith("AI") and intelligence.means(found["rest"], people, suspected):
        return None
    group = found["group"] or found["group2"] or ""
    rest = found["rest"].strip()
    if text[found.start("mark") - 1 : found.start("mark")] == "[":
        if "](" in rest:
            return None  # the words of a link
        rest = rest.rstrip(".").removesuffix("]")
    before = text[: found.start("mark")].strip(" .;:,-\u2013\u2014([")
    if before and not group and is_name(rest, people) and not begins_with_verb(rest):
        return Marked(before, owners(rest))  # "open an issue for it. AI: Jim"
    return None if group in ("s", "es") else replace(_held(group), text=rest)


def _held(group: str) -> Marked:
    """What the brackets of a mark hold, in any order: who, by when, how far."""
    state, when, names = State.OPEN, "", []
    for part in map(str.strip, re.split(r"[,;]", group)):
        if day := _HELD_WHEN.fullmatch(part):
            when = f" by {day['due'] or day['day']}"
        elif _HELD_DONE.fullmatch(part):
            state = State.DONE
        elif _HELD_DROPPED.fullmatch(part):
            state = State.DROPPED
        elif not _HELD_OPEN.fullmatch(part):
            names.append(part)
    return Marked("", owners(", ".join(names)), state=state, when=when)


def _held_whole(held: str, people: People) -> Marked | None:
    """The action that the brackets of a mark hold: `(AI: Ana schedule a call) We could record it`."""
    names = names_at(held, 0, people, lax=True)
    found = DOES.fullmatch(held, names.end) if names is not None else None
    return Marked(found["what"], names.names) if names and found and found["verb"] in VERBS else None
