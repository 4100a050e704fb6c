"""A brief as plain text for terminals, and as Markdown for chat."""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.brief import BriefSection

TEXT_MAX = 100_000  # characters, as of a record
# What Markdown, or the HTML within it, would read as more than a character.
_MARKS = re.compile(r"([\\`*_{}\[\]<>|~&#])")
_MARK_IN_FRONT = re.compile(r"^(\d*)([-+=.)])")


def as_text(title: str, sections: Sequence[BriefSection]) -> str:
    """Headings in capitals, a dash before each statement."""
    blocks = [title]
    for section in sections:
        lines = [section.title.upper(), *(f"- {item.text}" for item in section.items)]
        blocks.append("\n".join(lines))
    return _cut("\n\n".join(blocks if sections else [title, "There is nothing more to tell."]))


def as_markdown(title: str, sections: Sequence[BriefSection]) -> str:
    """What stands in items is text and stays text: no mark in it means anything."""
    blocks = [f"# {_plain(title)}", *map(_section, sections)]
    return _cut("\n\n".join(blocks if sections else [*blocks, "There is nothing more to tell."]))


def _section(section: BriefSection) -> str:
    lines = "\n".join(f"- {_plain(item.text)}" for item in section.items)
    return f"## {_plain(section.title)}\n\n{lines}"


def _plain(text: str) -> str:
    return _MARK_IN_FRONT.sub(r"\1\\\2", _MARKS.sub(r"\\\1", text))


def _cut(text: str) -> str:
    """After a whole line, so that nothing is left of a mark that is half."""
    return text if len(text) <= TEXT_MAX else text[: TEXT_MAX - 2].rpartition("\n")[0] + "\n…"
