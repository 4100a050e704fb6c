"""Bytes in whatever charset into text: pure, bounded, and nothing raises."""

from __future__ import annotations

import codecs

BODY_MAX_BYTES = 2**20

# Text codecs that are no charsets: slow, or they read escapes in the text as instructions.
_NO_CHARSETS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"}
# What says of itself that it is one of these is as a rule Windows-1252, or UTF-8 nobody declared.
_VAGUE = {"ascii", "iso8859-1"}


def decoded(data: bytes, charset: str | None) -> tuple[str, str]:
    """The text, and what was odd about its charset, or "". At most BODY_MAX_BYTES of it are looked at."""
    name = _charset(charset)
    if name is not None and name not in _VAGUE:
        try:
            text = _decode(data, name, "replace")
        except ValueError:  # some codecs give up in spite of "replace"
            name = None
        else:
            lost = "\ufffd" in text and "\ufffd" not in _decode(data, name, "ignore")
            return text, "some of its bytes do not fit its charset and were replaced" if lost else ""
    try:
        text, used = _decode(data, "utf-8", "strict"), "UTF-8"
    except UnicodeDecodeError:
        text, used = _decode(data, "cp1252", "replace"), "Windows-1252"
    if name is None:
        return text, f"its charset is not known, and it was read as {used}"
    honest = text.isascii() or (used == "UTF-8") == (name == "ascii")
    return text, "" if honest else f"it does not say its charset truly, and was read as {used}"


def _charset(charset: str | None) -> str | None:
    """Its name in Python; None for what is no charset."""
    try:
        name = codecs.lookup(charset or "ascii").name
        "".encode(name)  # LookupError for codecs that are not about text
    except (LookupError, ValueError):
        return None
    return None if name in _NO_CHARSETS else name


def _decode(data: bytes, name: str, errors: str) -> str:
    # A character cut in two at the limit is no error.
    return codecs.getincrementaldecoder(name)(errors).decode(
        data[:BODY_MAX_BYTES], final=len(data) <= BODY_MAX_BYTES
    )
