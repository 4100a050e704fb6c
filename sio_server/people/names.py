"""Parses names as people write them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

WRITTEN_MAX = 320
"""Characters of a name that are used: the longest address has 320 (RFC 3696)."""

_ADDRESS = re.compile(r"(?<![^\s<>(,;])<?([^\s<>@(),;]++@[^\s<>@(),;]++)>?")
_ASIDE = re.compile(r"\([^()]*\)|[\"']")
_TURNED = re.compile(r"([^\W\d_][^,@]*),\s*([^\W\d_][^,@]*)")
_BETWEEN_WORDS = re.compile(r"[^\w]+|_+")


@lru_cache(32_768)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name or an address, without case and accents."""
    plain = name[:WRITTEN_MAX].casefold()
    if not plain.isascii():
        apart = unicodedata.normalize("NFKD", plain)
        plain = "".join(mark for mark in apart if not unicodedata.combining(mark))
    return tuple(filter(None, _BETWEEN_WORDS.split(plain)))


def address_in(written: str) -> str | None:
    """The address in `Ana Silva <ana@example.org>`."""
    found = _ADDRESS.search(written)
    return found[1] if found else None


def name_without_address(written: str) -> str:
    """The name in `Ana Silva <ana@example.org>`."""
    return " ".join(_ADDRESS.sub(" ", written).split()).strip("\"' ,;")


def name_in(written: str) -> str:
    """The name without the address, if there is a name."""
    return name_without_address(written) or written.strip("<> ") or written


@lru_cache(32_768)
def straight(name: str) -> str:
    """`Silva, Ana (Acme)` as `Ana Silva`."""
    plain = " ".join(_ASIDE.sub(" ", name).split())
    turned = _TURNED.fullmatch(plain)
    return f"{turned[2]} {turned[1]}" if turned else plain


@lru_cache(32_768)
def forms_of(written: str) -> frozenset[tuple[str, ...]]:
    """The forms in which a person outside the directory may be written."""
    written = written[:WRITTEN_MAX]
    forms = words_of(straight(name_without_address(written))), words_of(address_in(written) or "")
    return frozenset(form for form in forms if form)
