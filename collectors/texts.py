"""Texts for people, whatever was in them."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

_SHOWN_MAX = 120  # about a line of a terminal
# Unicode's own line ends count as such here: programs do not agree about them.
_SPACE = re.compile(r"[\s\x1c-\x1f\x85\u2028\u2029]+")
_LINE_END = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Programs break lines between Chinese and Japanese characters, where no blank stands.
_BREAK_IN_WORD = re.compile(r"(?<=[\u2e80-\uffef])[ \t>]*\n[ \t>]*(?=[\u2e80-\uffef])")
_WORD = re.compile(r"[^\W_]+|[\U0001f000-\U0001faff]")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def one_line(text: str) -> str:
    """The text without line ends, control characters and superfluous space."""
    return _FORBIDDEN.sub("", _SPACE.sub(" ", text)).strip()


def lines(text: str) -> str:
    """The text without control characters, its lines ended by LF."""
    return _FORBIDDEN.sub("", _LINE_END.sub("\n", text)).strip()


def fitted(text: str, limit: int) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def shown(text: str, most: int = _SHOWN_MAX) -> str:
    """The text on one line, without control characters, and not too long."""
    text = one_line(text)
    return text if len(text) <= most else text[: most - 1] + "…"


def clock(at_s: float) -> str:
    """A time of today in UTC, or of another day."""
    at = datetime.fromtimestamp(at_s, UTC)
    return f"{at:%H:%M} UTC" if at.date() == datetime.now(UTC).date() else f"{at:%Y-%m-%d %H:%M} UTC"


def counted(number: int, word: str, words: str = "") -> str:
    """`1 event`, `1,200 events`; `words` where the plural is another word."""
    return f"{number:,} {word if number == 1 else words or word + 's'}"


def together(one: str, other: str) -> str:
    """Merges two versions of the same text: the richer one if it has all words of the other, otherwise
    the first and the lines of the other with a word that is not in the first."""
    ones, others = _words_in(one), _words_in(other)
    if others <= ones:
        return one or other
    if ones <= others:
        return other
    more = [line for line in other.split("\n") if not _words_in(line) <= ones]
    return "\n".join((one, *more))


def besides(one: str, other: str) -> str:
    """The words of the other that are not in the first, which are mostly addresses."""
    ones = _words_in(one)
    return " ".join(word for word in other.split() if not _words_in(word) <= ones)


def _words_in(text: str) -> set[str]:
    plain = unicodedata.normalize("NFKC", text.translate(_INVISIBLE))
    return set(_WORD.findall(_BREAK_IN_WORD.sub("", plain).casefold()))
