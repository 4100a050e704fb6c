"""The parts of a message, MIME taken apart by search for the borders: a message may be ten thousand parts,
or boxes in boxes, and a file of 10 MB inside it is passed over and not read line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from collectors.charsets import BODY_MAX_BYTES, decoded
from collectors.mail.headers import Headers, split
from collectors.mail.html import html_text
from collectors.texts import fitted, lines, one_line

PARTS_MAX, DEPTH_MAX, FILES_MAX, FILE_NAME_MAX = 1_000, 100, 100, 255
_BOUNDARY_MAX = 200
_BORDER_END = re.compile(rb"(--)?[ \t]*(?:\n|\Z)")
_BLANKS = b" \t\n\r"


@dataclass(frozen=True)
class Part:
    """A part that is no box of others; `body` is as it was sent, encoded."""

    headers: Headers
    body: bytes

    @property
    def kind(self) -> str:
        """Its type, such as `text/plain`."""
        return one_line(self.headers.get_content_type())[:100]

    @property
    def file_name(self) -> str:
        """What it is to be saved as; "" when it has no name."""
        try:
            return fitted(one_line(self.headers.get_filename("")), FILE_NAME_MAX)
        except (ValueError, LookupError, TypeError):  # such as a name in a charset that is none
            return "(its name cannot be read)"

    @property
    def is_file(self) -> bool:
        """Whether it came with the message, and is not what the message says."""
        attached = self.headers.get_content_disposition() == "attachment"
        return attached or bool(self.file_name) or self.kind not in ("text/plain", "text/html")

    @property
    def size_bytes(self) -> int:
        """How large it is when it is decoded."""
        if self._encoding == "base64":
            return len(self.body.translate(None, _BLANKS + b"=")) * 3 // 4
        return len(self.body)

    def text(self) -> tuple[str, str]:
        """What it says, and what was odd about its charset, or ""."""
        words, odd = decoded(self._decoded(), self.headers.get_content_charset())
        return (html_text(words) if self.kind == "text/html" else lines(words)), odd

    @property
    def _encoding(self) -> str:
        return self.headers.get("content-transfer-encoding", "").strip().lower()

    def _decoded(self) -> bytes:
        limit = BODY_MAX_BYTES * 3 if self._encoding else BODY_MAX_BYTES + 1
        carrier = Headers()
        carrier["content-transfer-encoding"] = self._encoding
        carrier.set_payload(self.body[:limit].decode("ascii", "surrogateescape"))
        found = carrier.get_payload(decode=True)
        return found if isinstance(found, bytes) else b""


@dataclass
class Content:
    """What a message says, the files that came with it (name, type, bytes), and what was odd."""

    text: str = ""
    files: list[dict[str, str | int]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def content(headers: Headers, body: bytes) -> Content:
    """The plain text of the message, or else its HTML as text."""
    found = Content()
    texts: dict[str, list[Part]] = {"text/plain": [], "text/html": []}
    for part in _parts(headers, body, found.remarks):
        if not part.is_file:
            texts[part.kind].append(part)
        elif len(found.files) < FILES_MAX:
            found.files.append({"name": part.file_name, "type": part.kind, "bytes": part.size_bytes})
        elif len(found.files) == FILES_MAX:
            _once(found.remarks, f"more than {FILES_MAX} files are attached, and only those are named")
    found.text = _said(texts["text/plain"], found.remarks) or _said(texts["text/html"], found.remarks)
    return found


def _said(parts: list[Part], remarks: list[str]) -> str:
    said = []
    for part in parts:
        text, odd = part.text()
        said.append(text)
        if odd:
            _once(remarks, odd)
        if len(part.body) > BODY_MAX_BYTES:
            _once(remarks, "its text is long, and only the beginning is taken")
    return "\n\n".join(text for text in said if text)


def _parts(headers: Headers, body: bytes, remarks: list[str]) -> Iterator[Part]:
    waiting = [(headers, body, 0)]
    for _ in range(PARTS_MAX):
        if not waiting:
            return
        headers, body, depth = waiting.pop()
        boundary = _boundary(headers)
        if boundary is None:
            yield Part(headers, body)
        elif depth == DEPTH_MAX:
            _once(remarks, f"parts that are more than {DEPTH_MAX} boxes deep were left aside")
        else:
            inner, closed = _between(body, boundary, PARTS_MAX)
            if not closed:
                _once(remarks, "it ends in the middle")
            waiting += [(*split(part), depth + 1) for part in reversed(inner)]
    if waiting:
        _once(remarks, f"it has more than {PARTS_MAX:,} parts, and only those are looked at")


def _boundary(headers: Headers) -> bytes | None:
    if headers.get_content_maintype() != "multipart":
        return None
    try:
        boundary = headers.get_boundary("")
    except (ValueError, LookupError, TypeError):
        return None
    return boundary.encode("utf-8", "replace") if 0 < len(boundary) <= _BOUNDARY_MAX else None


def _between(body: bytes, boundary: bytes, most: int) -> tuple[list[bytes], bool]:
    """What lies between the borders, and whether the last one is there (or so many parts are before it)."""
    body, border = b"\n" + body, b"\n--" + boundary
    parts: list[bytes] = []
    begin, at = -1, body.find(border)
    while at >= 0 and len(parts) <= most:
        end = _BORDER_END.match(body, at + len(border))
        if end is not None:
            if begin >= 0:
                parts.append(body[begin:at])
            if end[1]:
                return parts, True
            begin = end.end()
        # The line end of one border may be the beginning of the next.
        at = body.find(border, at + len(border) if end is None else end.end() - 1)
    if at >= 0:
        return parts, True
    if begin >= 0:
        parts.append(body[begin:])
    return parts or [b"\n" + body], False


def _once(remarks: list[str], remark: str) -> None:
    if remark not in remarks:
        remarks.append(remark)
