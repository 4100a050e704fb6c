"""Trees of MIME parts that tests make up, and the words that each part says."""

from __future__ import annotations

import base64
import quopri
from dataclasses import dataclass

from hypothesis import strategies as st

TEXTS = ("text/plain", "text/html", "text/enriched", "text/calendar", "text/markdown", "text/of-tomorrow", "")
FILES = ("application/pdf", "image/png", "application/octet-stream", "audio/x-of-tomorrow")
BOXES = ("mixed", "related", "alternative", "signed", "report", "parallel", "of-tomorrow")


@dataclass(frozen=True)
class Leaf:
    """A part that says `word`, or a file of that name."""

    word: str
    kind: str
    disposition: str
    name: str
    encoding: str

    @property
    def is_text(self) -> bool:
        return self.kind in TEXTS and self.disposition != "attachment"

    @property
    def leaves(self) -> list[Leaf]:
        return [self]

    def data(self) -> bytes:
        head = []
        if self.kind:
            named = f'; name="{self.name}"' if self.name else ""
            head.append(f"Content-Type: {self.kind}; charset=utf-8{named}")
        if self.disposition:
            named = f'; filename="{self.name}"' if self.name else ""
            head.append(f"Content-Disposition: {self.disposition}{named}")
        if self.encoding:
            head.append(f"Content-Transfer-Encoding: {self.encoding}")
        return "\n".join(head).encode() + b"\n\n" + _encoded(self._body().encode(), self.encoding)

    def _body(self) -> str:
        if self.kind == "text/html":
            return f"<html><body><p>Grüße, <b>{self.word}</b></p></body></html>"
        if self.kind == "text/calendar":
            return f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Grüße\n  {self.word}\nEND:VEVENT\nEND:VCALENDAR"
        return f"Grüße, {self.word}"


@dataclass(frozen=True)
class Box:
    """Parts within a part: a multipart of some kind, or, with one part, a message within the message."""

    kind: str
    parts: tuple[Leaf | Box, ...]
    number: int

    @property
    def leaves(self) -> list[Leaf]:
        return [leaf for part in self.parts for leaf in part.leaves]

    def data(self) -> bytes:
        if self.kind == "message":
            return b"Content-Type: message/rfc822\n\nFrom: cy@example.org\n" + self.parts[0].data()
        border = f"--box-{self.number}".encode()
        inner = b"".join(b"\n" + border + b"\n" + part.data() for part in self.parts)
        return (
            f'Content-Type: multipart/{self.kind}; boundary="box-{self.number}"\n'.encode()
            + inner
            + b"\n"
            + border
            + b"--\n"
        )


def _encoded(data: bytes, encoding: str) -> bytes:
    match encoding:
        case "base64":
            return base64.encodebytes(data)
        case "quoted-printable":
            return quopri.encodestring(data)
        case _:
            return data


def trees() -> st.SearchStrategy[Leaf | Box]:
    """Trees of parts in which each part has a word, and each box a border, of its own."""
    leaves = st.builds(
        Leaf,
        st.just(""),
        st.sampled_from((*TEXTS, *TEXTS, *FILES)),
        st.sampled_from(("", "", "inline", "attachment")),
        st.sampled_from(("", "notes.txt")),
        st.sampled_from(("", "8bit", "base64", "quoted-printable")),
    )
    shapes = st.recursive(
        leaves,
        lambda inner: (
            st.builds(
                lambda kind, parts: Box(kind, tuple(parts), 0),
                st.sampled_from(BOXES),
                st.lists(inner, min_size=1, max_size=4),
            )
            | inner.map(lambda part: Box("message", (part,), 0))
        ),
        max_leaves=10,
    )
    return shapes.map(lambda shape: _numbered(shape, [0]))


def _numbered(shape: Leaf | Box, count: list[int]) -> Leaf | Box:
    count[0] += 1
    number = count[0]
    if isinstance(shape, Leaf):
        return Leaf(f"word{number}x", shape.kind, shape.disposition, shape.name, shape.encoding)
    return Box(shape.kind, tuple(_numbered(part, count) for part in shape.parts), number)
