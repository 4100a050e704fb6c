"""HTML as the text that a person sees: pure, bounded, never raises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.actions.grids import drawn
from collectors.actions.tables import is_of_actions
from collectors.texts import lines

_DEPTH_MAX = 5_000
_SPACE = re.compile(r"[\s\x1c-\x1f\x85\u2028\u2029]+")
# What stands between words while the page is read: the border of a block, that of a paragraph.
_LINE, _PARAGRAPH = "\x1e", "\x1d"
_BETWEEN = re.compile(rf"[ \t\xa0\n{_LINE}{_PARAGRAPH}]+")
_QUOTE, _QUOTED = "\x02", "\x03"  # around what others wrote
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_ANY_TAG = re.compile(r"<[^<>]*>?")

_UNSEEN = {
    "head",
    "script",
    "style",
    "template",
    "title",
    "iframe",
    "svg",
}  # a mail runs no script: `noscript` shows
_CHARSET = re.compile(rb"""<meta[^>]{0,500}charset\s*=\s*["']?([\w.:+-]{1,40})""", re.IGNORECASE)
_CHARSET_WITHIN = 4_096  # bytes: browsers look for a page's charset in 1,024
_BLOCKS = {
    *("address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset"),
    *("figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav"),
    *("ol", "p", "pre", "section", "table", "tr", "ul"),
}
_PAGE = re.compile(
    r"</?(?:html|head|body|style|script|p|br|hr|div|span|font|center|pre|code|blockquote|ul|ol|li|table|tr|td|th"
    r"|a|b|i|u|strong|em|img|section|h[1-6])(?: [^<>]*)?/?>",
    re.IGNORECASE,
)
_CELLS = {"td", "th"}
_ROW_GROUPS = {"thead", "tbody", "tfoot"}
_NAME_NODES = 20  # inside a cell that names a column
_QUOTES_MAX = 10
_NEVER_CLOSED = {*("br", "hr", "img", "input", "meta", "link", "col", "area", "wbr"), "p", "li", "td", "tr"}


def html_text(html: str) -> str:
    """The visible text of the page, as lines."""
    too_deep = _depth(html) > _DEPTH_MAX  # to build such a tree takes minutes
    body = None if too_deep else LexborHTMLParser(html).body
    if body is None:  # also for a frameset
        return lines(_ANY_TAG.sub(" ", html))
    return lines(_quoted(_BETWEEN.sub(_space, "".join(_pieces(body)))))


def html_links(html: str) -> Iterator[str]:
    """The addresses behind the links that a person sees on the page, in order."""
    body = None if _depth(html) > _DEPTH_MAX else LexborHTMLParser(html).body
    for link in () if body is None else body.css("a[href]"):
        address = (link.attributes.get("href") or "").strip()
        if address.lower().startswith(("https://", "http://")):
            yield address


def is_page(text: str) -> bool:
    """Whether a program wrote a page where text is expected."""
    return _PAGE.search(text) is not None


def page_charset(page: bytes) -> str | None:
    """The charset that a page names itself."""
    found = _CHARSET.search(page[:_CHARSET_WITHIN])
    return found[1].decode("ascii") if found else None


def _depth(html: str) -> int:
    depth = deepest = 0
    for close, name in _TAG.findall(html):
        if name.lower() not in _NEVER_CLOSED:
            depth = max(0, depth - 1) if close else depth + 1
            deepest = max(deepest, depth)
    return deepest


def _pieces(body: LexborNode, *, in_cell: bool = False) -> Iterator[str]:
    """The texts, and line ends where blocks begin and end; without recursion, for pages may be deep. Tables
    of action items have their rows on lines, with bars."""
    waiting: list[tuple[LexborNode | str, bool]] = [(body, False)]  # and whether it is in a `pre`
    while waiting:
        node, kept = waiting.pop()
        if isinstance(node, str):
            yield node
        elif (tag := node.tag or "-") == "-text":
            text = node.text_content or ""
            yield text if kept else _SPACE.sub(" ", text)
        elif tag == "br":
            yield "\n"
        elif tag == "img":  # what is shown where no pictures are
            yield _SPACE.sub(" ", f" {node.attributes.get('alt') or ''} ")
        elif tag == "table" and not in_cell and (rows := _rows_of_actions(node)):
            yield from (_LINE, "\n".join(rows), _LINE)
        elif not tag.startswith(("-", "!")) and tag not in _UNSEEN:
            begin, end = (_QUOTE, _QUOTED) if tag == "blockquote" and _cites(node) else ("", "")
            yield _border(tag) + begin
            waiting.append((end + _border(tag), False))
            children = list(node.iter(include_text=True))
            waiting += [(child, kept or tag == "pre") for child in reversed(children)]


def _cites(node: LexborNode) -> bool:
    """Whether it holds what somebody else wrote: it may be a paragraph that is only set off."""
    said = node.attributes
    return said.get("type") == "cite" or "quote" in (said.get("class") or "")


def _quoted(text: str) -> str:
    """The text with `>` before the lines that others wrote, as in plain text."""
    if _QUOTE not in text:
        return text
    depth, kept = 0, list[str]()
    for line in text.split("\n"):
        inside = depth + line.count(_QUOTE)
        depth = inside - line.count(_QUOTED)
        words = line.replace(_QUOTE, "").replace(_QUOTED, "").strip()
        if words or line.strip() == "":
            kept.append(("> " * min(inside, _QUOTES_MAX) + words).rstrip())
    return "\n".join(kept)


def _rows_of_actions(table: LexborNode) -> list[str]:
    """The rows of a table of action items; none of any other, for most are only there to place things."""
    rows = list[list[str]]()
    for part in table.iter():
        for row in part.iter() if part.tag in _ROW_GROUPS else (part,):
            if row.tag != "tr":
                continue
            cells = [cell for cell in row.iter() if cell.tag in _CELLS]
            if not rows and (len(cells) < 2 or not all(map(_may_name, cells[:2]))):
                return []
            rows.append([_SPACE.sub(" ", "".join(_pieces(cell, in_cell=True))) for cell in cells])
    return [drawn(row) for row in rows] if is_of_actions(rows) else []


def _may_name(cell: LexborNode) -> bool:
    """Whether it holds no more than a name of a column, or a name."""
    nodes = list(islice(cell.traverse(include_text=False), _NAME_NODES))
    return len(nodes) < _NAME_NODES and not any(node.tag == "table" for node in nodes)


def _border(tag: str) -> str:
    if tag in _BLOCKS:
        return _PARAGRAPH if tag == "p" else _LINE
    return " " if tag in _CELLS else ""


def _space(found: re.Match[str]) -> str:
    """Merges adjacent borders; there is never more than one empty line."""
    between = found[0]
    if _PARAGRAPH in between:
        return "\n\n"
    breaks = max(between.count("\n"), int(_LINE in between))
    return "\n" * min(breaks, 2) or between
