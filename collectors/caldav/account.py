"""One run over a CalDAV account: what changed is fetched, and all calendars are read as .ics files are."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from http import HTTPStatus
from pathlib import Path
from typing import Any

from caldav.davclient import DAVClient
from caldav.lib.error import AuthorizationError, DAVError, NotFoundError, RateLimitError
from niquests.exceptions import RequestException, Timeout

from adjutant_client.reasons import plainly
from collectors.accounts import SKIPPED, Account
from collectors.actions.mine import Me
from collectors.authorities import unusable
from collectors.caldav.fetching import SILENCE_S, UNREADABLE, fetch
from collectors.caldav.known import Known
from collectors.caldav.well_known import better_address
from collectors.caldav.writing import Writer
from collectors.ics.fetch import retry_after_s
from collectors.ics.keeping import Days, Settled, read, tell
from collectors.patience import TooBusy, checked, let_in, not_taken, trying
from collectors.texts import counted, shown
from collectors.types import Ask, Finding, Found, Kind

_NONE = "the server shows no calendar: is the address right?"
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
        with trying(known, self.secret, NotLetIn, AccountError), self._in_words():
            yield from self._read(known, ask)
            let_in(known)

    def check(self) -> str:
        """Checks the account; returns what is there, in words. Errors: AccountError."""
        with self._in_words(), self._calendars() as (_, found):
            if not found:
                raise AccountError(_NONE)
            names = [shown(one.get_display_name() or "calendar") for one in found]
        if not any(map(self._is_wanted, names)):
            raise AccountError(f"no calendar is called as --calendar says; there are: {', '.join(names)}")
        named = ", ".join(names[:_NAMED_MAX]) + (", ..." if len(names) > _NAMED_MAX else "")
        said = counted(len(names), "calendar") + (f" ({named})" if names else "")
        return checked(said, Known(self.path))

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """What goes wrong becomes a sentence. Errors: AccountError."""
        try:
            yield
        except AuthorizationError:
            raise NotLetIn(not_taken("the server", token=self.bearer)) from None
        except RateLimitError as error:
            raise TooBusy(retry_after_s(str(error.retry_after or ""))) from None
        except (*UNREADABLE, RequestException, OSError, ValueError) as error:
            raise AccountError(_said(error)) from None

    @contextmanager
    def _calendars(self) -> Iterator[tuple[Any, list[Any]]]:
        """All there are, at the address or where its server says that they are. Errors: AccountError."""
        if why := unusable(self.ca):
            raise AccountError(why)
        with ExitStack() as stack:
            client, found, wrong = stack.enter_context(self._client(self.url)), list[Any](), None
            try:
                found = _calendars(client)
            except (AuthorizationError, RateLimitError):
                raise
            except UNREADABLE as error:
                wrong = error
            if not found and (better := better_address(self.url, verify=self._verify)) is not None:
                client, wrong = stack.enter_context(self._client(better)), None
                found = _calendars(client)
            if wrong is not None:
                raise wrong
            yield client, found

    @property
    def _verify(self) -> bool | str:
        return str(self.ca) if self.ca else True

    def _client(self, url: str) -> Any:
        return DAVClient(
            url=url,
            username=self.user,
            password=self.secret(),
            auth_type="bearer" if self.bearer else None,
            timeout=SILENCE_S,
            ssl_verify_cert=self._verify,
            rate_limit_handle=False,  # it would sleep
        )

    def _read(self, known: Known, ask: Ask) -> Iterator[Found]:
        names = (*self.me, *ask.me)
        days = Days(self.wanted.tz, self.wanted.days_back, self.wanted.days_ahead, Me(names))
        with self._calendars() as (client, found):
            if not found:  # which must not empty the board
                raise AccountError(f"{_NONE} What is here stays")
            named = [(one, shown(one.get_display_name() or "calendar")) for one in found]
            wanted = [(one, name) for one, name in named if self._is_wanted(name)]
            called = {str(one.url): name for one, name in wanted}
            counts = Account("calendar")
            counts.see(len(named))
            counts.leave("not asked for", len(named) - len(wanted))
            known.forget_others(called)
            yield from self._fetched(wanted, known, counts)
            yield from read(known, days, names, lambda url: called.get(url, "calendar"))
            settled: Settled = {}
            if self.write:
                writer = Writer(client, known, days)
                yield from writer.write(ask.items, ask.source)
                if writer.changed:  # what is there now counts, in its own words
                    yield from self._fetched(wanted, known, Account("calendar"))
                    yield from read(known, days, names, lambda url: called.get(url, "calendar"))
                settled = writer.settled()
        yield from tell(known, ask, days, missing=bool(counts.left[SKIPPED]), settled=settled)
        yield counts

    def _fetched(self, wanted: Sequence[tuple[Any, str]], known: Known, counts: Account) -> Iterator[Found]:
        """Fetches what is new of the calendars."""
        for calendar, name in wanted:
            try:
                yield from fetch(calendar, name, known)
            except (*UNREADABLE, RequestException) as error:
                if isinstance(error, RateLimitError) or _is_unauthorized(error):
                    raise
                yield Finding(Kind.SKIPPED, name, _said(error))
                counts.leave(SKIPPED)
            else:
                counts.take()

    def _is_wanted(self, name: str) -> bool:
        return not self.wanted.calendars or any(fnmatchcase(name, one) for one in self.wanted.calendars)


def _calendars(client: Any) -> list[Any]:
    """All there are. A page that wants somebody to log in has none either."""
    found: list[Any] = client.principal().get_calendars()
    return found


def _is_unauthorized(error: Exception) -> bool:
    """Not forbidden: that may be one calendar alone."""
    return isinstance(error, AuthorizationError) and error.status == HTTPStatus.UNAUTHORIZED


def _said(error: Exception) -> str:
    match error:
        case Timeout():
            return f"the server has not answered for {SILENCE_S} s"
        case RequestException():
            return f"the server cannot be reached: {plainly(error, '--ca')}"
        case NotFoundError():
            return "the server has no calendars at this address"
        case DAVError(status=HTTPStatus.NOT_IMPLEMENTED):
            return "the server does not know CalDAV: is the address right?"
        case DAVError(status=int(status)) if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return f"the server has a fault of its own ({status}), and is asked again"
        case _:
            return "the server answers what cannot be understood: is the address right?"
