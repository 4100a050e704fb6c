"""Decodes bytes in any charset: pure, bounded, and never raises.

A label means what it means on the web (the WHATWG's Encoding Standard, decision 31), because that is what
programs write under it: gb2312 is gbk, ks_c_5601-1987 is Windows-949, shift_jis is Windows-932, iso-8859-1 is
Windows-1252. A bad byte costs a character, and never decides how the others are read.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

import webencodings

BODY_MAX_BYTES = 2**20  # ten times the text of a record

# Python's codecs that read more than those the library names.
_WIDER = {"gbk": "gb18030", "iso-2022-jp": "iso2022_jp_ext", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}
# Charsets of mail that the web has given up.
_ALSO = {"unicode-1-1-utf-7": "utf-7", "csunicode11utf7": "utf-7"}
# Text codecs that are no charsets: slow, or they read escapes in the text as instructions.
_NO_CHARSETS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"}
# What says that it is this (ASCII and Latin-1 are, on the web) is often UTF-8 that nobody declared.
_VAGUE = "windows-1252"
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_BAD_BYTE = re.compile("[\udc80-\udcff]")  # as "surrogateescape" writes it


def decoded(data: bytes, charset: str | None) -> tuple[str, str]:
    """The text, and what was odd about its charset, or "". At most BODY_MAX_BYTES of it are read."""
    name = _codec(charset) if charset else _VAGUE
    for bom, marked in _BOMS:
        if data.startswith(bom):
            data, name = data[len(bom) :], marked
    if name is not None and name.startswith(("utf-16", "utf-32")) and b"\0" not in data:
        name = None  # a text without a single blank or line end in it: the label is wrong
    if name not in (_VAGUE, None):
        try:
            text = _decode(data, name, "collectors.web")
        except ValueError:  # some codecs raise whatever error handler they are given
            name = None
        else:
            return (
                text,
                "some of its bytes do not fit its charset and were replaced" if "\ufffd" in text else "",
            )
    guess = _guessed(data, says_so=bool(charset) and name is not None)
    if name is None:
        return guess.text, f"its charset is unknown, and it was read as {guess.name}"
    return guess.text, guess.odd


@dataclass(frozen=True)
class _Guess:
    text: str
    name: str
    odd: str = ""


def _guessed(data: bytes, *, says_so: bool) -> _Guess:
    """UTF-8 or Windows-1252, whichever fits more of the bytes; `says_so` if it claims to be the latter
    (or ASCII, which few mean)."""
    escaped = _decode(data, "utf-8", "surrogateescape")
    bad = len(_BAD_BYTE.findall(escaped))
    good = len(escaped) - len(escaped.encode("ascii", "ignore")) - bad
    if bad == 0:
        odd = "it names the wrong charset, and was read as UTF-8" if good and says_so else ""
        return _Guess(escaped, "UTF-8", odd)
    if good > 2 * bad or (good >= bad and not says_so):
        text = _BAD_BYTE.sub(
            lambda one: _decode(bytes([ord(one[0]) - 0xDC00]), "cp1252", "collectors.web"), escaped
        )
        return _Guess(text, "UTF-8", "some of its bytes are not UTF-8, and were read as Windows-1252")
    odd = "" if says_so else "it names no charset, and was read as Windows-1252"
    return _Guess(_decode(data, "cp1252", "collectors.web"), "Windows-1252", odd)


def _codec(label: str) -> str | None:
    """The name of the codec in Python, or _VAGUE; None if it is not a charset."""
    label = label.partition("*")[0].strip(" \t\r\n\"'").lower()  # RFC 2231 puts the language behind a *
    found = webencodings.lookup(label) if label.isascii() else None
    if found is not None and found.name not in ("replacement", "x-user-defined"):
        return found.name if found.name == _VAGUE else _WIDER.get(found.name, found.codec_info.name)
    try:
        name = codecs.lookup(_ALSO.get(label, re.sub("^cp[-_ ]", "cp", label))).name
        "".encode(name)  # LookupError for codecs that are not about text
    except (LookupError, ValueError):
        return None
    return None if name in _NO_CHARSETS else name


def _decode(data: bytes, name: str, errors: str) -> str:
    # A character cut in two at the limit is no error.
    return codecs.getincrementaldecoder(name)(errors).decode(
        data[:BODY_MAX_BYTES], final=len(data) <= BODY_MAX_BYTES
    )


def _as_on_the_web(error: UnicodeError) -> tuple[str, int]:
    """What the web reads where Python's codec gives up: a character of the vendors' rows, or one replaced."""
    assert isinstance(error, UnicodeDecodeError)
    data, at = error.object, error.start
    one = data[at]
    if error.encoding in ("iso2022_jp_ext", "euc_jp") and (pair := _vendors_kanji(data[at : at + 2])):
        return pair, at + 2
    if error.encoding == "gb18030" and one == 0x80:
        return "€", at + 1
    if error.encoding == "charmap" and 0x80 <= one < 0xA0:
        return chr(one), at + 1
    return "\ufffd", max(at + 1, error.end)


def _vendors_kanji(pair: bytes) -> str:
    """The character at this place of JIS X 0208, also in the rows that NEC and IBM added: Windows-932 has
    them, and ISO-2022-JP and EUC-JP use the same places. "" where there is none."""
    if len(pair) < 2 or not (
        all(0x21 <= one <= 0x7E for one in pair) or all(0xA1 <= one <= 0xFE for one in pair)
    ):
        return ""
    row, cell = (pair[0] & 0x7F) - 0x21, pair[1] & 0x7F
    lead = (row >> 1) + (0x81 if row < 62 else 0xC1)
    trail = cell + 0x7E if row % 2 else cell + (0x1F if cell < 0x60 else 0x20)
    return bytes([lead, trail]).decode("cp932", "ignore")


codecs.register_error("collectors.web", _as_on_the_web)
