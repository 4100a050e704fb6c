"""A text as meaningful lines: headings, list items, table rows; code is left out.

Line by line, and not as a parser of Markdown has it: minutes are lists indented at will, mails and chats are
no Markdown at all, and a line has to keep its number. Only the words in a line are left to the library.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from collectors.actions.grids import is_written_by_program, numbered, piped, separated, separator_of
from collectors.actions.tables import Row, is_told

_WIDE_COLON = "\uff1a"  # of Chinese and Japanese texts
LINE_MAX = 10_000  # characters of a line that are read
TAB = 4  # columns, as in Markdown
SOFT = 7
"""The level of a bold heading, and of a line that ends in a colon: below all of Markdown's."""

_FENCE = re.compile(r"[>\s]*(`{3,}|~{3,})(.*)")
_QUOTE = re.compile(r"(?:\s{0,8}>)+\s?")
_BULLET = re.compile(
    r"(?:[-*+•◦‣▪●○–—→➔·]|->|=>|-->|\(?\d{1,4}[.)]|\(?[a-zA-Z][.)])(?:\s+|$)(?=\S|$)"  # noqa: RUF001
    r"|[-*+](?=\[[\sxX]?\]\s)"  # as people type it
    r"|[・･]\s*(?=\S)"
)
_BOX = re.compile(r"\[(\s*[^\s\[\]]?\s*)\](?:\s+|$)|([☐☑☒✅✔])\ufe0f?\s+")
_DRAWN = {"☐": " ", "☑": "x", "☒": "-", "✅": "x", "✔": "x"}
_HEADING = re.compile(
    r"(?:(?P<hashes>#{1,6})(?=\s)|(?P<equals>={1,6})(?!=)|h(?P<number>[1-6])\.(?=\s))(?P<words>.*)"
)
_UNDERLINE = re.compile(r"\s*(=+|-{3,}|~{3,})\s*$")
_BOLD = re.compile(r"(?P<mark>\*{1,3}|__?)(?P<words>(?:(?!(?P=mark)).){1,200})(?P=mark):?\s*$")
_RULE = re.compile(r"\s*(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})$")
_ROW_HEAD = re.compile(
    r"(?=.*\b(?:owners?|whom?|assignees?|assigned|responsible|due|deadline)\b)"
    r".*\b(?:actions?|items?|tasks?|what|description)\b",
    re.IGNORECASE,
)
_GRID = re.compile(r"\+(?:[-=]+\+)+")  # between the rows of a table drawn with signs
_ROW_RULE = re.compile(r"[\s|:+-]+$")
_CHAT = re.compile(
    r"(?:\[?\d{1,2}:\d\d(?::\d\d)?\]?\s+)?<[@+ ]?(?P<nick>(?!(?:[abipu]|br|div|h\d|li|[uo]l|t[drh]|span)>)"
    r"[A-Za-z_][\w|^`-]{0,30})>\s+(?P<rest>\S.*)"
)
_BOTS = re.compile(r".*bot|.*meet|zakim|rrsagent|agendabot", re.IGNORECASE)
_MARKED = re.compile(r"[#\[(]|(?:ACTION|AI|TODO|Action|RESOLUTION|AGREED|PROPOSED|Topic|TOPIC)\b")
_NEW_WORD = re.compile(
    r"\**\s*(?:(?:ACTION|Action|AI|TODO)(?: [Ii]tems?)?\s*[:(]|@[\w.-]+:"
    r"|[A-Z][\w.'\u2019-]*[a-z][\w.'\u2019-]*(?: [A-Z][\w.'\u2019-]*)?:\s)"
)
_WORD_MAX = 200  # the expression takes the square of a word's length
_TOPIC = re.compile(r"(?:#topic|TOPIC:|Topic:)\s+(\S.*)")
"""How bots of chats are told of what is spoken from now on."""
_WRAPPED_FROM = 70
_SENTENCE_ENDS = (".", "!", "?", ":", ";", ")")
_FULL_CHARS = 50  # a shorter line was not wrapped
_COMMENT = re.compile(r"%%(?:(?!%%).)*%%")
_CALLOUT = re.compile(r"\[![\w-]+\][+-]?")


@dataclass(slots=True)
class Line:
    """What stands at `number` (from 1, ended by LF): `text` without what comes before the words.

    `quote` is the line, and those that it goes on in, as the file has them; `indent` the column where it
    begins; `box` the character in its box; `level` that of a heading, 0 for none; `cells` those of a table's
    row. In a `quoted` line others speak, if it is no callout. `speaker` is who wrote it in a chat; `row` what
    fields with labels say (`fields`).
    """

    number: int
    text: str
    quote: str
    indent: int = 0
    bullet: str = ""
    box: str | None = None
    quoted: bool = False
    level: int = 0
    cells: tuple[str, ...] = ()
    blank_before: bool = False
    speaker: str = ""
    row: Row | None = None
    parts: list[str] = field(default_factory=list)


def split(text: str) -> list[str]:
    """The lines, ended as editors count them and as Markdown does."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def columns(space: str) -> int:
    """Its width in columns, with tabs."""
    return len(space.expandtabs(TAB))


def read_lines(lines: Sequence[str], *, markdown: bool = True) -> list[Line]:
    """The lines that say something, each with those that only go on with it.

    In Markdown, code and comments say nothing; in plain text every line counts.
    """
    found: list[Line] = []
    scan = _Scan(markdown)
    lines = _without_comments(lines) if markdown else lines
    for number, raw in numbered(lines):
        line = scan.line(number, raw, found[-1] if found else None)
        if line is not None:
            found.append(line)
    for line in found:
        if line.parts:
            line.text = " ".join([line.text, *line.parts])[:LINE_MAX]
    return found


def _without_comments(lines: Sequence[str]) -> Sequence[str]:
    """The lines, those between `%%` and `%%` empty: Obsidian shows them to nobody."""
    if not any("%%" in line for line in lines):
        return lines
    kept, begun, fenced = list(lines), None, False
    for number, line in enumerate(lines):
        fenced ^= begun is None and _FENCE.match(line) is not None
        text = line.strip()
        if fenced or "%%" not in text:
            continue
        if begun is None and text.startswith("%%") and text.count("%%") == 1:
            begun = number
        elif begun is not None and (text.startswith("%%") or text.endswith("%%")):
            kept[begun : number + 1] = [""] * (number + 1 - begun)
            begun = None
        elif begun is None:
            kept[number] = _COMMENT.sub("", line)
    return kept


class _Scan:
    """The constructs that the lines so far have opened."""

    def __init__(self, markdown: bool) -> None:
        self._markdown = markdown
        self._fence = ""
        self._comment = ""
        self._callout = False
        self._blank = True
        self._listed = False
        self._code = False
        self._separator = ""
        self._names: tuple[str, ...] = ()  # of the spreadsheet's columns

    def line(self, number: int, raw: str, last: Line | None) -> Line | None:
        """The line; None for one without meaning, or one that continues the last."""
        if not raw or raw.isspace():
            self._blank, self._callout = True, False
            return None
        raw = raw[:LINE_MAX]
        if _WIDE_COLON in raw:
            raw = raw.replace(_WIDE_COLON, ": ")
        if self._markdown and self._hidden(raw):
            return None
        blank, self._blank = self._blank, False
        indent, text, quoted = self._unquoted(raw)
        if not text:
            return None
        if self._markdown and last is not None and self._underlines(text, last, blank):
            return None
        speaker = ""
        if "<" in text and (chat := _CHAT.match(text)):
            speaker, text = chat["nick"], chat["rest"]
            if _BOTS.fullmatch(speaker):
                return None
            text = text if _MARKED.match(text) else f"{speaker}: {text}"
        line = Line(number, text, raw.strip(), indent, quoted=quoted, blank_before=blank, speaker=speaker)
        if self._shape(line, last, raw):
            self._code = False
            return line if line.text else None
        if self._markdown and self._is_code(indent, blank) and (not line.bullet or line.box is not None):
            return None
        self._listed = (self._listed and indent > 0) or bool(line.bullet and not quoted)
        if last is not None and not blank and _goes_on(line, last):
            last.parts.append(text)
            last.quote = f"{last.quote} {line.quote}"[:LINE_MAX]
            return None
        return line if line.text or line.box is not None else None

    def _hidden(self, raw: str) -> bool:
        """Whether it is a fence or a comment, or in one."""
        fence = _FENCE.match(raw) if "`" in raw or "~" in raw else None
        if self._fence:
            if fence and fence[1].startswith(self._fence) and not fence[2].strip():
                self._fence = ""
            return True
        if self._comment:
            if self._comment in raw:
                self._comment = ""
            return True
        if fence and not (fence[1][0] == "`" and "`" in fence[2]) and not fence[2].rstrip().endswith("~~"):
            self._fence = fence[1]
            self._listed = self._listed and raw[0].isspace()
            return True
        start = raw.lstrip()
        if start.startswith("<!--"):
            rest = start[4:]
            self._comment = "" if "-->" in rest else "-->"
            return True
        return False

    def _unquoted(self, raw: str) -> tuple[int, str, bool]:
        mark = _QUOTE.match(raw) if ">" in raw else None
        rest = raw[mark.end() :] if mark else raw
        text = rest.strip()
        if mark is None:
            self._callout = False
        elif _CALLOUT.match(text):
            self._callout = True
        width = columns(mark[0]) if mark else 0
        indent = width + columns(rest[: len(rest) - len(rest.lstrip())])
        return indent, text, mark is not None and not self._callout

    def _underlines(self, text: str, last: Line, blank: bool) -> bool:
        """Whether it makes the line above a heading, or is only a rule."""
        if text[0] not in "=-~*_" or text[-1] != text[0]:
            return False
        if not _UNDERLINE.match(text):
            return _RULE.match(text) is not None
        if not blank and not last.bullet and not last.cells and not last.level and last.box is None:
            last.level = 1 if text.lstrip()[0] == "=" else 2
        return True

    def _shape(self, line: Line, last: Line | None, raw: str) -> bool:
        """Takes a heading or a row for what it is; what stands before the words of others."""
        text = line.text
        if text[0] == "+" and _GRID.fullmatch(text):
            line.text = ""
            return True
        heading = _heading(text) if text[0] in "#=hTt" else None
        if heading and line.indent < TAB:
            line.level, line.text = heading
            self._listed = False
            return True
        if "|" in text and self._is_row(line, last):
            line.cells = () if _ROW_RULE.match(text) else piped(text)
            line.text = text if line.cells else ""
            return True
        line.cells = self._separated(line, last, raw)
        if line.cells:
            return True
        _bullet_and_box(line)
        if not line.bullet and line.box is None and len(text) < 200 and (bold := _BOLD.match(line.text)):
            line.level, line.text = SOFT, bold["words"].strip(" *_")
            return True
        return False

    def _is_row(self, line: Line, last: Line | None) -> bool:
        """Whether it is a table's; one without borders begins with the names of its columns."""
        text = line.text
        if text[0] == "|" and (text[-1] == "|" or _ROW_RULE.match(text)):
            return True
        goes_on = last is not None and len(last.cells) > 1 and not line.blank_before
        return (goes_on and text.count("|") <= len(last.cells if last else ())) or bool(
            _ROW_HEAD.match(text[:200])
        )

    def _separated(self, line: Line, last: Line | None, raw: str) -> tuple[str, ...]:
        """The cells of a spreadsheet's row below the names of its columns."""
        if self._separator and last is not None and last.cells and not line.blank_before:
            cells = separated(raw, self._separator)
            if 0 <= len(last.cells) - len(cells) <= 1 < len(cells) and self._fits(raw, cells):
                return cells + ("",) * (len(last.cells) - len(cells))
        self._separator = separator_of(line.quote)
        self._names = separated(line.quote, self._separator) if self._separator else ()
        return self._names

    def _fits(self, raw: str, cells: Sequence[str]) -> bool:
        """Whether it is a row and no sentence with a comma, which may stand below the names, too."""
        return is_written_by_program(raw, self._separator) or is_told(self._names, cells)

    def _is_code(self, indent: int, blank: bool) -> bool:
        """Markdown's code by indentation, which only begins after an empty line, and in no list."""
        self._code = indent >= TAB and not self._listed and (blank or self._code)
        return self._code


def _heading(text: str) -> tuple[int, str] | None:
    """Markdown's `## x`, a wiki's `== x ==`, and `h2. x`."""
    if topic := _TOPIC.match(text):
        return 2, topic[1]
    found = _HEADING.match(text)
    if found is None:
        return None
    words = found["words"].strip()
    if found["equals"]:
        closed = words.rstrip("=")
        return (len(found["equals"]), closed.strip()) if closed != words and closed.strip() else None
    if found["hashes"]:
        return len(found["hashes"]), words.rstrip("#").rstrip()
    return int(found["number"]), words


def _bullet_and_box(line: Line) -> None:
    text = line.text
    if text[0].isalpha() and text[1:2] not in (".", ")"):
        return
    for _ in range(3):
        bullet = _BULLET.match(text)
        if bullet is None or (line.bullet and bullet[0][0] not in "-*+\u2192\u2794="):
            break
        line.bullet = line.bullet or bullet[0].strip()
        line.bullet = bullet[0].strip() if bullet[0][0] in "\u2192\u2794" else line.bullet
        text = text[bullet.end() :]
    box = _BOX.match(text)
    if box and (line.bullet or box[2] or box[1] in (" ", "x", "X")):
        line.box = _DRAWN[box[2]] if box[2] else box[1].strip() or " "
        text = text[box.end() :]
    line.text = text


def _goes_on(line: Line, last: Line) -> bool:
    """Whether it is a further line of an item: indented below it, and no item itself."""
    word = line.text[:_WORD_MAX]
    itself = line.bullet or line.box is not None or line.level or line.cells or _NEW_WORD.match(word)
    before = last.parts[-1] if last.parts else last.text
    if len(before) < _FULL_CHARS and line.text[:1].isupper() and last.bullet[:1].isdigit():
        return False  # in numbered minutes each line below a point is a statement of its own
    item = (last.bullet or last.box is not None) and not last.cells
    long = len(last.quote) >= _WRAPPED_FROM and before[-1:] not in _SENTENCE_ENDS
    # Wrapped by a program, so not indented.
    wrapped = long and word[:1].islower() and "@" not in word.split(" ", 1)[0]
    deeper = line.indent > last.indent or (wrapped and line.indent == last.indent)
    return bool(not itself and item and deeper and line.quoted == last.quoted)
