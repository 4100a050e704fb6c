"""Asks Slack's Web API, no faster than it allows; what is wrong is said in words."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from collectors.texts import shown

BASE = "https://slack.com/api/"
AT_ONCE = 200
SILENCE_S = 30
_WAIT_S, _WAIT_MAX_S, _TRIES = 30.0, 300.0, 20
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


class NotThere(SlackError):
    """This one thing may not be read, or is not there."""


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

    def tokens(self) -> Tokens:
        """Errors: SlackError."""
        return Tokens.read(self.secret())

    def web(self, token: str) -> AsyncWebClient:
        """The library's client."""
        return AsyncWebClient(token=token, base_url=self.base, timeout=SILENCE_S, retry_handlers=[])

    async def call(self, method: str, **parameters: Any) -> Json:
        """The answer. Errors: SlackError; NotLetIn, NotThere."""
        client = self.web(self.tokens().bot)
        for _ in range(_TRIES):
            try:
                answer = await client.api_call(method, http_verb="GET", params=parameters)
            except SlackApiError as error:
                if (wait_s := limited(error)) is None:
                    raise said(error) from None
                await asyncio.sleep(wait_s)
            except (aiohttp.ClientError, OSError, TimeoutError, SlackClientError, ValueError) as error:
                raise said(error) from None
            else:
                found = answer.data
                if not isinstance(found, dict):
                    raise SlackError("there is an answer, but not Slack's")
                return found
        raise SlackError(f"Slack has said {_TRIES} times that it is asked too often")

    async def pages(self, method: str, inside: str, **parameters: Any) -> AsyncIterator[list[Json]]:
        """The objects of a list, page by page. Errors: SlackError."""
        cursor, met = "", set[str]()
        while True:
            more = {"cursor": cursor} if cursor else {}
            answer = await self.call(method, limit=AT_ONCE, **parameters, **more)
            found = answer.get(inside)
            yield [one for one in (found if isinstance(found, list) else []) if isinstance(one, dict)]
            after = answer.get("response_metadata")
            cursor = str(after.get("next_cursor") or "") if isinstance(after, dict) else ""
            if not cursor or cursor in met:
                return
            met.add(cursor)


def limited(error: SlackApiError) -> float | None:
    """How long Slack asks to be left alone (429, Retry-After); None for another error."""
    if error.response.status_code != 429 and error.response.get("error") != "ratelimited":
        return None
    headers = {str(name).lower(): value for name, value in dict(error.response.headers or {}).items()}
    asked = str(headers.get("retry-after", ""))
    return min(float(asked) if asked.isdigit() else _WAIT_S, _WAIT_MAX_S)


def said(error: Exception) -> SlackError:
    """In words, without what the request held."""
    match error:
        case SlackError():
            return error
        case SlackApiError():
            code = shown(str(error.response.get("error") or "no reason"), 60)
            if code in _REFUSED:
                return NotLetIn(f"Slack does not take the token ({code}): take a new one from the app's page")
            if code == "missing_scope":
                needed = shown(str(error.response.get("needed") or ""), 200)
                return NotThere(f"the app lacks a scope ({needed}): add it and install the app again")
            return NotThere(f"Slack says {code}")
        case TimeoutError():
            return SlackError(f"Slack has not answered for {SILENCE_S} s")
        case aiohttp.ClientConnectorCertificateError():
            return SlackError("Slack's certificate cannot be trusted")
        case _:
            return SlackError(
                f"Slack cannot be reached, or answers what cannot be understood ({type(error).__name__})"
            )
