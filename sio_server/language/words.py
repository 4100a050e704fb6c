"""What a title is about: its significant words, also in scripts without spaces."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from sio_server.language.stop_words import GRAMMAR, OF_MEETINGS

LOOKED_AT = 1_000
"""Characters of a text that are used; the longest title has as many."""
KEPT = 8_192
"""Texts whose words are cached: titles are compared with each other again and again."""
LEAST = 4
"""Letters of a significant word; a shorter one counts if it is written like a name (Bo, EMEA)."""

_WORD = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*")
_KANJI, _KATAKANA, _HIRAGANA = "一-鿿㐀-䶿々〆", "ァ-ヺー", "ぁ-ゖ"
_CJK = re.compile(f"[{_KANJI}{_KATAKANA}{_HIRAGANA}]")
_KANA = "いきぎしちにびみりえけげせてねべめれ"
"""What a verb ends in within a noun that is made of two: 引き渡し, 受け入れ."""
_RUNS = re.compile(
    f"[{_KANJI}][{_KANA}][{_KANJI}][{_KANA}]|[{_KANJI}]+|[{_KATAKANA}]+|[{_HIRAGANA}]+|[^{_KANJI}{_KATAKANA}{_HIRAGANA}]+"
)
_ELIDED = re.compile(r"(?<![^\W_])(?:[cdjlmnst]|qu)['’](?=[^\W_])", re.IGNORECASE)
_PLURAL_IN_ER = re.compile(
    r"(?<=bild|kind|land|haus|buch|feld|wort|dorf|mann|geld|wald|fach)ern?$|(?<=glied|blatt|brett)ern?$"
)
"""Those of German that lose their umlaut by `folded`: `Häuser`, `Mitglieder`."""
_OPENING = re.compile(r"^(?:(?:re|aw|wg|fwd?|tr|rv)\s*:\s*)+", re.IGNORECASE)


def telling(text: str) -> list[str]:
    """The significant words of a text, each once, in lower case and in order."""
    return [*_telling(text[:LOOKED_AT])]


def have_to_do(one: str, other: str) -> bool:
    """Whether two texts share a significant word, in any of its forms."""
    return not stems(one).isdisjoint(stems(other))


def is_about(title: str, subject: str) -> bool:
    """Whether a title is about a subject: it shares half of the shorter one's significant words, and more
    than one, unless the one is a name or all of the subject."""
    first, second = stems(title), stems(subject)
    shared = first & second
    if not shared or 2 * len(shared) < min(len(first), len(second)):
        return False
    return len(shared) > 1 or len(second) == 1 or not shared.isdisjoint(_names(title) & _names(subject))


def stems(text: str) -> frozenset[str]:
    """The significant words without accents and endings, for comparison only."""
    return _stems(text[:LOOKED_AT])


def _names(text: str) -> frozenset[str]:
    """The stems of words that are written as names are: a capital that is not the text's first letter."""
    words = text[:LOOKED_AT].split()
    named = [word for at, word in enumerate(words) if word[:1].isupper() and (at or word[1:2].isupper())]
    return stems(" ".join([*named, *filter(has_no_spaces, words)]))


def folded(text: str) -> str:
    """The text in lower case and without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(mark for mark in apart if not unicodedata.combining(mark))


def has_no_spaces(word: str) -> bool:
    """Whether the word is in a script without spaces."""
    return bool(_CJK.search(word))


def segments(word: str) -> list[str]:
    """The words in a run of characters without spaces: Japanese changes script where a word ends, and pure
    hiragana is grammar."""
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
    """Without the ending of a plural or a case: `budgets`, `Verträgen`. The plural's `s` goes first, so that
    `servers` and `server` become the same. Only German plurals lose `er`: a charter is no chart."""
    plain = folded(word).removesuffix("'s").removesuffix("’s")
    if len(plain) < LEAST + 1 or not plain.isascii():
        return plain
    shorter = re.sub(r"(?:ies|y)$", "i", plain)
    shorter = re.sub(r"(?<!s)s$", "", shorter)
    if len(shorter) < LEAST + 2:
        return shorter
    singular, is_plural = _PLURAL_IN_ER.subn("", shorter)
    return singular if is_plural else re.sub(r"(?:en|e|n)$", "", shorter)
