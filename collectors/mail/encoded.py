"""Decodes headers and folder names that are encoded as ASCII: pure; a broken word costs only itself."""

from __future__ import annotations

import base64
import binascii
import re

from collectors.charsets import decoded

_WORD = re.compile(r"=\?([^?\s]{1,100})\?([bBqQ])\?([^?]*)\?=")  # RFC 2047
_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")  # RFC 3501 5.1.3
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")


def readable(text: str) -> str:
    """The text with its encoded words read: a character may begin in one of them and end in the next."""
    if "=?" not in text:
        return text
    said: list[str] = []
    charset, gathered, at = "", b"", 0
    for word in _WORD.finditer(text):
        data, between = _bytes(word), text[at : word.start()]
        if data is None:
            continue
        if between.strip() or not gathered:
            said += [_said(gathered, charset), between]
            gathered = b""
        elif word[1].lower() != charset:
            said.append(_said(gathered, charset))
            gathered = b""
        charset, gathered, at = word[1].lower(), gathered + data, word.end()
    return "".join((*said, _said(gathered, charset), text[at:]))


def folder_name(text: str) -> str:
    """The name of an IMAP folder, as people read it: `Entw&APw-rfe` is `Entwürfe`."""
    return _SHIFTED.sub(_unshifted, text) if "&" in text else text


def _bytes(word: re.Match[str]) -> bytes | None:
    """The decoded word; None if it is not valid."""
    if word[2] in "qQ":
        return binascii.a2b_qp(word[3].encode("utf-8", "replace"), header=True)
    plain = _NOT_BASE64.sub("", word[3])
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4))
    except binascii.Error:
        return None


def _said(data: bytes, charset: str) -> str:
    return decoded(data, charset)[0] if data else ""


def _unshifted(found: re.Match[str]) -> str:
    inner = found[1]
    if not inner:
        return "&"
    try:
        text = base64.b64decode(inner.replace(",", "/") + "=" * (-len(inner) % 4)).decode("utf-16-be")
    except ValueError:
        return found[0]
    # ASCII is never written so: `R&D-` is what it says.
    return text if text.isprintable() and not any(mark.isascii() for mark in text) else found[0]
