"""Letters without accents, each in its place."""

from __future__ import annotations

import unicodedata

_FOLDS = {
    code: base
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))
    if (base := unicodedata.normalize("NFKD", chr(code))[0]).isascii() and base.isalpha()
}
"""Letters without accents, one for one, so that positions in a text stay valid."""
ACCENTED = {
    base: "["
    + base
    + "".join(chr(code) for code, one in _FOLDS.items() if one == base and code < 0x180)
    + "]"
    for base in {*_FOLDS.values()}
    if base.islower()
}
"""How a letter may be written, as a part of a regular expression."""


def folded_in_place(text: str) -> str:
    """The text in lower case, without accents, every character in its place."""
    low = text.lower()
    low = low if len(low) == len(text) else text
    return low if low.isascii() else low.translate(_FOLDS)
