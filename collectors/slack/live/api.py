"""Asks Slack's Web API, no faster than it allows; what is wrong is said in words."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adjutant_client.reasons import plainly
from collectors.ics.fetch import retry_after_s
from collectors.patience import TooBusy
from collectors.texts import clock, shown
from collectors.types import Found, Progress

BASE = "https://slack.com/api/"
AT_ONCE = 200  # the most that Slack recommends for one page of a list
SILENCE_S = 30  # for a whole answer, which Slack gives within a few seconds
WAITS_MAX_S = 900.0
"""Of all waits of a run. Slack asks for a minute at most, a few times in a long history; a run that has to
wait longer ends, and the next one goes on where this one stopped."""
_LOOK_S = 0.5
_WAIT_MIN_S = 1.0  # an answer that says 0, again and again, comes to an end, too
# From Slack's lists of errors: those that no later call can get rid of.
_REFUSED = frozenset(
    (
        "invalid_auth",
        "not_authed",
        "token_revoked",
        "token_expired",
        "account_inactive",
        "not_allowed_token_type",
    )
)
_log = logging.getLogger("slack_sdk")
_log.addHandler(logging.NullHandler())
_log.propagate = False  # what it logs of connections may hold a ticket

Json = Mapping[str, Any]


class SlackError(Exception):
    """Slack cannot be read; the message is a sentence without any secret."""


class NotLetIn(SlackError):
    """A token is not taken."""


class Busy(SlackError, TooBusy):
    """Slack asks for a longer wait than a run may have."""

    def __init__(self, wait_s: float) -> None:
        TooBusy.__init__(self, wait_s)


class NotThere(SlackError):
    """This one thing may not be read, or is not there."""


class CursorGone(NotThere):
    """The place to go on from is not known any more."""


@dataclass(frozen=True)
class Tokens:
    """That of the bot (xoxb-), and that of the app (xapp-), "" where there is none: then no news come."""

    bot: str
    app: str

    @classmethod
    def read(cls, text: str) -> Tokens:
        """From a line each, in any order. Errors: SlackError."""
        words = text.split()
        bot = next((one for one in words if one.startswith("xoxb-")), "")
        app = next((one for one in words if one.startswith("xapp-")), "")
        if not bot:
            raise SlackError("there is no bot token: it begins with xoxb-")
        return cls(bot, app)


@dataclass
class Api:
    """Of one workspace. `secret` gives both tokens, each time anew."""

    secret: Callable[[], str]
    base: str = BASE
    _may_wait_s: float = 60.0  # where somebody looks on
    _waits_until_s: float | None = None  # by the wall clock

    def tokens(self) -> Tokens:
        """Errors: SlackError."""
        return Tokens.read(self.secret())

    def web(self, token: str) -> AsyncWebClient:
        """The library's client."""
        return AsyncWebClient(token=token, base_url=self.base, timeout=SILENCE_S, retry_handlers=[])

    async def call(self, method: str, **parameters: Any) -> Json:
        """The answer. Errors: SlackError; NotLetIn, NotThere."""
        client = self.web(self.tokens().bot)
        while True:
            try:
                answer = await client.api_call(method, http_verb="GET", params=parameters)
            except SlackApiError as error:
                if (wait_s := limited(error)) is None:
                    raise said(error) from None
                await self._wait(wait_s)
            except (aiohttp.ClientError, OSError, TimeoutError, SlackClientError, ValueError) as error:
                raise said(error) from None
            else:
                found = answer.data
                if not isinstance(found, dict):
                    raise SlackError("there is an answer, but not Slack's")
                return found

    async def with_waits(self, run: AsyncGenerator[Found]) -> AsyncIterator[Found]:
        """What a run finds, and while it waits, until when. It may wait for WAITS_MAX_S in all."""
        self._may_wait_s = WAITS_MAX_S
        step: asyncio.Future[Found] | None = None
        try:
            while True:
                step = asyncio.ensure_future(anext(run))
                while not (await asyncio.wait([step], timeout=_LOOK_S))[0]:
                    if self._waits_until_s is not None:
                        until = clock(self._waits_until_s)
                        yield Progress(0, None, f"waits until {until} because Slack asks for it")
                try:
                    one = step.result()
                except StopAsyncIteration:
                    return
                yield one
        finally:
            if step is not None:
                step.cancel()
                await asyncio.gather(step, return_exceptions=True)
            await run.aclose()

    async def _wait(self, wait_s: float) -> None:
        """Errors: Busy."""
        wait_s = max(wait_s, _WAIT_MIN_S)
        if wait_s > self._may_wait_s:
            raise Busy(wait_s)
        self._may_wait_s -= wait_s
        self._waits_until_s = time.time() + wait_s
        try:
            await asyncio.sleep(wait_s)
        finally:
            self._waits_until_s = None

    async def pages(
        self, method: str, inside: str, cursor: str = "", **parameters: Any
    ) -> AsyncIterator[tuple[list[Json], str]]:
        """The objects of a list, page by page, each with the cursor that the next one has ("" for the last).
        Errors: SlackError; CursorGone."""
        met = set[str]()
        while True:
            more = {"cursor": cursor} if cursor else {}
            answer = await self.call(method, limit=AT_ONCE, **parameters, **more)
            found = answer.get(inside)
            after = answer.get("response_metadata")
            cursor = str(after.get("next_cursor") or "") if isinstance(after, dict) else ""
            if cursor in met:
                cursor = ""
            met.add(cursor)
            yield [one for one in (found if isinstance(found, list) else []) if isinstance(one, dict)], cursor
            if not cursor:
                return


def limited(error: SlackApiError) -> float | None:
    """How long Slack asks to be left alone (429, Retry-After); None for another error."""
    if error.response.status_code != 429 and error.response.get("error") != "ratelimited":
        return None
    headers = {str(name).lower(): value for name, value in dict(error.response.headers or {}).items()}
    return retry_after_s(str(headers.get("retry-after", "")))


def said(error: Exception) -> SlackError:
    """In words, without what the request held."""
    match error:
        case SlackError():
            return error
        case SlackApiError() if (what := _not_slacks(error.response)) is not None:
            return what
        case SlackApiError():
            code = shown(str(error.response.get("error") or "no reason"), 60)
            if code in _REFUSED:
                return NotLetIn(f"Slack does not take the token ({code}): take a new one from the app's page")
            if code == "missing_scope":
                needed = shown(str(error.response.get("needed") or ""), 200)
                return NotThere(f"the app lacks a scope ({needed}): add it and install the app again")
            return (CursorGone if code == "invalid_cursor" else NotThere)(f"Slack says {code}")
        case TimeoutError():
            return SlackError(f"Slack has not answered for {SILENCE_S} s")
        case aiohttp.ClientConnectionError() | OSError():
            return SlackError(f"Slack cannot be reached: {plainly(error)}")
        case _:
            return SlackError("Slack answers what cannot be understood")


def _not_slacks(response: Any) -> SlackError | None:
    """What is wrong with an answer that does not say it as Slack does; None for one that does."""
    if isinstance(response.get("error"), str):
        return None
    match response.status_code:
        case 401 | 403 as status:
            return NotLetIn(f"Slack does not take the token ({status}): take a new one from the app's page")
        case int(status) if status >= 500:
            return SlackError(f"Slack has a fault of its own ({status}), and is asked again")
        case _:
            return SlackError("there is an answer, but not Slack's: it may be a page to log in")
