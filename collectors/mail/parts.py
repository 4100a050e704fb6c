"""A message taken apart into its parts, by search for the borders: a message may be ten thousand parts, or
boxes in boxes, and a file of 10 MB inside it is passed over and not read line by line.

The types of parts are what people's programs write, not what the standards say: `text/html charset=x` without
its semicolon, a box without the name of its border, a forwarded message in base64.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from collectors.charsets import BODY_MAX_BYTES
from collectors.mail.encoded import readable
from collectors.mail.headers import Headers, split
from collectors.texts import fitted, one_line

PARTS_MAX, DEPTH_MAX, FILE_NAME_MAX = 1_000, 100, 255  # real mails have a few; these stop hostile ones
_BOUNDARY_MAX = 200  # RFC 2046 allows 70
_BORDER_END = re.compile(rb"(--)?[ \t]*(?:\n|\Z)")
_FIRST_BORDER = re.compile(rb"^--([^\s-][^\n]{0,199}?)[ \t]*$", re.MULTILINE)
_BLANKS = b" \t\n\r"
_LINE = 76  # characters of base64, as all programs break it (RFC 2045)
_TYPE = re.compile(r"\s*([\w.+-]+/[\w.+-]+)")
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:+-]+)", re.IGNORECASE)
_MESSAGES = ("message/rfc822", "message/global", "message/news")


@dataclass
class Part:
    """One part; `body` is as it was sent, encoded. A box has `parts`, and so has a message within the
    message.

    `usual` is the type of a part that does not say any; of one that is not here to its end, `left_bytes` were
    left where it lies.
    """

    headers: Headers
    body: bytes
    usual: str = "text/plain"
    parts: list[Part] = field(default_factory=list)
    left_bytes: int = 0

    @property
    def kind(self) -> str:
        """Its type, such as `text/plain`."""
        said = self.headers.get("content-type", "")
        found = _TYPE.match(said)
        return found[1].lower()[:100] if found else self.usual

    @property
    def is_box(self) -> bool:
        return self.kind.startswith("multipart/")

    @property
    def is_message(self) -> bool:
        """Whether it is a message within the message."""
        return self.kind in _MESSAGES

    @property
    def is_attached(self) -> bool:
        """Whether its sender says that it came with the message, and is not what the message says."""
        disposition: str = self.headers.get("content-disposition", "")
        return disposition.strip().lower().startswith("attachment")

    @property
    def charset(self) -> str | None:
        found = _CHARSET.search(self.headers.get("content-type", ""))
        return found[1] if found else None

    @property
    def file_name(self) -> str:
        """What it is to be saved as; "" when it has no name."""
        try:
            return fitted(one_line(readable(self.headers.get_filename(""))), FILE_NAME_MAX)
        except (ValueError, LookupError, TypeError):  # such as a name in a charset that is none
            return "(its name cannot be read)"

    @property
    def size_bytes(self) -> int:
        """How large it is when it is decoded; of what is not here, as base64 in its usual lines gives it."""
        if self.encoding == "base64":
            left = self.left_bytes * _LINE // (_LINE + len("\r\n"))
            return (len(self.body.translate(None, _BLANKS + b"=")) + left) * 3 // 4
        return len(self.body) + self.left_bytes

    def bytes(self, limit: int = BODY_MAX_BYTES) -> bytes:
        """The beginning of it, decoded."""
        if self.encoding in ("", "7bit", "8bit", "binary"):
            return self.body[: limit + 1]
        carrier = Headers()
        carrier["content-transfer-encoding"] = self.encoding
        carrier.set_payload(self.body[: limit * 3].decode("ascii", "surrogateescape"))
        found = carrier.get_payload(decode=True)
        return found if isinstance(found, bytes) else b""

    @property
    def encoding(self) -> str:
        """How its body was made fit for the way: `base64`, `quoted-printable`; "" for not at all."""
        said = self.headers.get("content-transfer-encoding", "").strip().lower()
        return re.split(r"[\s;(]", said, maxsplit=1)[0]


class Taken:
    """Takes a message apart within bounds; `remarks` tell what was beyond them, `beyond` how many parts."""

    def __init__(self, root: Part) -> None:
        self.remarks: list[str] = []
        self.beyond = self._count = 0
        self.root = self._part(root, 0)

    def remark(self, remark: str) -> None:
        """Each once."""
        if remark not in self.remarks:
            self.remarks.append(remark)

    def _part(self, part: Part, depth: int) -> Part:
        self._count += 1
        if part.parts:  # taken apart already, within the same bounds
            for one in part.parts:
                self._part(one, depth + 1)
            return part
        if not (part.is_box or part.is_message):
            return part
        if depth == DEPTH_MAX:
            self.remark(f"parts that are more than {DEPTH_MAX} boxes deep were ignored")
            self.beyond += 1
            return part
        usual = "message/rfc822" if part.kind == "multipart/digest" else "text/plain"
        inner = self._inside(part)
        part.body = b""  # boxes in boxes would hold the same bytes a hundred times
        while inner and self._count < PARTS_MAX:
            part.parts.append(self._part(Part(*inner.pop(), usual), depth + 1))
        if inner:
            self.remark(f"it has more than {PARTS_MAX:,} parts, and only the first are read")
            self.beyond += len(inner)
        return part

    def _inside(self, part: Part) -> list[tuple[Headers, bytes]]:
        """What is in it, the last one first."""
        body = part.bytes(len(part.body))
        if part.is_message:
            return [split(body.lstrip(b"\n"))]
        boundary = _boundary(part.headers) or _guessed_boundary(body)
        if boundary is None:
            return [(Headers(), body)]
        inner, closed = _between(body, boundary, PARTS_MAX)
        if not closed:
            self.remark("it ends in the middle")
        return [split(one) for one in reversed(inner)]


def _boundary(headers: Headers) -> bytes | None:
    try:
        boundary = headers.get_boundary("")
    except (ValueError, LookupError, TypeError):
        return None
    return boundary.encode("utf-8", "replace") if 0 < len(boundary) <= _BOUNDARY_MAX else None


def _guessed_boundary(body: bytes) -> bytes | None:
    """That of a box which does not name any: the first line that looks like a border and closes as one."""
    found = _FIRST_BORDER.search(body)
    return found[1] if found and b"--" + found[1] + b"--" in body else None


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
