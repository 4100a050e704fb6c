"""One run over a CalDAV account: what changed is fetched, and all calendars are read as .ics files are."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from caldav.davclient import DAVClient
from caldav.lib.error import AuthorizationError, DAVError
from caldav.lib.url import URL
from niquests.exceptions import RequestException, SSLError, Timeout

from collectors.accounts import SKIPPED, Account
from collectors.actions.mine import Me
from collectors.caldav.known import Known
from collectors.caldav.writing import Writer
from collectors.ics.confined import read_confined
from collectors.ics.file import Octets, Reading
from collectors.ics.recurrence import Window
from collectors.ics.to_do import told
from collectors.patience import checked, let_in, trying
from collectors.people.met import Met
from collectors.texts import counted, shown
from collectors.types import Ask, Finding, Found, Kind, NoneLeft, Progress
from models.calendar import GivenEvent

AT_ONCE = 100  # objects of one multiget: servers limit the size of an answer
SILENCE_S = 30  # a slow server works on a report for several seconds
_NAMED_MAX = 10  # calendars named when the account is tried
_EMULATED = "fake-"
"""How the library marks a token of its own, where a server has no sync-collection: it gives all objects."""

logging.getLogger("caldav").addHandler(logging.NullHandler())


class AccountError(Exception):
    """The account cannot be read; the message is a sentence without any secret."""


class NotLetIn(AccountError):
    """The server takes neither this password nor this token."""


@dataclass(frozen=True)
class Wanted:
    """Which calendars (patterns of names; none: all), and which days of them."""

    calendars: tuple[str, ...]
    tz: str
    days_back: int
    days_ahead: int


@dataclass
class CalendarAccount:
    """An account and what is known of it, in the file at `path`. `secret` gives the password, or with
    `bearer` an access token, each time anew."""

    url: str
    user: str
    secret: Callable[[], str]
    path: Path
    wanted: Wanted
    bearer: bool = False
    ca: Path | None = None
    me: Sequence[str] = ()
    write: bool = False

    def collect(self, ask: Ask) -> Iterator[Found]:
        """Errors: AccountError."""
        known = Known(self.path)
        with trying(known, NotLetIn, AccountError), self._in_words():
            yield from self._read(known, ask)
            let_in(known)

    def check(self) -> str:
        """Checks the account; returns what is there, in words. Errors: AccountError."""
        with self._in_words(), self._client() as client:
            account: Any = client
            found = account.principal().get_calendars()
            names = [shown(one.get_display_name() or "calendar") for one in found]
        named = ", ".join(names[:_NAMED_MAX]) + (", ..." if len(names) > _NAMED_MAX else "")
        said = counted(len(names), "calendar") + (f" ({named})" if names else "")
        return checked(said, Known(self.path))

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """What goes wrong becomes a sentence. Errors: AccountError."""
        try:
            yield
        except AuthorizationError:
            what = "the access token (it may have expired)" if self.bearer else "the name or the password"
            raise NotLetIn(f"the server does not take {what}") from None
        except (DAVError, RequestException, OSError, ValueError) as error:
            raise AccountError(_said(error)) from None

    def _client(self) -> DAVClient:
        return DAVClient(
            url=self.url,
            username=self.user,
            password=self.secret(),
            auth_type="bearer" if self.bearer else None,
            timeout=SILENCE_S,
            ssl_verify_cert=str(self.ca) if self.ca else True,
        )

    def _read(self, known: Known, ask: Ask) -> Iterator[Found]:
        me = Me((*self.me, *ask.me))
        with self._client() as client:
            account: Any = client  # typed for sync and async callers at once
            principal = account.principal()
            found = principal.get_calendars()
            named = [(one, shown(one.get_display_name() or "calendar")) for one in found]
            wanted = [(one, name) for one, name in named if self._is_wanted(name)]
            counts = Account("calendar")
            counts.see(len(named))
            counts.leave("not asked for", len(named) - len(wanted))
            files = yield from self._files(wanted, known, counts)
            reading = self._reading(files)
            if self.write:
                writer = Writer(client, known, ask.source, me)
                yield from writer.write(ask.items, reading)
                if writer.written:  # what is there now counts, in its own words
                    files = yield from self._files(wanted, known, Account("calendar"))
                    reading = self._reading(files)
        known.forget_others({str(one.url) for one, _ in wanted})
        yield from _told(reading, me)
        yield counts

    def _files(
        self, wanted: Sequence[tuple[Any, str]], known: Known, counts: Account
    ) -> Generator[Found, None, list[Octets]]:
        """The calendars as they are now."""
        files = list[Octets]()
        for number, (calendar, name) in enumerate(wanted):
            yield Progress(number, len(wanted) + 1, f"fetching {name}")
            try:
                _fetch(calendar, known)
            except AuthorizationError:
                raise
            except (DAVError, RequestException) as error:
                yield Finding(Kind.SKIPPED, name, _said(error))
                counts.leave(SKIPPED)
                continue
            counts.take()
            if data := b"\r\n".join(known.objects(str(calendar.url))):
                files.append(Octets(name, data, "utf-8"))
        yield Progress(len(wanted), len(wanted) + 1, "reading")
        return files

    def _reading(self, files: list[Octets]) -> Reading:
        window = Window.around(
            datetime.now(UTC), self.wanted.days_back, self.wanted.days_ahead, ZoneInfo(self.wanted.tz)
        )
        return asyncio.run(read_confined(files, window, self.wanted.tz)) if files else Reading()

    def _is_wanted(self, name: str) -> bool:
        return not self.wanted.calendars or any(fnmatchcase(name, one) for one in self.wanted.calendars)


def _fetch(calendar: Any, known: Known) -> None:
    """Updates what is known of the calendar."""
    url = str(calendar.url)
    before = known.token(url)
    found = calendar.get_objects_by_sync_token(before, load_objects=False)
    token = str(found.sync_token) if found.sync_token else None
    if token is not None and token == before:
        return
    whole = before is None or token is None or token.startswith(_EMULATED)
    gone = {str(one) for one in getattr(found, "deleted_urls", ()) or ()}
    named = [one.url for one in found if str(one.url.canonical()) not in gone and str(one.url) not in gone]
    changed = list[tuple[str, bytes]]()
    for start in range(0, len(named), AT_ONCE):
        for one in calendar.multiget(named[start : start + AT_ONCE]):
            if one.data:
                data = one.data if isinstance(one.data, bytes) else one.data.encode()
                changed.append((_path(one.url), data))
    there = {address for address, _ in changed}
    gone_paths = known.urls(url) - there if whole else {_path(one) for one in gone}
    known.change(url, token, changed, gone_paths)


def _path(url: object) -> str:
    return str(URL.objectify(str(url)).path)


def _told(reading: Reading, me: Me) -> Iterator[Found]:
    yield from reading.findings
    met = Met()
    for item in reading.items:
        for person in item["attendees"]:
            met.meet(person)
        answer = reading.answer_to(item, me.is_meant)
        yield GivenEvent.model_validate(item | {"answer": answer})
    yield from met.people()
    yield from told(reading.to_dos, reading.tasks)
    yield from (reading.events, reading.occurrences)
    yield NoneLeft("calendar")
    yield NoneLeft("priorities")


def _said(error: Exception) -> str:
    match error:
        case SSLError():
            return "the server's certificate cannot be trusted"
        case Timeout():
            return f"the server has not answered for {SILENCE_S} s"
        case RequestException():
            return "the server cannot be reached"
        case _:
            return f"the server answers what cannot be understood ({type(error).__name__})"
