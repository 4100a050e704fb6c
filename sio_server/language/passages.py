"""The passages of prose in a text: paragraphs, list items, messages.

Not prose: quotations, forwarded mail, signatures, headings, tables, code, logs, tasks, links. A passage is
found around a place in the text, so that long minutes need not be read as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

LINES_MAX = 12
"""Lines of one passage: more are not a paragraph."""
LINE_MAX = 2_000
"""Characters of a line that are read."""
WRAPPED_FROM = 55  # characters: a shorter line was not wrapped by a program
BACK_MAX = 4_000
"""Characters above a passage that are searched for its heading."""

_HEADING = re.compile(r" {0,3}#{1,6}\s+(?P<text>.*?)\s*#*\s*$")
_BOLD_LINE = re.compile(r"\s*(?:\*\*|__)(?P<text>[^*_]{1,120}?):?(?:\*\*|__):?\s*$")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-{3,})\s*$")
_ITEM = re.compile(r"^(?P<indent>\s*)(?:[-*+•◦▪–]|\d{1,3}[.)]|[a-z][.)])\s+(?=\S)")
_TASK = re.compile(
    r"\s*(?:[-*+•]\s*)?(?:-?\[[ xX~/-]?\]|[☐☑☒□✅✔]|\W{0,3}(?:(?i:to-?do|to do|fixme|action(?: item)?s?"
    r"|aufgaben?|à faire|tarea|pendiente)|AIs?|A/I"
    r"|AP|要対応|宿題)\b\W{0,3}(?:\([^)]{0,60}\)\W{0,3}|@?[\w.-]{2,20}(?: to)? ?)?[:\]])"
)
_TASKS_BELOW = re.compile(
    r"\b(?:action items?|actions|to-?dos?|to do|tasks?|next steps|follow-?ups?|aufgaben|offene punkte"
    r"|maßnahmen"
    r"|actions? à mener|à faire|tâches|tareas|pendientes|acciones|attendees|attendance|present|participants?"
    r"|teilnehmer\w*|anwesend\w*|présents|asistentes|invited|regrets|apologies|absent|links|recordings?"
    r"|references|resources|template|vorlage|observers?|hosts?|note ?takers?)\b"
    r"|課題|宿題|出席者|参加者|タスク",
    re.IGNORECASE,
)
_TABLE = re.compile(r"[^|]*\|[^|]*\||.*\t\S.*\t\S|\s*[+|][-=+|\s]{3,}")
_QUOTED = re.compile(r"\s{0,3}(?:[A-Za-z]{1,4})?>|\s*&gt;")
_WROTE = re.compile(
    r"^[ \t]*(?:(?:On|Am|Le|El|Il|Em|Op|At)\b[^\n]{0,200}(?:\n[^\n]{0,120})?"
    r"(?:wrote|schrieb|a écrit|escribió|ha scritto|escreveu|schreef)\b[^\n]{0,80}:"
    r"|[^\n]{4,120}のメール:)[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_OTHERS = re.compile(
    r"^[ \t]*(?:[-_*=]{2,}[ \t]*(?:original message|forwarded (?:message|by)|urspr\S+ nachricht"
    r"|weitergeleitete"
    r"|message (?:original|transféré)|mensaje (?:original|reenviado))\b[^\n]*|begin forwarded message:?[ \t]*"
    r"|\*?(?:from|von|de)\*?:\*?[ \t]+\S[^\n]*\n\*?(?:sent|date|to|subject|gesendet|datum|an|betreff|envoyé"
    r"|objet|à|enviado|fecha|para|asunto)\*?:[^\n]*|_{10,}[ \t]*)$",
    re.IGNORECASE | re.MULTILINE,
)
_SIGNED = re.compile(
    r"^(?:--[ \t]?|__+[ \t]*|[ \t]*(?:sent from my|von meinem|gesendet von|envoyé de mon"
    r"|enviado desde mi)\b[^\n]{0,60})$"
    r"|^[ \t]*(?:(?:(?:with )?(?:kind|best|warm|many)(?:est)? )?(?:regards|wishes)|cheers|sincerely|thanks"
    r"|many thanks|thx|yours(?: \w+)?|best|(?:mit )?(?:freundlichen|viele|liebe|beste)n? gr(?:ü|ue)(?:ß"
    r"|ss)en?"
    r"|mfg|(?:bien )?cordialement|bien à vous|(?:un )?(?:cordial )?saludos?(?: cordial(?:es)?)?|atentamente"
    r"|よろしくお願い(?:いた)?します|以上)[,.!。]?[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_CODE = re.compile(
    r"^\s*(?:[$%>]\s?\w|sudo\b|(?:\w+@[\w-]+[:~])|(?:import|from|def|class|return|const|let|var|func"
    r"|public)\s+\w+"
    r"|[{}\[\]()<>;]+\s*$|</?\w|#include|Traceback|at \w+[.(]|File \"|(?:curl|git|docker|kubectl|npm|apt"
    r"|apt-get|pip)\s)"
    r"|[{};]\s*$|=>|\w+\(\)|\w=\w+\s+\w+=|&&|\|\||::|/\w+/\w+/"
)
_LOG = re.compile(
    r"^\s*(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\[?\d\d:\d\d:\d\d|<?\d\d:\d\d>?\s*<|\[\s*\d+\.\d+\]"
    r"|[A-Z][a-z]{2} +\d+ \d\d:\d\d"
    r"|(?:ERROR|WARN|WARNING|INFO|DEBUG|FATAL|TRACE)[:\]\s/]\s*\S|\[(?:error|warn|info|debug)"
    r"|\w+\[\d+\]:|[EWID]\d{4}\s)"
    r"|0x[0-9a-f]{6,}|\b[0-9a-f]{16,}\b"
)


@dataclass(frozen=True)
class Passage:
    """A passage, on one line; `headings` are those above it, nearest first."""

    text: str
    headings: tuple[str, ...] = ()


@lru_cache(256)
def end_of_own_words(text: str) -> int:
    """The end of a mail's own text, where quotations or the signature begin."""
    places = [found.start() for form in (_WROTE, _OTHERS) if (found := form.search(text))]
    end = min(places, default=len(text))
    signed = [found for found in _SIGNED.finditer(text, 0, end) if text.count("\n", found.start(), end) <= 10]
    return signed[0].start() if signed else end


def passage_at(text: str, place: int) -> Passage | None:
    """The passage around this place; None if it is not prose."""
    start = text.rfind("\n", 0, place) + 1
    line = _line(text, start)
    if _is_no_prose(text, start, line):
        return None
    first = _first_line(text, start)
    lines: list[str] = []
    for at in _lines_from(text, first):
        row = _line(text, at)
        if at > first and (not row.strip() or _ITEM.match(row) or _is_no_prose(text, at, row)):
            break
        if lines and not _goes_on(lines[-1], row):
            break
        lines.append(row)
    if not lines or len(lines) > LINES_MAX or text.count("```", 0, start) % 2:
        return None
    headings = (*_headings_above(text, first),)
    if any(map(_TASKS_BELOW.search, headings)):
        return None
    return Passage(" ".join(_ITEM.sub("", row).strip() for row in lines), headings)


def passages(text: str, most: int) -> Iterator[Passage]:
    """The first passages of a text."""
    at, found = 0, 0
    while at < len(text) and found < most:
        passage = passage_at(text, at) if _line(text, at).strip() else None
        if passage is not None:
            found += 1
            yield passage
        at = _after(text, at)
        while passage is not None and at < len(text) and not _begins(text, at):
            at = _after(text, at)


def _begins(text: str, at: int) -> bool:
    row = _line(text, at)
    return not row.strip() or bool(_ITEM.match(row)) or _is_no_prose(text, at, row)


def _first_line(text: str, start: int) -> int:
    """The start of the passage that continues in this line."""
    for _ in range(LINES_MAX):
        if start == 0 or _ITEM.match(_line(text, start)):
            return start
        before = text.rfind("\n", 0, start - 1) + 1
        row = _line(text, before)
        if not row.strip() or _is_no_prose(text, before, row) or not _goes_on(row, _line(text, start)):
            return start
        start = before
    return start


def _goes_on(row: str, below: str) -> bool:
    """Whether a line was wrapped: a short one without a sentence's end, above a capital, stands alone."""
    said, more = row.rstrip(), below.lstrip()
    return (
        len(said) >= WRAPPED_FROM or said.endswith((",", ";", "-", ".", "!", "?")) or not more[:1].isupper()
    )


def _is_no_prose(text: str, start: int, line: str) -> bool:
    if _HEADING.match(line) or _BOLD_LINE.match(line) or _UNDERLINE.match(line) or _QUOTED.match(line):
        return True
    if (
        _TASK.match(line)
        or _TABLE.match(line)
        or (line.startswith(("```", "    ", "\t")) and _CODE.search(line))
    ):
        return True
    if _LOG.search(line) or _CODE.search(line):
        return True
    return bool(_UNDERLINE.match(_line(text, _after(text, start))) and line.strip() and not _ITEM.match(line))


def _headings_above(text: str, start: int) -> Iterator[str]:
    """The lines above that introduce the passage: parent list items, and the nearest heading."""
    stop = max(0, start - BACK_MAX)
    line = _line(text, start)
    indent = len(line) - len(line.lstrip())
    at = start
    while at > stop:
        at = text.rfind("\n", 0, at - 1) + 1
        row = _line(text, at)
        if found := _HEADING.match(row) or _BOLD_LINE.match(row):
            yield found["text"]
            return
        if _UNDERLINE.match(row) and (above := _line(text, text.rfind("\n", 0, at - 1) + 1)).strip():
            yield above.strip()
            return
        own = len(row) - len(row.lstrip())
        if not row.strip():
            continue
        if own < indent or (own == indent and not _ITEM.match(row) and row.rstrip().endswith(":")):
            yield row.strip().lstrip("-*+• ")
            indent = own


def _lines_from(text: str, at: int) -> Iterator[int]:
    for _ in range(LINES_MAX + 1):
        yield at
        at = _after(text, at)
        if at >= len(text):
            return


def _line(text: str, start: int) -> str:
    end = text.find("\n", start)
    return text[start : min(len(text) if end < 0 else end, start + LINE_MAX)]


def _after(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end + 1
