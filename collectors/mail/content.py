"""The text of a message: all parts that are shown as text, in order, without repetition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce

from collectors.accounts import LEFT_OUT, Account
from collectors.charsets import BODY_MAX_BYTES, decoded
from collectors.mail.headers import Headers, people, words
from collectors.mail.html import html_text, page_charset
from collectors.mail.parts import Part, Taken
from collectors.mail.properties import property_words
from collectors.texts import besides, lines, together

FILES_MAX = 100  # named in a record
_PAGES = ("text/html", "application/xhtml+xml", "text/x-amp-html", "text/watch-html")
_PROPERTIES = (
    *("text/calendar", "application/ics", "text/x-vcalendar"),
    *("text/vcard", "text/x-vcard", "text/directory"),
)
_TAGGED = ("text/enriched", "text/richtext")
_NO_WORDS = ("text/css", "text/javascript", "text/ecmascript", "text/rtf")
_SEALED = {
    "application/pkcs7-mime": "it is in an S/MIME envelope",
    "application/x-pkcs7-mime": "it is in an S/MIME envelope",
    "application/pgp-encrypted": "it is encrypted with PGP",
    "application/ms-tnef": "it may be inside Outlook's winmail.dat",
}
_TAG = re.compile(r"</?[A-Za-z-]+>")
_ROW = re.compile(r"^[> ]*\| .* \|$", re.MULTILINE)


@dataclass
class Content:
    """The text of a message, its attachments (name, type, bytes), and what was odd; `parts` counts its
    parts."""

    text: str = ""
    files: list[dict[str, str | int]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    parts: Account = field(default_factory=lambda: Account("part"))


def content(root: Part) -> Content:
    """The text of the message: of what it says in several forms, all that any of them says."""
    taken = Taken(root)
    reader = _Reader(taken)
    text = reader.said(taken.root)
    parts = reader.parts
    parts.see(taken.beyond)
    parts.leave("beyond the bounds", taken.beyond)
    if not text and reader.sealed:
        taken.remark(f"its text is not read: {reader.sealed}")
    return Content(text, reader.files, taken.remarks, parts)


def is_file(part: Part, root: Part) -> bool:
    """Whether it came with the message `root`: what its sender calls an attachment, and what is not text.
    Where it is all of the message, it is not attached to anything."""
    if part.is_attached and part is not root:
        return True
    readable = (*_PAGES, *_PROPERTIES)
    is_text = part.kind.startswith(("text/", "message/")) and part.kind != "message/external-body"
    return part.kind in _NO_WORDS or not (is_text or part.kind in readable)


class _Reader:
    """Reads the parts of one message in order."""

    def __init__(self, taken: Taken) -> None:
        self._taken = taken
        self.files: list[dict[str, str | int]] = []
        self.parts = Account("part")
        self.sealed = ""

    def said(self, part: Part) -> str:
        """The text of the part and of all parts inside it; notes attachments."""
        if part.parts:
            return self._said_inside(part)
        if part.is_box or part.is_message:
            return ""  # beyond the bounds, or empty
        self.parts.see()
        if is_file(part, self._taken.root):
            self._note_file(part)
            return ""
        self.parts.take()
        return self._text(part)

    def _said_inside(self, part: Part) -> str:
        texts = [text for inner in part.parts if (text := self.said(inner))]
        if part.is_message:
            if part.is_attached:
                self._name_file(part)
            head = "\n".join(_head(part.parts[0].headers))
            return "\n\n".join(filter(None, (head, *texts)))
        if part.kind == "multipart/alternative":
            return reduce(_in_one, texts, "")
        return "\n\n".join(texts)

    def _note_file(self, part: Part) -> None:
        self.sealed = self.sealed or _SEALED.get(part.kind, "")
        self.parts.leave("attached, with only its name kept" if self._name_file(part) else LEFT_OUT)

    def _name_file(self, part: Part) -> bool:
        if len(self.files) == FILES_MAX:
            self._taken.remark(f"more than {FILES_MAX} files are attached, and only the first are named")
            return False
        self.files.append({"name": part.file_name, "type": part.kind, "bytes": part.size_bytes})
        return True

    def _text(self, part: Part) -> str:
        data, is_page = part.bytes(), part.kind in _PAGES
        if len(data) > BODY_MAX_BYTES:
            self._taken.remark("its text is long, and only the beginning is kept")
        text, odd = decoded(data, part.charset or (page_charset(data) if is_page else None))
        if odd:
            self._taken.remark(odd)
        if is_page:
            return html_text(text)
        if part.kind in _PROPERTIES:
            return property_words(text)
        return lines(_TAG.sub("", text) if part.kind in _TAGGED else text)


def _in_one(one: str, other: str) -> str:
    """Two forms of the same text; a table that has its rows in one of them only is kept from there."""
    if bool(_ROW.search(one)) is bool(_ROW.search(other)) or not (one and other):
        return together(one, other)
    kept, left = (one, other) if _ROW.search(one) else (other, one)
    return "\n\n".join(filter(None, (kept, besides(kept, left))))


def _head(headers: Headers) -> Iterator[str]:
    """What people see above a message within a message."""
    for label, said in (
        ("From", ", ".join(people(headers, "from"))),
        ("To", ", ".join(people(headers, "to"))),
        ("Date", words(headers, "date")),
        ("Subject", words(headers, "subject")),
    ):
        if said:
            yield f"{label}: {said}"
