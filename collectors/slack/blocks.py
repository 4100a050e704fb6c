"""Block Kit as the text that people see of it: pure, without recursion, and no type decides that words are
lost.

Blocks of types that are not known here are read like the others: by the fields in which Slack puts words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from collectors.slack.marks import Names, linked, readable, unescaped

# The fields that hold words, where they are texts and not objects.
_WORDS = (
    *("author_name", "title", "label", "text", "description", "hint", "alt_text", "placeholder"),
    *("subtitle", "body", "initial_value", "fallback", "provider_name"),
)
_BORDER = "\x1e"  # between what stands on lines of its own, while the blocks are read
_BORDERS = re.compile(rf"\s*{_BORDER}[\s{_BORDER}]*")
Block = dict[str, object]


def block_text(blocks: object, names: Names) -> str:
    """The text of blocks, as lines."""
    return _BORDERS.sub("\n", "".join(_pieces(blocks, names))).strip()


def text_of(block: Block, field: str) -> str:
    """The field if it is text, else ""."""
    found = block.get(field)
    return found if isinstance(found, str) else ""


def _pieces(value: object, names: Names) -> Iterator[str]:
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as words:
                yield words
            case list() as several:
                waiting += [one for one in reversed(several) if isinstance(one, dict | list)]
            case dict() as block:
                waiting += reversed(list(_inside(block, names)))


def _inside(block: Block, names: Names) -> Iterator[object]:
    """What the block is made of, in order: words, and further blocks."""
    kind = text_of(block, "type")
    if kind in _INLINE:
        yield _INLINE[kind](block, names)
        return
    yield _BORDER
    if kind in _LINES:
        yield _LINES[kind](block, names)
    elif kind == "table":
        yield _table(block, names)
    else:
        yield from _fields(block)
    yield _BORDER


def _fields(block: Block) -> Iterator[object]:
    if "join_url" in block:  # a call
        yield text_of(block, "name")
    for name in _WORDS:
        if words := text_of(block, name):
            yield _BORDER
            yield words
    yield from (value for value in block.values() if isinstance(value, dict | list))


def _table(block: Block, names: Names) -> str:
    rows = block.get("rows")
    lines = [
        " | ".join(block_text([cell], names).replace("\n", " ") for cell in row)
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, list)
    ]
    return _BORDER.join(lines)


def _date(leaf: Block) -> str:
    at = leaf.get("timestamp")
    try:
        return (
            text_of(leaf, "fallback") or f"{datetime.fromtimestamp(float(str(at)), UTC):%Y-%m-%d %H:%M} UTC"
        )
    except (ValueError, OverflowError, OSError):
        return ""


# What stands within a line.
_INLINE: dict[str, Callable[[Block, Names], str]] = {
    "text": lambda leaf, names: text_of(leaf, "text"),
    "link": lambda leaf, names: linked(text_of(leaf, "url"), text_of(leaf, "text")),
    "user": lambda leaf, names: names.user(text_of(leaf, "user_id")),
    "usergroup": lambda leaf, names: names.group(text_of(leaf, "usergroup_id")),
    "channel": lambda leaf, names: names.channel(text_of(leaf, "channel_id")),
    "broadcast": lambda leaf, names: "@" + text_of(leaf, "range"),
    "emoji": lambda leaf, names: f":{text_of(leaf, 'name')}:",
    "date": lambda leaf, names: _date(leaf),
    "color": lambda leaf, names: text_of(leaf, "value"),
}
# What stands on lines of its own, and is only words.
_LINES: dict[str, Callable[[Block, Names], str]] = {
    "plain_text": lambda leaf, names: unescaped(text_of(leaf, "text")),
    "mrkdwn": lambda leaf, names: readable(text_of(leaf, "text"), names),
    "raw_text": lambda leaf, names: text_of(leaf, "text"),
    "raw_number": lambda leaf, names: text_of(leaf, "text") or str(leaf.get("value", "")),
}
