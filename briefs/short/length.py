"""How long a short brief may be, and how it gets that short."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from models.brief import BriefSection

WORDS_MAX = 200
"""A minute and a half, read aloud."""
SIGNS_A_WORD = 2
"""Of scripts without spaces."""
_CJK = re.compile(r"[぀-ヿ一-鿿가-힣]")

ALL = 1_000

Told = tuple[str, tuple[BriefSection, ...]]
"""The first line, and the sections."""


@dataclass(frozen=True)
class Detail:
    """How much is said: words of a title and of a promise, names, promises of a meeting, promises besides,
    meetings, quotes; `at_once`: lines and names of what is at one time, cancelled or moved; `places`:
    where it is."""

    title: int
    promise: int
    names: int
    with_meeting: int
    besides: int
    meetings: int
    quotes: int
    at_once: int = ALL
    places: bool = False


_TOLD = (
    Detail(14, 16, 4, 2, 4, 20, 4, places=True),
    Detail(12, 14, 3, 2, 4, 20, 3),
    Detail(8, 10, 2, 1, 3, 16, 3),
    Detail(6, 8, 1, 1, 3, 14, 2),
    Detail(5, 8, 0, 1, 2, 12, 2),
    Detail(4, 6, 0, 1, 2, 8, 1),
    Detail(4, 6, 0, 0, 1, 5, 1),
    Detail(3, 5, 0, 0, 0, 3, 0),
    Detail(2, 4, 0, 0, 0, 0, 0),
)
# Only a day that is full of them gets here: the rest of what is at one time is counted.
_COUNTED = (
    Detail(4, 4, 0, 0, 0, 0, 0, at_once=5),
    Detail(3, 4, 0, 0, 0, 0, 0, at_once=3),
    Detail(2, 4, 0, 0, 0, 0, 0, at_once=2),
    Detail(2, 4, 0, 0, 0, 0, 0, at_once=1),
)
DETAILS = _TOLD + _COUNTED


def fitting(tell: Callable[[Detail], Told]) -> Told:
    """What is told in as much detail as fits. The room that is left goes to more meetings, then to longer
    titles, then to more promises."""
    told = tell(DETAILS[0])
    if words_in(told) <= WORDS_MAX:
        return told
    for details in (_TOLD, _COUNTED):
        told = tell(details[-1])
        if words_in(told) <= WORDS_MAX:
            detail, told = _most(tell, details, told)
            richer = DETAILS[: DETAILS.index(detail) + 1]
            for name in ("meetings", "title", "besides"):
                amounts = dict.fromkeys(getattr(one, name) for one in richer)
                detail, told = _most(tell, [replace(detail, **{name: amount}) for amount in amounts], told)
            return told
    return told


def _most(tell: Callable[[Detail], Told], details: Sequence[Detail], fits: Told) -> tuple[Detail, Told]:
    """The first of the details that fits, where the last one does: each amount is at most as long as the one
    before it, so that a few have to be tried."""
    first, last = 0, len(details) - 1
    while first < last:
        middle = (first + last) // 2
        told = tell(details[middle])
        if words_in(told) <= WORDS_MAX:
            last, fits = middle, told
        else:
            first = middle + 1
    return details[first], fits


def words_in(told: Told) -> int:
    """The words of its text, headings included, and the mark before each line."""
    line, sections = told
    texts = [line, *(section.title for section in sections)]
    texts += [f"- {item.text}" for section in sections for item in section.items]
    return sum(map(count, texts))


def count(text: str) -> int:
    """The words of a text; of scripts without spaces, two signs are one."""
    return len(text.split()) + len(_CJK.findall(text)) // SIGNS_A_WORD


def listed(names: Sequence[str], at_most: int, more: str = "others") -> str:
    """`Ana, Bo and 3 others`."""
    left = len(names) - at_most
    shown = [*names] if left <= 1 else [*names[:at_most], f"{left} {more}"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def counted(number: int, one: str, several: str = "") -> str:
    """`1 meeting`, `2 meetings`."""
    return f"{number} {one if number == 1 else several or one + 's'}"


def joined(parts: Iterable[str]) -> str:
    """Sentences, each with its end."""
    return " ".join(
        part if part.endswith((".", "!", "?", "…", "。")) else f"{part}." for part in parts if part
    )
