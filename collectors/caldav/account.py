"""One run over a CalDAV account: what changed is fetched, and all calendars are read as .ics files are."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from http import HTTPStatus
from pathlib import Path
from typing import Any

from caldav.davclient import DAVClient
from caldav.lib.error import AuthorizationError, DAVError
from niquests.exceptions import RequestException, SSLError, Timeout

from collectors.accounts import SKIPPED, Account
from collectors.actions.mine import Me
from collectors.caldav.fetching import SILENCE_S, fetch
from collectors.caldav.known import Known
from collectors.caldav.writing import Writer
from collectors.ics.keeping import Days, read, tell
from collectors.patience import checked, let_in, trying
from collectors.texts import counted, shown
from collectors.types import Ask, Finding, Found, Kind

_NAMED_MAX = 10  # calendars named when the account is tried

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
        names = (*self.me, *ask.me)
        days = Days(self.wanted.tz, self.wanted.days_back, self.wanted.days_ahead, Me(names))
        with self._client() as client:
            account: Any = client  # typed for sync and async callers at once
            found = account.principal().get_calendars()
            if not found and known.calendars():
                raise AccountError("it shows no calendar any more, and what was read of them stays")
            named = [(one, shown(one.get_display_name() or "calendar")) for one in found]
            wanted = [(one, name) for one, name in named if self._is_wanted(name)]
            called = {str(one.url): name for one, name in wanted}
            counts = Account("calendar")
            counts.see(len(named))
            counts.leave("not asked for", len(named) - len(wanted))
            known.forget_others(called)
            yield from self._fetched(wanted, known, counts)
            yield from read(known, days, names, lambda url: called.get(url, "calendar"))
            if self.write:
                writer = Writer(client, known, ask.source, days.me)
                yield from writer.write(ask.items)
                if writer.written:  # what is there now counts, in its own words
                    yield from self._fetched(wanted, known, Account("calendar"))
                    yield from read(known, days, names, lambda url: called.get(url, "calendar"))
        yield from tell(known, ask, days, missing=bool(counts.left[SKIPPED]))
        yield counts

    def _fetched(self, wanted: Sequence[tuple[Any, str]], known: Known, counts: Account) -> Iterator[Found]:
        """Fetches what is new of the calendars."""
        for calendar, name in wanted:
            try:
                yield from fetch(calendar, name, known)
            except (DAVError, RequestException) as error:
                if isinstance(error, AuthorizationError) and error.status == HTTPStatus.UNAUTHORIZED:
                    raise
                yield Finding(Kind.SKIPPED, name, _said(error))
                counts.leave(SKIPPED)
            else:
                counts.take()

    def _is_wanted(self, name: str) -> bool:
        return not self.wanted.calendars or any(fnmatchcase(name, one) for one in self.wanted.calendars)


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
