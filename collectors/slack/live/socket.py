"""What Slack tells by itself: Socket Mode, kept connected while the collector stays."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from collectors.connected.book import BookError
from collectors.patience import REFUSED_MAX_S, REFUSED_S
from collectors.slack.live.api import Api, Json, NotLetIn, SlackError, limited, said

WAITING_MAX = 10_000
"""Of what was told and not yet read, some 10 MB; beyond it the history is read again."""
AGAIN_S, AGAIN_MAX_S = 1.0, 300.0
"""After a lost connection, doubled each time: Slack closes one every few hours, and is back at once."""
_LOOK_S = 0.5  # half of the second within which a lost line should be noticed


@dataclass
class Socket:
    """`told` is what has come and was not read; `behind` says that more may have happened than that."""

    api: Api
    told: deque[Json] = field(default_factory=deque)
    behind: bool = True
    wrong: str = ""

    @asynccontextmanager
    async def changes(self) -> AsyncIterator[asyncio.Event]:
        """Set when there is something to read."""
        changed = asyncio.Event()
        work = asyncio.ensure_future(self._stay(changed))
        try:
            yield changed
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def _stay(self, changed: asyncio.Event) -> None:
        again_s = AGAIN_S
        while True:
            try:
                await self._connected(changed)
                again_s = AGAIN_S
            except NotLetIn as error:
                again_s = min(2 * again_s, REFUSED_MAX_S) if again_s >= REFUSED_S else REFUSED_S
                self._lost(error, changed)
            except (SlackError, BookError) as error:
                again_s = min(2 * again_s, AGAIN_MAX_S)
                self._lost(error, changed)
            await asyncio.sleep(again_s * random.uniform(0.5, 1.0))

    def _lost(self, error: Exception, changed: asyncio.Event) -> None:
        """A run is to tell the board, once."""
        why = f"news do not come by themselves: {error}"
        if why != self.wrong:
            self.wrong, self.behind = why, True
            changed.set()

    async def _connected(self, changed: asyncio.Event) -> None:
        """Until the connection is lost. Errors: SlackError."""
        token = self.api.tokens().app
        if not token:
            raise NotLetIn("there is no app token (xapp-...)")
        client = SocketModeClient(
            app_token=token, web_client=self.api.web(token), auto_reconnect_enabled=False
        )

        async def hear(_: Any, request: SocketModeRequest) -> None:
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
            self._take(request)
            changed.set()

        async def greet(_: Any, message: dict[str, Any], raw: str | None) -> None:
            if message.get("type") == "hello":
                self.behind, self.wrong = True, ""  # something may have happened before
                changed.set()

        client.socket_mode_request_listeners.append(hear)
        client.message_listeners.append(greet)
        try:
            client.wss_uri = await client.issue_new_wss_url()
            await client.connect()
            while await client.is_connected():  # noqa: ASYNC110 - the library tells nobody
                await asyncio.sleep(_LOOK_S)
        except SlackApiError as error:
            if (wait_s := limited(error)) is not None:
                await asyncio.sleep(min(wait_s, AGAIN_MAX_S))
                return
            raise said(error) from None
        except (aiohttp.ClientError, OSError, TimeoutError, SlackClientError) as error:
            raise said(error) from None
        finally:
            with suppress(Exception):
                await client.close()

    def _take(self, request: SocketModeRequest) -> None:
        if len(self.told) >= WAITING_MAX:
            self.told.clear()
            self.behind = True
        payload = request.payload
        event = payload.get("event") if request.type == "events_api" else payload
        if isinstance(event, dict):
            self.told.append(event)
