"""Action items that are only likely: proposals that a person approves, changes or drops (`models.proposals`).

A collector yields `GivenProposal`s beside its items, and names `proposals` among its job's sections.
"""

from __future__ import annotations

import re
from typing import Literal

from collectors.identity import stable_id, words_of
from collectors.texts import one_line, shown

TEXT_MAX = 500  # characters of an item's text in a line
_NO_NAME = re.compile(r"[\s:|\"“”]+")
_WORDS_MAX = 6  # of a name
_MISREAD = re.compile(
    r"""[|"“”]|^[^\s:]+(?: \S+)*?:\s|^[Ss][1-9]\d*$"""
    r"|^@|\s(?:!{1,3}|#\w+|[-(]* ?@\S+)$"
    r"|\s(?:by|before|due|on|this)(?: \S+){1,4}$|(?:day|tomorrow)(?: [\w:]+){0,2}$",
    re.IGNORECASE,
)
"""Text that a command would read as a person, a time or an urgency."""


def evidence_id(where: str, quote: str) -> str:
    """The id of a sentence's proposal. `where` names the record, or the meeting or heading of a note: not
    the file, which people rename."""
    return stable_id("proposal", where, words_of(quote))


def to_add(word: Literal["priority", "owe", "owed"], what: str, who: str = "", due: str | None = None) -> str:
    """The command for this item: `add owed Bo: the numbers by 2026-12-01`; `due` is a date or an instant.

    The command of a priority has no place for a person.
    """
    text = shown(one_line(what), TEXT_MAX)
    name = _NO_NAME.sub(" ", who).strip()
    if name and (word == "priority" or not _is_read_as_name(name)):
        text, name = f"{text} ({name})", ""
    if _MISREAD.search(text):
        text = '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
    return f"add {word} " + (f"{name}: " if name else "") + text + (f" by {due}" if due else "")


def _is_read_as_name(name: str) -> bool:
    """A word, or several of which each but a short one between them begins with a capital."""
    words = name.split()
    begun = [
        not word[0].islower() or (0 < at < len(words) - 1 and len(word) < 4) for at, word in enumerate(words)
    ]
    return len(words) == 1 or (len(words) <= _WORDS_MAX and all(begun))
