"""What a title is about: its telling words, also where no space stands between words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from sio_server.language.stop_words import GRAMMAR, OF_MEETINGS

LOOKED_AT = 1_000
"""Characters of a text; titles have at most as many."""
KEPT = 8_192
"""Texts whose words are remembered: titles are compared with each other again and again."""
LEAST = 4
"""Letters of a telling word; a shorter one tells something when it is written as a name is (Bo, EMEA)."""

_WORD = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*")
_KANJI, _KATAKANA, _HIRAGANA = "一-鿿㐀-䶿々〆", "ァ-ヺー", "ぁ-ゖ"
_CJK = re.compile(f"[{_KANJI}{_KATAKANA}{_HIRAGANA}]")
_RUNS = re.compile(f"[{_KANJI}]+|[{_KATAKANA}]+|[{_HIRAGANA}]+|[^{_KANJI}{_KATAKANA}{_HIRAGANA}]+")
_ELIDED = re.compile(r"(?<![^\W_])(?:[cdjlmnst]|qu)['’](?=[^\W_])", re.IGNORECASE)
_OPENING = re.compile(r"^(?:(?:re|aw|wg|fwd?|tr|rv)\s*:\s*)+", re.IGNORECASE)


def telling(text: str) -> list[str]:
    """The words that say what a text is about, each once and in lower case, in their order."""
    return [*_telling(text[:LOOKED_AT])]


def have_to_do(one: str, other: str) -> bool:
    """Whether two texts share a telling word, in any of its forms."""
    return not stems(one).isdisjoint(stems(other))


def stems(text: str) -> frozenset[str]:
    """The telling words without accents and endings, for comparison alone."""
    return _stems(text[:LOOKED_AT])


def folded(text: str) -> str:
    """The text in lower case and without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(mark for mark in apart if not unicodedata.combining(mark))


def has_no_spaces(word: str) -> bool:
    """Whether it is of a script that is written without spaces between words."""
    return bool(_CJK.search(word))


def segments(word: str) -> list[str]:
    """The words in a run of characters that is written without spaces: Japanese changes its script where a
    word ends, and what is in hiragana alone is grammar."""
    if not _CJK.search(word):
        return [word]
    return [run for run in _RUNS.findall(word) if not re.fullmatch(f"[{_HIRAGANA}]+", run)]


@lru_cache(KEPT)
def _telling(text: str) -> dict[str, None]:
    title = unicodedata.normalize("NFKC", _ELIDED.sub("", _OPENING.sub("", text)))
    found = (part for word in _WORD.findall(title) for part in segments(word))
    return {part.casefold(): None for part in found if _tells(part)}


def _tells(word: str) -> bool:
    low = word.casefold()
    if low in GRAMMAR or low in OF_MEETINGS or low.isdigit() or len(word) < 2:
        return False
    if _CJK.search(word) or re.fullmatch(r"\d+\.\d+[\w.]*", low):
        return True
    if re.fullmatch(r"v?\d+[a-z]{0,2}|q[1-4]|h[12]|fy\d+|[a-z]\d?", low):
        return False
    return len(word) >= LEAST or word[0].isupper() or word.isupper()


@lru_cache(KEPT)
def _stems(text: str) -> frozenset[str]:
    return frozenset(map(_stem, _telling(text)))


def _stem(word: str) -> str:
    """Without the ending of a plural or a case: `budgets`, `Verträgen`."""
    plain = folded(word).removesuffix("'s").removesuffix("’s")
    if len(plain) < LEAST + 1 or not plain.isascii():
        return plain
    shorter = re.sub(r"(?:ies|y)$", "i", plain)
    return (
        re.sub(r"(?:es|en|ern|er|e|s|n)$", "", shorter) if len(shorter) > LEAST + 1 else shorter.rstrip("s")
    )
