"""Text from outside, made harmless and cut to the available columns."""

import re
import unicodedata
from itertools import groupby

from prompt_toolkit.utils import get_cwidth

_READ_MAX = 4_000  # characters of one text: more than a terminal shows of it
_MARKS_MAX = 4  # combining marks on one letter; more of them overlap the lines above
_LISTED = re.compile(r"^(?:(?:[-*+>]|#{1,6}|\d{1,3}[.)])\s+)*(?:\[[ xX]?\]\s+)?")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_MARKUP = re.compile(r"\*\*|~~|`|(?<!\w)(?:__|\*)(?=\S)|(?<=\S)(?:__|\*)(?!\w)")
_BREAKS = {"Cc", "Zl", "Zp"}
# Cf holds the marks that turn the reading direction; Co and Cs are shown by every terminal as it likes.
_UNSEEN = {"Cf", "Co", "Cs"}


def visible(text: object) -> str:
    """The text without anything that controls a terminal; line breaks and controls become blanks.

    Length: of a text without invisible marks it keeps the places of all characters.
    """
    seen = "".join(_shown(mark) for mark in str(text)[:_READ_MAX])
    if seen.isascii():
        return seen
    return "".join(
        "".join(run)[: _MARKS_MAX if combining else None]
        for combining, run in groupby(seen, lambda mark: bool(unicodedata.combining(mark)))
    )


def plain(text: object) -> str:
    """The text on one line, harmless, with single blanks; empty for None."""
    return "" if text is None else unicodedata.normalize("NFC", " ".join(visible(text).split()))


def unmarked(text: object) -> str:
    """The same without the marks of Markdown: a quote is read here, not drawn."""
    line = _LINK.sub(r"\1", plain(text))
    return _MARKUP.sub("", _LISTED.sub("", line)).strip()


def clip(text: str, width: int) -> str:
    """As much of the text as fits into `width` columns, with an ellipsis where it was cut."""
    if columns(text) <= width:
        return text
    kept, room = [], width - 1
    for mark in text:
        room -= columns(mark)
        if room < 0:
            break
        kept.append(mark)
    return "".join(kept) + "…" if width > 0 else ""


def columns(text: str) -> int:
    """How many columns the text takes."""
    return get_cwidth(text)


def _shown(mark: str) -> str:
    if " " <= mark <= "~":
        return mark
    category = unicodedata.category(mark)
    if category in _BREAKS:
        return " "
    return "" if category in _UNSEEN or _varies(mark) else mark


def _varies(mark: str) -> bool:
    """Variation selectors: terminals disagree on how wide they make the character before them."""
    return "\ufe00" <= mark <= "\ufe0f" or "\U000e0100" <= mark <= "\U000e01ef"
