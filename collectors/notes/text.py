"""What a note says, line by line: its headings, and the lines that may be a task or a promise."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from collectors.actions.markup import BOX, State, is_template, state_of
from collectors.texts import one_line, shown

WINDOW_LINES, BLOCK_LINES_MAX = 5_000, 50_000
QUOTE_MAX = 1_000
_LINE_MAX = 10_000

_BULLET = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s+(?=\[)")
_QUOTED = re.compile(r"\s*(?:>\s?)+")
_CALLOUT = re.compile(r"\[![\w-]+\]")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_TELLING = re.compile(r"\b(?:owes?|promised)\b", re.IGNORECASE)
_STARTS = re.compile(rf"^\s*(?:[-*+]|\d{{1,9}}[.)])\s|{_TELLING.pattern}", re.IGNORECASE)
_MARKING = re.compile(r"[\n\\\[\]*_`<&!]")
_STRUCK = re.compile(r"~~(?:(?!~~).)+~~")


@dataclass(frozen=True)
class Heading:
    """`level` 1 is the highest."""

    line: int
    level: int
    text: str


@dataclass(frozen=True)
class Said:
    """What stands at `line`, counted from 1: in plain words, and as the file has it.

    `box` is the character in the box before it; `quoted` that it stands behind `>`, where others speak.
    """

    line: int
    text: str
    quote: str
    box: str | None = None
    quoted: bool = False

    @property
    def state(self) -> State | None:
        """How far it is; None when it is no task."""
        return None if self.box is None else state_of(self.box)


def split(text: str) -> list[str]:
    """The lines, ended as editors count them and as Markdown does."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def without_comments(lines: Sequence[str]) -> list[str]:
    """The lines, those between `%%` and `%%` empty: Obsidian shows them to nobody."""
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
    return kept


def in_plain(lines: Sequence[str]) -> Iterator[Said | Heading]:
    """A text without any marking: each line stands for itself."""
    for number, line in enumerate(lines, 1):
        quoted = _QUOTED.match(line) if ">" in line[:_LINE_MAX] else None
        text = line[quoted.end() :] if quoted else line
        bullet = _BULLET.match(text)
        text = text[bullet.end() :] if bullet else text
        yield from _said(number, text, [line], bullet is not None, quoted is not None)


def in_markdown(lines: Sequence[str]) -> Iterator[Said | Heading]:
    """Code and comments say nothing; in quotes of other people's words only a task with a box counts.

    Errors: ValueError for a block that would take too much memory.
    """
    for first, tokens in _windows(lines):
        quotes: list[bool] = []
        for before, opening, token in zip([None, None, *tokens], [None, *tokens], tokens, strict=False):
            if token.type == "blockquote_open":
                quotes.append(True)
            elif token.type == "blockquote_close":
                quotes.pop()
            if token.type != "inline" or opening is None or token.map is None:
                continue
            if quotes and _CALLOUT.match(token.content):
                quotes[-1] = False
            start, end = first + token.map[0], first + token.map[1]
            boxed = before is not None and before.type == "list_item_open"
            # An item above an empty one, `-`, is a heading to Markdown, and none to who wrote it.
            if opening.type == "heading_open" and not (boxed and BOX.match(token.content)):
                yield Heading(start + 1, int(opening.tag[1:]), one_line(plain(token.content[:_LINE_MAX])))
            else:
                content = token.content.split("\n")
                yield from _paragraph(start, content, lines[start:end], boxed, any(quotes))


def plain(markdown: str) -> str:
    """The words without their marking: links become their text, code keeps its ticks."""
    if not _MARKING.search(markdown):
        return markdown.strip()
    children = _INLINE.parseInline(markdown)[0].children or []
    return "".join(_shown(token) for token in children).strip()


def _paragraph(
    start: int, content: list[str], source: Sequence[str], boxed: bool, quoted: bool
) -> Iterator[Said]:
    at = 0
    while at < len(content):
        text, end = content[at], at + 1
        # An item that is indented too far is no item to Markdown, and one to who wrote it.
        stray = _BULLET.match(text)
        text = text[stray.end() :] if stray else text
        boxed = stray is not None or (boxed and at == 0)
        if boxed and BOX.match(text):
            # A task goes on in the lines that are indented below it; others only lack an empty line between.
            while end < len(content) and _is_indented(source[end]) and not _STARTS.search(content[end]):
                text += f" {content[end]}"
                end += 1
        yield from _said(start + at + 1, text, source[at:end], boxed, quoted, plain)
        at = end


def _is_indented(line: str) -> bool:
    quote = _QUOTED.match(line)
    return line[quote.end() if quote and ">" in quote[0] else 0 :][:1].isspace()


def _said(
    line: int,
    text: str,
    source: Sequence[str],
    boxed: bool,
    quoted: bool,
    read: Callable[[str], str] = str,
) -> Iterator[Said]:
    box = BOX.match(text) if boxed else None
    if box is None and (quoted or not _TELLING.search(text)):
        return
    marked = text[box.end() if box else 0 :][:_LINE_MAX].strip()
    words = one_line(read(marked))
    if words and not _STRUCK.fullmatch(marked) and not is_template(marked):
        yield Said(line, words, shown(" ".join(source), QUOTE_MAX), box[1] if box else None, quoted)


def _windows(lines: Sequence[str]) -> Iterator[tuple[int, list[Token]]]:
    """The blocks, and the line that theirs are counted from. A long text is read in pieces that end where a
    block or an item of a list does, since a token takes many times the memory of what it stands for."""
    start, size = 0, WINDOW_LINES
    while start < len(lines):
        tokens = _BLOCKS.parse("\n".join(lines[start : start + size]))
        cut, next_start = len(tokens), len(lines) - start
        if start + size < len(lines):
            cut, next_start = _last_block(tokens)
            if next_start == 0:  # one block fills it all
                if size > BLOCK_LINES_MAX:
                    raise ValueError(f"one list or paragraph has more than {BLOCK_LINES_MAX:,} lines")
                size *= 4
                continue
        yield start, tokens[:cut]
        start, size = start + next_start, WINDOW_LINES


def _last_block(tokens: Sequence[Token]) -> tuple[int, int]:
    """The last place before which nothing depends on what comes: its token, and its line."""
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        top = token.level == 0 or (token.level == 1 and token.type == "list_item_open")
        if top and token.map is not None:
            return index, token.map[0]
    return 0, 0


def _shown(token: Token) -> str:
    match token.type:
        case "text" | "text_special" | "image":
            return token.content
        case "code_inline":
            return f"{token.markup}{token.content}{token.markup}"
        case "softbreak" | "hardbreak":
            return " "
        case _:
            return ""


def _block_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": 100})
    parser.disable("reference")
    # The words of a line are read only where they may be of use.
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


_BLOCKS = _block_parser()
_INLINE = MarkdownIt("commonmark")
