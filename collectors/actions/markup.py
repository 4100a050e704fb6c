"""The marks that programs for tasks put into a line: what they say, and the line without them.

Sources: Obsidian Tasks and Dataview, Kanban boards, TaskPaper, todo.txt, GitHub's task lists.
"""

from __future__ import annotations

import re
from enum import StrEnum

from markdown_it import MarkdownIt
from markdown_it.token import Token

from collectors.actions.patterns import has_any
from models.priorities import Urgency


class State(StrEnum):
    """How far a task is, as its text says it."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


BOX = re.compile(r"\[(.)\](?:\s+|$)")
_STATES = dict.fromkeys(" /!><?*", State.OPEN) | dict.fromkeys("xX", State.DONE) | {"-": State.DROPPED}
_URGENT_BOXES = "!*"

_DAY = r"\d{4}-\d\d-\d\d"
_DATED = "⏳🛫\N{HEAVY PLUS SIGN}✅❌"
_FIELDS = re.compile(
    rf"[{_DATED}]\ufe0f?\s*(?:{_DAY})?"
    r"|🆔\s*[\w-]*|⛔\ufe0f?\s*[\w-]*(?:\s*,\s*[\w-]+)*|🏁\s*\w*"
    r"|🔁\s*[\w ,'-]*"
    r"|@(?!due\()\w+\([^()]*\)|@@\{[^{}]*\}"
    r"|(?<!\S)\^[\w-]+\s*$"
    r"|(?<!\S)#(?:task|todo)(?![\w/-])"
    r"|(?<!\S)(?:SCHEDULED|CLOSED):\s*[<\[][^<>\[\]]*[>\]]|(?<!\S)(?!due|prio)[a-z-]+::\s\S+"
    r"|(?<!\S)(?:rec|uuid|created|completed|start|scheduled):\S+"
    r"|\[recorded in \S+\]|\s--\s+(?:OPEN|CLOSED|PENDING(?:REVIEW)?)\s*$"  # of the W3C's minutes
    r"|\([\w|^`-]{1,30}, \d\d:\d\d(?::\d\d)?\)\s*$",  # by whom and when, as bots of chats write it
    re.IGNORECASE,
)
_INLINE_FIELD = re.compile(r"[\[(](?!due\b|prio(?:rity)?\b)\w[\w -]*::[^\[\]()]*[\])]", re.IGNORECASE)
_HIDDEN = re.compile(r"~~(?:(?!~~).)+~~|%%(?:(?!%%).)*%%")
_WIKI_LINK = re.compile(r"!?\[\[([^\[\]]+)\]\]")
_HIGHLIGHT = re.compile(r"==(?=\S)((?:(?!==).)+)==")
_RECURS = re.compile(r"🔁|(?<!\S)rec:\S|[\[(]repeat::", re.IGNORECASE)
_CODE = re.compile(r"`[^`]*`")
_PLACEHOLDER = re.compile(r"\{\{[^{}]*\}\}|<%[^%]*%>")
_TO_FILL = (
    "name", "names", "owner", "owners", "who", "whom", "what", "when", "person", "people", "assignee", "verb",
    "task", "tasks", "action", "item", "description", "date", "due", "deadline", "username", "user", "handle",
    "something", "something to do", "topic", "title", "your name", "due date", "action item", "do something",
)  # fmt: skip
_BLANK = re.compile(
    rf"[<\[](?:{'|'.join(_TO_FILL)})[>\]](?!\()|@(?:username|name|owner|handle|person)(?![\w/-])"
    r"|_{3,}|\.{3,}|\u2026|\bX{3,}\b",
    re.IGNORECASE,
)
_BLANK_CUE = ("<", "[", "@", "___", "...", "\u2026", "XXX")
_BESIDE_BLANKS = re.compile(
    r"\b(?:to|by|will|and|on|for|the|ai|action|item|items|todo|owner|due|date)\b|[\W_]", re.IGNORECASE
)
_BESIDE = frozenset(["to", "by", "will", "and", "on", "for", "the", "ai", "action", "item", "items", "todo"])
_OF_BLANKS = _BESIDE | {word for blank in _TO_FILL for word in blank.split()}
_A_WORD = re.compile(r"[^\W_]+")
_TAKEN_OUT = re.compile(r"\(\s*\)|\[\s*\]")
_ENDS = " ,;:-\u2013\u2014\u2192"
_BEFORE_STOP = re.compile(r" (?=[.,;:!?)])")

_PRIORITY = (
    r"(?<![\w-])[\[(]?prio(?:rity)?(?:::?|\s?=)?\s*{word}\b[\])]?"
    r"|[\[(]\s*(?:{only}|{word}[ -]prio(?:rity)?)\s*[\])]"
    r"|^\s*(?:[\[(]{word}[\])]|{code}(?=\s?[:\u2013\u2014-]\s)\s?[:\u2013\u2014-])"
    r"|[\[(]{word}[\])](?=\s*(?:$|[.,;:@\u2013\u2014-]|(?:by|due|before|bis)\b))"
)
"""What is no other word in brackets, wherever it stands; a word that is, as in "aim (high)", at an end."""
_URGENCIES = tuple(
    (urgency, re.compile(f"{marks}|{_PRIORITY.format(word=word, only=only, code=code)}", re.IGNORECASE))
    for urgency, marks, word, only, code in (
        (
            Urgency.HIGH,
            r"(?<!\S)!{1,3}(?!\S)|(?<!\S)#(?:urgent|high)(?![\w/-])|[⏫🔺]\ufe0f?",
            "(?:high|highest|urgent|critical|p[01]|hoch|haute|alta)",
            "(?:p[01]|!{1,3}|urgente?|asap|critical|dringend|eilig|至急|緊急)",
            "p[01]",
        ),
        (Urgency.MEDIUM, r"(?<!\S)#medium(?![\w/-])|🔼\ufe0f?", "(?:medium|normal|mittel|p2)", "p2", "p2"),
        (
            Urgency.LOW,
            r"(?<!\S)#low(?![\w/-])|[🔽⏬]\ufe0f?",
            "(?:low|lowest|p[345]|niedrig|basse|baja)",
            "(?:p[345]|nice[ -]to[ -]have)",
            "p[345]",
        ),
    )
)


_MARKING = re.compile(r"[\n\\\[\]*_`<&!]")
_LINK = re.compile(r"(?<![!\\\]])\[([^\[\]\\`<*_]*)\]\([^()\s\\<]*\)")
_INLINE = MarkdownIt("commonmark")


def plain(markdown: str) -> str:
    """The words without their marking: links become their text, code keeps its ticks."""
    if "](" in markdown:
        markdown = _LINK.sub(r"\1", markdown)
    if not _MARKING.search(markdown):
        return markdown.strip()
    children = _INLINE.parseInline(markdown)[0].children or []
    return "".join(_words(token) for token in children).strip()


_URGENCY_CUE = re.compile(r"[!#⏫🔺🔼🔽⏬(\[]|prio|^\s*p\d", re.IGNORECASE)
_FIELD_CUE = re.compile(rf"[{_DATED}🆔⛔🏁🔁@~%^#:]|--")
_TITLE_CUE = re.compile(r"[\[=]|\s\s|\s[.,;:!?)]")


def state_of(mark: str) -> State | None:
    """What the character in a box says; None when a box with it is none of a task."""
    return _STATES.get(mark)


def recurs(text: str) -> bool:
    """Whether it comes again, so that one of another date is another task."""
    return _RECURS.search(text) is not None


def is_template(text: str) -> bool:
    """Whether the line waits to be filled in, as `{{title}}`, `<% tp.date.now() %>` or `[name] to [action]`;
    code may say so."""
    if ("{{" in text or "<%" in text) and _PLACEHOLDER.search(_CODE.sub("", text)):
        return True
    if not has_any(text, _BLANK_CUE) or _says_more(text):
        return False
    left, blanks = _BLANK.subn(" ", text)
    return blanks > 0 and not _BESIDE_BLANKS.sub("", left)


def _says_more(text: str) -> bool:
    """Whether a word stands in it that is neither a blank nor beside one; mostly the first is."""
    for word in _A_WORD.finditer(text):
        small = word[0].lower()
        if small not in _OF_BLANKS and small.strip("x"):
            return True
    return False


def urgency_of(text: str, mark: str = " ") -> tuple[Urgency, str]:
    """How urgent the marks make it, the highest counting, and the text without them."""
    told = [Urgency.HIGH] if mark in _URGENT_BOXES else []
    if not _URGENCY_CUE.search(text):
        return (told[0] if told else Urgency.MEDIUM), text
    told += [urgency for urgency, marks in _URGENCIES if marks.search(text)]
    for _, marks in _URGENCIES:
        text = marks.sub(" ", text)
    return (told[0] if told else Urgency.MEDIUM), " ".join(text.split())


def without_fields(text: str) -> str:
    """The text without ids, recurrences, comments, and the dates that are not those of the due."""
    if not _FIELD_CUE.search(text):
        return text
    rest = _INLINE_FIELD.sub(" ", _FIELDS.sub(" ", _HIDDEN.sub(" ", text)))
    return " ".join((rest if rest == text else _TAKEN_OUT.sub(" ", rest)).split())


def unlinked(text: str) -> str:
    """The text with what a wiki's links show in their place."""
    return _WIKI_LINK.sub(_shown, text) if "[[" in text else text


def title(text: str) -> str:
    """The words alone: links become what they show."""
    if not _TITLE_CUE.search(text):
        return text.strip(_ENDS)
    text = _HIGHLIGHT.sub(r"\1", unlinked(text))
    text = _BEFORE_STOP.sub("", " ".join(text.split()))
    return text.strip(_ENDS)


def _shown(link: re.Match[str]) -> str:
    target, _, label = link[1].rpartition("|")
    return label if target else label.rpartition("/")[2].partition("#")[0] or label


def _words(token: Token) -> str:
    match token.type:
        case "text" | "text_special" | "image":
            return token.content
        case "code_inline":
            return f"{token.markup}{token.content}{token.markup}"
        case "softbreak" | "hardbreak":
            return " "
        case "html_inline" if token.content[:3].lower() == "<br":
            return " "
        case "html_inline" if token.content[:6].lower() == "<table":  # one that begins a table is read before
            return token.content
        case _:
            return ""
