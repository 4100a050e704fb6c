"""One run over a mailbox: what is new is read, what is gone is removed, folder by folder, in small steps.

A run may be killed anywhere: before each step it is noted down what the board is about to get, and after it
that the board has it (types.Checkpoint).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from collectors.accounts import Accounts
from collectors.actions.mine import Me
from collectors.actions.recent import Actions
from collectors.ics.keeping import Days, read, tell
from collectors.imap.account import Account, MailboxError, NotLetIn
from collectors.imap.known import INVITATION_BYTES_MAX, INVITATIONS_MAX, UIDS, Copy, Known
from collectors.imap.letters import CALENDARS, Letters, together
from collectors.mail.correspondence import Correspondence
from collectors.mail.deleted import why_gone, why_gone_from
from collectors.mail.mbox import Letter
from collectors.mail.message import Message
from collectors.mail.parts import Part, Taken
from collectors.patience import let_in, trying
from collectors.people.met import Met
from collectors.remarks import Remarks
from collectors.texts import counted, shown
from collectors.types import Ask, Checkpoint, Finding, Found, Gone, Kind, Progress
from models.calendar import GivenEvent
from models.records import GivenRecord

AT_ONCE = 100  # mails of one step
UIDS_AT_ONCE = 20_000
"""UIDs that are compared at once; the library takes no line over 1 MB, which is some 100,000 of them."""
LEFT_OUT = frozenset((b"\\trash", b"\\junk", b"\\drafts"))
USES = ("\\All", "\\Archive", "\\Drafts", "\\Flagged", "\\Important", "\\Junk", "\\Sent", "\\Trash")
"""The special uses that servers tell of folders (RFC 6154, RFC 8457), however these are called."""
# The last one is of CONDSTORE (RFC 7162), and grows with every change of flags.
_STATUS = (b"UIDVALIDITY", b"UIDNEXT", b"MESSAGES", b"HIGHESTMODSEQ")
_ID = b"BODY[HEADER.FIELDS (MESSAGE-ID)]"


@dataclass(frozen=True)
class Wanted:
    """Which folders (patterns of names, or USES; none: all but bin, spam and drafts), whether invitations go
    onto the calendar, and for which days."""

    folders: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    invitations: bool = True
    tz: str = "UTC"
    days_back: int = 7
    days_ahead: int = 60


@dataclass
class Mailbox:
    """A mailbox and what is known of it, in the file at `path`."""

    account: Account
    path: Path
    wanted: Wanted
    me: Sequence[str] = ()
    days: int = 90

    def collect(self, ask: Ask) -> Iterator[Found]:
        """Errors: MailboxError."""
        known = Known(self.path)
        with trying(known, self.account.kept_secret, NotLetIn, MailboxError):
            known.check_board(ask.records)
            with self.account.open() as client:
                let_in(known)
                names = (*self.me, *ask.me)
                run = _Run(client, known, self.wanted, ask, names, Actions(Me(names), self.days))
                yield from run.found()


class _Mail(NamedTuple):
    """A mail that was read; `is_new` says that no copy of it is on the board yet."""

    message: Message
    record: GivenRecord
    copy: Copy
    is_new: bool


class _Look(NamedTuple):
    """A folder: the UID that it gives next, its UIDVALIDITY, all that the server says of it, and how many
    mails are in it."""

    following: int
    validity: int
    said: str
    mails: int


@dataclass
class _Run:
    """One run."""

    client: IMAPClient
    known: Known
    wanted: Wanted
    ask: Ask
    names: Sequence[str]
    actions: Actions

    def __post_init__(self) -> None:
        self.counts = Accounts("folder", "message", "part")
        self.now = datetime.now(UTC)
        self._left: list[tuple[str, set[int], _Look]] = []
        self._listed = list[tuple[str, set[bytes]]]()

    def found(self) -> Iterator[Found]:
        """All that is new, and what is gone."""
        names = list(self._folders())
        for number, name in enumerate(names):
            yield Progress(number, len(names), shown(name))
            yield from self._folder(name)
        for name, gone, look in self._left:  # only now: a mail may have been moved into a later folder
            yield from self._gone(name, gone)
            yield self._read_to_its_end(name, look)
        yield from self._other_folders({*names} | self._not_told_of({*names}))
        for use in self._untold():
            why = "the server says of no folder that it is this: give the folder's name in its place"
            yield Finding(Kind.SKIPPED, use, why, spares="none")
        yield Progress(len(names), len(names))
        yield from self._people()
        yield from self.counts
        if self.wanted.invitations:
            yield from self._invitations()

    def _folders(self) -> Iterator[str]:
        """Those that are wanted, the inbox first."""
        folders = self.counts["folder"]
        found = [(name, {flag.lower() for flag in flags}) for flags, _, name in self.client.list_folders()]
        self._listed = sorted(found, key=lambda one: (one[0].upper() != "INBOX", one[0]))
        for name, flags in self._listed:
            folders.see()
            if b"\\noselect" in flags or b"\\nonexistent" in flags:
                folders.leave("without mail of its own")
            elif not self._is_wanted(name, flags):
                folders.leave("not asked for")
            else:
                folders.take()
                yield name

    def _is_wanted(self, name: str, flags: set[bytes]) -> bool:
        if any(_matches(pattern, name, flags) for pattern in self.wanted.exclude):
            return False
        if self.wanted.folders:
            return any(_matches(pattern, name, flags) for pattern in self.wanted.folders)
        thrown = why_gone_from(set(), name) or name.casefold().rpartition("/")[2] == "drafts"
        return not flags & LEFT_OUT and not thrown

    def _untold(self) -> list[str]:
        """Uses that are asked for and that the server says of no folder."""
        return [
            use
            for use in self.wanted.folders
            if use.startswith("\\") and not any(_matches(use, *one) for one in self._listed)
        ]

    def _not_told_of(self, names: set[str]) -> set[str]:
        """Folders that are still there, and may be of a use that the server does not tell just now."""
        return {name for name, _ in self._listed} - names if self._untold() else set()

    def _folder(self, name: str) -> Iterator[Found]:
        try:
            look = self._look_into(name)
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:  # it was deleted just now, or may not be read
            yield Finding(Kind.SKIPPED, shown(name), f"the server does not open it: {shown(str(error))}")
            return
        if look is None:
            return
        self.known.set_folder(name, look.validity)
        gone = set[int]()
        for among in _cut(look.following):
            there = {*self._there(among)} if look.mails else set[int]()
            new = sorted(there - self.known.arrived(name, among), reverse=True)
            self.counts["message"].see(len(new))
            for start in range(0, len(new), AT_ONCE):
                yield Progress(start, len(new), f"{shown(name)}: {counted(len(new), 'new message')}")
                yield from self._read(name, new[start : start + AT_ONCE])
            gone |= self.known.uids(name, among) - there
        if gone:
            self._left.append((name, gone, look))
        else:
            yield self._read_to_its_end(name, look)

    def _read_to_its_end(self, name: str, look: _Look) -> Checkpoint:
        return Checkpoint(lambda held: self.known.set_folder(name, look.validity, look.said))

    def _there(self, among: range) -> list[int]:
        found: list[int] = self.client.search(["UID", f"{among.start}:{among.stop - 1}", "UNDELETED"])
        return found

    def _look_into(self, name: str) -> _Look | None:
        """None if nothing has come, gone or changed. A folder with mails is open then."""
        asked = _STATUS if self.client.has_capability("CONDSTORE") else _STATUS[:3]
        status = self.client.folder_status(name, asked)
        validity, said = int(status[b"UIDVALIDITY"]), repr(sorted(status.items()))
        if self.known.folder(name) == (validity, said) and b"HIGHESTMODSEQ" in status:
            return None
        following, mails = int(status.get(b"UIDNEXT", 1)), int(status.get(b"MESSAGES", 1))
        if not mails:  # some people have thousands of these
            return _Look(following, validity, said, mails)
        opened = self.client.select_folder(name, readonly=True)
        if int(opened[b"UIDVALIDITY"]) != validity:  # it was made anew since we asked
            validity, said = int(opened[b"UIDVALIDITY"]), ""
        return _Look(following, validity, said, mails)

    def _other_folders(self, names: set[str]) -> Iterator[Found]:
        """Folders that are no more, have another name, were made anew, or are not wanted now."""
        for name in self.known.folders_with_copies():
            if name not in names:
                yield from self._gone(name, self.known.uids(name))
                self.known.drop_folder(name)

    def _gone(self, folder: str, uids: set[int]) -> Iterator[Found]:
        if not uids:
            return
        records = self.known.without(folder, uids)
        if records:
            self.known.set_left(None)
            self.known.doubt(records)
            yield Gone("records", tuple(records))
            talk = self._correspondence()
            for record in records:
                talk.without(record)
            yield from talk.told(whole=False)
        yield Checkpoint(partial(self._removed, folder, uids))

    def _removed(self, folder: str, uids: set[int], held: int | None) -> None:
        self.known.remove(folder, uids)
        self.known.set_left(held)

    def _added(self, folder: str, copies: list[Copy], held: int | None) -> None:
        self.known.add(folder, copies)
        self.known.set_left(held)

    def _correspondence(self) -> Correspondence:
        return Correspondence(self.ask, self.actions, newest=self.now)

    def _read(self, folder: str, uids: Sequence[int]) -> Iterator[Found]:
        """Some mails: those that are known from another folder are not fetched again."""
        heads: dict[int, dict[bytes, Any]] = self.client.fetch(
            uids, [b"RFC822.SIZE", b"INTERNALDATE", b"FLAGS", b"BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"]
        )
        copies, wanted, talk = list[Copy](), list[int](), self._correspondence()
        messages, remarks = self.counts["message"], Remarks(shown(folder), self.counts["message"])
        messages.leave("gone while it was read", len(uids) - len(heads))
        for uid, head in sorted(heads.items(), reverse=True):
            message, size = _own_id(head.get(_ID, b"")), int(head.get(b"RFC822.SIZE", 0))
            if message and (copy := self.known.copy(uid, message, size)):
                messages.leave("here a second time")
                copies.append(copy)
            else:
                wanted.append(uid)
        letters = Letters(self.client, self.known, folder, remarks)
        for some in together(wanted, heads):
            found, there = list[_Mail](), 0
            for uid, letter in letters.fetched(some, heads):
                there += 1
                with remarks.guard(f"message {uid}"):
                    others = [*copies, *(mail.copy for mail in found)]
                    found += self._take(folder, uid, letter, others)
            messages.leave("gone while it was read", len(some) - there)
            self.known.begin(folder, [mail.copy for mail in found])
            for mail in found:
                copies.append(mail.copy)
                if mail.is_new:
                    yield mail.record
                    talk.read(mail.message, mail.record)
        yield from remarks.findings()
        people = [(address, one.names) for one in talk.people() for address in one.addresses]
        self.known.meet((address, f"{name} <{address}>") for address, names in people for name in names)
        yield from talk.recent()
        yield Checkpoint(partial(self._added, folder, copies))

    def _take(self, folder: str, uid: int, letter: Letter, others: Sequence[Copy]) -> Iterator[_Mail]:
        """The mail, unless it was thrown away; `others` were read just before."""
        message, messages, size = Message(letter, self.now), self.counts["message"], letter.size_bytes
        asked_for = bool(self.wanted.folders)  # also the bin
        gone = why_gone(message.headers, letter.flags, "" if asked_for else folder)
        if gone:
            messages.leave(gone)
            return
        taken = message.taken(folder)
        same_id = [one for one in others if message.id and one.message == message.id]
        known = self.known.said(message.id) | {one.says: one.record for one in same_id}
        record = taken.another if known and taken.says not in known else taken.record
        id = known.get(taken.says, record.id)
        is_new = not self.known.has(id) and all(one.record != id for one in same_id)
        if is_new:
            messages.take()
            self.counts["part"].add(taken.parts)
        else:
            messages.leave("here a second time")
        invitations = tuple(_calendars(message)) if self.wanted.invitations else ()
        message.let_go()
        copy = Copy(uid, id, message.id, size, taken.says, record.at, invitations)
        yield _Mail(message, record.model_copy(update={"id": id}), copy, is_new)

    def _people(self) -> Iterator[Found]:
        """Those whom the board has not been told of, with all names that they were ever given."""
        met = Met()
        for address in self.known.untold():
            for written in self.known.written(address):
                met.meet(written)
        yield from met.people()
        yield Checkpoint(lambda held: self.known.told())

    def _invitations(self) -> Iterator[Found]:
        """What of them has changed; of one that cannot be read there is a note."""
        if old := self.known.forget_old_invitations():
            why = f"{counted(old, 'old invitation')} left out: the newest {INVITATIONS_MAX:,} are read"
            yield Finding(Kind.NOTE, "", why)
        wanted = self.wanted
        days = Days(wanted.tz, wanted.days_back, wanted.days_ahead, self.actions.me, self.now)
        yield from read(self.known, days, self.names, shown, only_notes=True)
        yield from tell(self.known, self.ask, days, missing=False, kinds=(GivenEvent,))


def _matches(pattern: str, name: str, flags: set[bytes]) -> bool:
    return pattern.lower().encode() in flags if pattern.startswith("\\") else fnmatchcase(name, pattern)


def _cut(following: int) -> list[range]:
    """All UIDs below the one that the server gives next, in pieces, the newest first."""
    at_once = max(UIDS_AT_ONCE, following // 100)  # they may be far apart
    starts = range(1, max(following, 2), at_once)
    ends = [*starts[1:], UIDS.stop]
    return [range(start, end) for start, end in zip(starts, ends, strict=True)][::-1]


def _own_id(head: bytes) -> str:
    """The id of the record of a mail with these headers; "" when it depends on all of it."""
    if not head.strip():
        return ""
    plain = b"From: x\nDate: Thu, 01 Jan 2026 00:00:00 +0000\n" + head.replace(b"\r\n", b"\n")
    return Message(Letter(plain, "", len(plain))).id


def _calendars(message: Message) -> Iterator[bytes]:
    """The invitations in a mail."""

    def inside(part: Part) -> Iterator[Part]:
        yield part
        for inner in part.parts:
            yield from inside(inner)

    for part in inside(Taken(message.root).root):
        if not part.parts and part.kind in CALENDARS:
            found = part.bytes()
            if b"BEGIN:VCALENDAR" in found and len(found) <= INVITATION_BYTES_MAX:
                yield found
