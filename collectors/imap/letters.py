"""Fetches mails as letters. Of a large one only the texts and the invitations: the server lists its parts
(BODYSTRUCTURE, RFC 3501), and what is attached stays where it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError
from imapclient.response_types import BodyData

from collectors.charsets import BODY_MAX_BYTES
from collectors.imap.known import INVITATION_BYTES_MAX, Known
from collectors.mail.content import is_file
from collectors.mail.headers import HEAD_MAX_BYTES, Headers, split
from collectors.mail.mbox import Letter, cut_at
from collectors.mail.parts import DEPTH_MAX, PARTS_MAX, Part
from collectors.remarks import Remarks
from collectors.types import Kind

# The second one is what some programs, Google's among them, call the copy that is attached.
CALENDARS = ("text/calendar", "application/ics")
LARGE_BYTES = 256 << 10
"""Mails above it are mostly what is attached; of others all is fetched, many at once."""
AT_ONCE_BYTES = 2 << 20  # of one fetch
WHOLE_MAX_BYTES = 2 << 20
"""Of a large mail whose parts the server does not list as they are."""
TEXTS_MAX_BYTES = 4 << 20
"""Of all texts of one mail: a record has 100 KB at most."""
_PART_HEAD_MAX_BYTES, _PARTS_AT_ONCE = 16 << 10, 50  # real parts have some 200 bytes of headers
_AROUND_MAX_BYTES = 1 << 10  # of a part's borders and headers, if it is one that people send
_ENCODED_MAX = 3  # times its text, as quoted-printable (Part.bytes)
_TRIES = 2
_ASKED = "parts asked of"
_Said = dict[bytes, Any]


class _Unclear(Exception):
    """The server does not list the parts of a mail as they are."""


class _Place(NamedTuple):
    """Where a part is: the section of its headers (none: the mail's own), that of its body, and how large
    that is as it was sent."""

    part: Part
    head: str
    section: str
    size_bytes: int


@dataclass
class Letters:
    """Fetches from the folder that is open, whose name is `folder`."""

    client: IMAPClient
    known: Known
    folder: str
    remarks: Remarks

    def fetched(self, some: Sequence[int], heads: dict[int, _Said]) -> Iterator[tuple[int, Letter]]:
        """The mails that are still there; `heads` has the size of each, its flags, and when it came. `some`
        are together (`together`)."""
        [uid, *others] = some
        if not others and _size(heads[uid]) > LARGE_BYTES:
            letter = self._by_parts(uid, heads[uid]) or self._whole(uid, heads[uid])
            if letter is not None:
                yield uid, letter
            return
        found = self.client.fetch(some, [f"BODY.PEEK[]<0.{WHOLE_MAX_BYTES}>"])
        for uid in [*found]:
            yield uid, _letter(uid, _section(found.pop(uid), ""), heads[uid])

    def _whole(self, uid: int, head: _Said) -> Letter | None:
        """None if it is gone."""
        found = self.client.fetch([uid], [f"BODY.PEEK[]<0.{WHOLE_MAX_BYTES}>"])
        if uid not in found:
            return None
        if _size(head) > WHOLE_MAX_BYTES:
            read = f"only its first {WHOLE_MAX_BYTES >> 20} MiB are read"
            why = f"the server does not say which parts it has: {read}"
            self.remarks.add(Kind.NOTE, f"message {uid}", why)
        return _letter(uid, _section(found[uid], ""), head, cut_at(_size(head), WHOLE_MAX_BYTES))

    def _by_parts(self, uid: int, head: _Said) -> Letter | None:
        """None if it cannot be read so."""
        if not self._may_ask(uid):
            return None
        try:
            letter = self._with_texts(uid, head)
        except (IMAPClientAbortError, OSError):
            raise
        except Exception:  # noqa: BLE001 - the library raises anything for a list of parts that is none
            letter = None
        self.known.set_note(_ASKED, "")
        return letter

    def _may_ask(self, uid: int) -> bool:
        """Not for parts over which the connection broke again and again: an answer of more than a megabyte on
        one line does that, and no mail after this one would ever be read."""
        name = f"{self.folder} {uid}"
        before, _, times = self.known.note(_ASKED).rpartition(" ")
        tries = int(times) + 1 if before == name else 1
        if tries <= _TRIES:
            self.known.set_note(_ASKED, f"{name} {tries}")
        return tries <= _TRIES

    def _with_texts(self, uid: int, head: _Said) -> Letter:
        """Errors: _Unclear, and whatever the library raises for what is none."""
        found = self._ask(uid, ["BODYSTRUCTURE", f"BODY.PEEK[HEADER]<0.{HEAD_MAX_BYTES}>"])
        data = _section(found, "HEADER")
        root = Part(split(_plain(data))[0], b"")
        places = _places(found[b"BODYSTRUCTURE"], root)
        for some in _in_turn([place for place in places if place.head]):
            asked = [f"BODY.PEEK[{place.head}]<0.{_PART_HEAD_MAX_BYTES}>" for place in some]
            found = self._ask(uid, asked)
            for place in some:
                place.part.headers = split(_plain(_section(found, place.head)))[0]
        leaves = _leaves(root, {id(place.part): place for place in places})
        around = len(data) + _AROUND_MAX_BYTES * len(places)
        if 2 * sum(place.size_bytes for place in leaves) < _size(head) - around:
            raise _Unclear  # more than half of the mail is in none of its parts
        cut = self._read(uid, leaves, root)
        return _letter(uid, data, head, TEXTS_MAX_BYTES if cut else 0, root)

    def _read(self, uid: int, leaves: Sequence[_Place], root: Part) -> bool:
        """Fetches their texts; whether those are too long to be read to their end."""
        left, cut = TEXTS_MAX_BYTES, False
        for some in _in_turn([place for place in leaves if _is_read(place, root)]):
            asked = list[tuple[_Place, int]]()
            for place in some:
                most = _most(place)
                cut = cut or most > left
                asked.append((place, min(most, left)))
                left -= asked[-1][1]
            found = self._ask(uid, [f"BODY.PEEK[{place.section}]<0.{most}>" for place, most in asked if most])
            for place, most in asked:
                place.part.body = _plain(_section(found, place.section)) if most else b""
                if most and not place.part.body:
                    raise _Unclear
        for place in leaves:
            place.part.left_bytes = 0 if place.part.body else place.size_bytes
        if cut:
            why = f"it has much text, and only the first {TEXTS_MAX_BYTES >> 20} MiB are read"
            self.remarks.add(Kind.NOTE, f"message {uid}", why)
        return cut

    def _ask(self, uid: int, what: Sequence[str]) -> _Said:
        if not what:
            return {}
        found = self.client.fetch([uid], what)
        if uid not in found:
            raise _Unclear
        said: _Said = found[uid]
        return said


def together(uids: Sequence[int], heads: dict[int, _Said]) -> Iterator[list[int]]:
    """The mails in pieces that fit the memory; each large one by itself."""
    some, size = list[int](), 0
    for uid in uids:
        more = AT_ONCE_BYTES if _size(heads[uid]) > LARGE_BYTES else _size(heads[uid])
        if some and size + more >= AT_ONCE_BYTES:
            yield some
            some, size = [], 0
        some.append(uid)
        size += more
    if some:
        yield some


def _in_turn(places: Sequence[_Place]) -> Iterator[Sequence[_Place]]:
    return (places[at : at + _PARTS_AT_ONCE] for at in range(0, len(places), _PARTS_AT_ONCE))


def _places(said: BodyData, root: Part) -> list[_Place]:
    """All parts of a mail, put into each other as the server says. Errors: _Unclear."""
    found = list[_Place]()

    def inside(box: Part, usual: str = "text/plain") -> Part:
        part = Part(Headers(), b"", usual)
        box.parts.append(part)
        return part

    def add(said: BodyData, part: Part, head: str, section: str, depth: int) -> None:
        if len(found) == PARTS_MAX or depth > DEPTH_MAX:
            raise _Unclear  # the reader of mails has the same bounds, and says what is beyond them
        if said.is_multipart:
            found.append(_Place(part, head, section, 0))
            usual = "message/rfc822" if _word(said[1]) == "digest" else "text/plain"
            for number, one in enumerate(said[0], 1):
                at = f"{section}.{number}".lstrip(".")
                add(one, inside(part, usual), f"{at}.MIME", at, depth + 1)
            return
        section = section or "1"
        if not isinstance(said[6], int):
            raise _Unclear
        found.append(_Place(part, head, section, said[6]))
        if f"{_word(said[0])}/{_word(said[1])}" in ("message/rfc822", "message/global"):
            inner = BodyData.create(said[8])
            body = section if inner.is_multipart else f"{section}.1"
            add(inner, inside(part), f"{section}.HEADER", body, depth + 1)

    if said.is_multipart != root.is_box:
        raise _Unclear
    add(said, root, "", "", 0)
    return found


def _leaves(part: Part, places: dict[int, _Place]) -> list[_Place]:
    """Those that lie in it and have a body of their own."""
    if part.is_message and part.encoding in ("base64", "quoted-printable"):
        part.parts = []  # it is taken apart when it is decoded: no server does that
    if not part.parts:
        return [places[id(part)]]
    return [place for inner in part.parts for place in _leaves(inner, places)]


def _is_read(place: _Place, root: Part) -> bool:
    """Whether anything of it comes onto the board."""
    part = place.part
    if part.kind in CALENDARS and place.size_bytes <= 2 * INVITATION_BYTES_MAX:
        return True
    return part.is_box or part.is_message or not is_file(part, root)


def _most(place: _Place) -> int:
    """How much of it is read at most, as it was sent."""
    part = place.part
    encoded = part.is_box or part.is_message or part.encoding in ("base64", "quoted-printable")
    return min(place.size_bytes, _ENCODED_MAX * BODY_MAX_BYTES if encoded else BODY_MAX_BYTES + 1)


def _section(said: _Said, name: str) -> bytes:
    """The answer for `BODY.PEEK[name]`; b"" if there is none."""
    begin = f"BODY[{name}]".encode().upper()
    found = next((value for key, value in said.items() if key.upper().startswith(begin)), None)
    return found if isinstance(found, bytes) else str(found).encode() if isinstance(found, int) else b""


def _letter(uid: int, data: bytes, head: _Said, cut: int = 0, root: Part | None = None) -> Letter:
    came = head.get(b"INTERNALDATE")
    came_at = came if isinstance(came, datetime) and came.tzinfo else None
    keywords = b" ".join(head.get(b"FLAGS", ())).lower().split()
    extra = b"X-Keywords: $Junk\n" if b"$junk" in keywords else b""
    return Letter(
        extra + _plain(data),
        f"message {uid}",
        _size(head) or len(data),
        came_at,
        "the server",
        cut_at=cut,
        root=root,
    )


def _size(head: _Said) -> int:
    return int(head.get(b"RFC822.SIZE", 0))


def _plain(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


def _word(said: object) -> str:
    return said.decode("ascii", "replace").lower() if isinstance(said, bytes) else ""
