"""What a file is, by how it begins: of names, programs that keep mail have no two habits in common."""

from __future__ import annotations

import codecs
import re
from enum import StrEnum

from collectors.mail.mbox import is_header

HEAD_BYTES = 4_096  # the first headers of a mail
_MBOX, _SINGLE = (".mbox", ".mbx"), (".eml", ".emlx")
# The headers by which a file is known to be a message; two of them are no chance.
_KNOWN = re.compile(
    rb"(?:from|to|cc|subject|date|received|return-path|message-id|delivered-to|reply-to|sender|mime-version"
    rb"|in-reply-to|references|x-[a-z-]+|content-[a-z-]+|authentication-results|dkim-signature|list-[a-z-]+):",
    re.IGNORECASE,
)
_FOREIGN = {
    **dict.fromkeys(
        (".pst", ".ost", ".msg", ".olm", ".dbx"), "it is in an Outlook format: export it as mbox or .eml"
    ),
    **dict.fromkeys(
        (".gz", ".zip", ".bz2", ".xz", ".zst", ".7z", ".tgz"), "it is compressed: unpack it first"
    ),
}
_PACKED_MAIL = re.compile(r"mail|mbox|\.mbx|\.eml|maildir|inbox", re.IGNORECASE)


class Form(StrEnum):
    """What a file holds: many messages or one."""

    MBOX = "mbox"
    MESSAGE = "message"
    EMLX = "emlx"  # a message as Apple Mail keeps it: its length before it, what is known of it behind


def form_of(name: str, head: bytes) -> Form | None:
    """The form of a file of this name that begins so; None for what is not mail."""
    name = name.lower()
    if name.endswith(".emlx") and re.match(rb"\s*\d+\s*\n", head):
        return Form.EMLX
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if text.startswith(b"From ") or name.endswith(_MBOX):
        return Form.MBOX
    return Form.MESSAGE if name.endswith(_SINGLE) or _is_message(text) else None


def foreign(name: str) -> str:
    """Why a file cannot be read that holds mail by its name, or ""."""
    suffix = re.search(r"\.[a-z0-9]+$", name.lower())
    why = _FOREIGN.get(suffix[0], "") if suffix else ""
    return why if "Outlook" in why or _PACKED_MAIL.search(name) else ""


def _is_message(head: bytes) -> bool:
    """Whether it begins with headers, at least two of which only mails have."""
    known = 0
    for line in head.replace(b"\r\n", b"\n").split(b"\n"):
        if line[:1] in (b" ", b"\t"):
            continue
        if not is_header(line):
            break
        known += _KNOWN.match(line) is not None
    return known >= 2
