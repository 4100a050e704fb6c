"""The people in a header such as `To`, read as forgivingly as people write it.

The standard library's parser follows the grammar: it takes `Doe, John <j@x>` for two people and `a via B
<c@x>` for `aviaB`, and gives up on brackets within brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from collectors.mail.encoded import readable
from collectors.texts import one_line

# A quoted name, an address in angle brackets, a comment, a sign that ends something, or other characters.
_PIECE = re.compile(
    r'"((?:[^"\\]|\\.){0,500})"|<([^<>]{0,500})>|\(((?:[^()]|\([^()]*\)){0,500})\)|([,;:])|([^"<(,;:]+|.)',
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@dataclass
class _Person:
    words: str = ""
    address: str | None = None
    comment: str = ""

    @property
    def is_fragment(self) -> bool:
        """Whether it is only a part of a name, as `Doe` of `Doe, John <j@x>`."""
        return self.address is None and bool(self.words.strip()) and "@" not in self.words + self.comment

    def shown(self) -> str:
        """`Name <address>`, or the one that is known."""
        name, address = self.words.strip(), self.address
        if address is None:
            name, address = (self.comment, name) if "@" in name else (f"{name} {self.comment}", "")
        elif self.comment:
            name = f"{name} ({self.comment})" if name else self.comment
        name, address = one_line(readable(name)), one_line(address.removeprefix("mailto:"))
        return f"{name} <{address}>" if name and address and name != address else name or address


def people(text: str) -> Iterator[str]:
    """Each person in the header's text; groups (`team: a@x, b@x;`) by those who are in them."""
    held: list[_Person] = []
    for person in _people(text):
        if person.is_fragment:
            held.append(person)
            continue
        if held and person.address is not None and person.words.strip():
            person.words = ", ".join(one.words.strip() for one in (*held, person))
            held.clear()
        yield from (shown for one in (*held, person) if (shown := one.shown()))
        held.clear()
    yield from (one.shown() for one in held)


def _people(text: str) -> Iterator[_Person]:
    person = _Person()
    for piece in _PIECE.finditer(text):
        quoted, address, comment, sign, plain = piece.groups()
        if quoted is not None:
            person.words += _ESCAPE.sub(r"\1", quoted)
        elif address is not None:
            person.address = address
        elif comment is not None:
            person.comment = comment
        elif sign == ":" and person.address is None:
            person = _Person()  # what came before is the name of a group
        elif sign in (",", ";"):
            yield person
            person = _Person()
        else:
            person.words += plain or ""
    yield person
