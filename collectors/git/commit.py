"""Parses a commit object into its fields: pure, and as forgiving as real histories require.

The library's own parser is not used: one author line that it does not understand would hide all the history
behind that commit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from collectors.charsets import decoded
from collectors.git.mailmap import Mapped, unmapped
from collectors.remarks import Unusable
from models.base import YEARS

_PERSON = re.compile(rb"^(?P<name>.*?) ?<(?P<email>[^>]*)>(?: (?P<at>-?\d{1,18})(?: .*)?)?", re.DOTALL)
_LINE_MAX_BYTES = 2_000  # of a header: an author's line has about 60
HASH = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Person:
    """Who, and when in seconds since 1970; None when the line does not say it."""

    name: str = ""
    email: str = ""
    at_s: int | None = None

    @property
    def at(self) -> datetime | None:
        """The instant, where it is one that the board takes."""
        try:
            found = _EPOCH + timedelta(seconds=self.at_s) if self.at_s is not None else None
        except OverflowError:
            return None
        return found if found is not None and found.year in YEARS else None


@dataclass(frozen=True)
class Commit:
    """What one commit says; `tree` and `parents` are hashes in hex, `odd` is a remark about its charset."""

    tree: bytes
    parents: tuple[bytes, ...]
    author: Person
    committer: Person
    message: str
    odd: str = ""


def parse(raw: bytes, mapped: Mapped = unmapped) -> Commit:
    """The commit, its people by the names that they are `mapped` to. Errors: Unusable for what is not one."""
    head, _, message = raw.partition(b"\n\n")
    fields: dict[bytes, list[bytes]] = {}
    for line in head.split(b"\n"):
        name, _, value = line.partition(b" ")  # a line that goes on begins with a blank: its name is ""
        fields.setdefault(name, []).append(value)
    tree = fields.get(b"tree", [b""])[0]
    if not HASH.fullmatch(tree):
        raise Unusable("it is not a commit: it does not begin with a tree")
    charset = fields.get(b"encoding", [b"utf-8"])[0].decode("latin-1").strip()
    text, odd = decoded(message, _guess(message, charset))
    return Commit(
        tree,
        tuple(parent for parent in fields.get(b"parent", []) if HASH.fullmatch(parent)),
        _person(fields.get(b"author", [b""])[0], charset, mapped),
        _person(fields.get(b"committer", [b""])[0], charset, mapped),
        text,
        odd,
    )


def _person(line: bytes, charset: str, mapped: Mapped) -> Person:
    line = line[:_LINE_MAX_BYTES]
    found = _PERSON.match(line)
    if found is None:
        return Person(name=decoded(line, _guess(line, charset))[0])
    known = mapped(found["name"], found["email"])
    name, email = (decoded(part, _guess(part, charset))[0] for part in known)
    return Person(name, email, int(found["at"]) if found["at"] else None)


def _guess(text: bytes, charset: str) -> str | None:
    """Git writes UTF-8 unless it says otherwise; what is none, in spite of that, is guessed at."""
    if charset.lower() not in ("utf-8", "utf8"):
        return charset
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "utf-8"
