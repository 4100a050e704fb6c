"""A small server of our own that speaks Slack's Web API and Socket Mode as documented. It is not Slack."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from aiohttp import WSMsgType, web

BOT, APP = "xoxb-planted-5ecret-bot", "xapp-planted-5ecret-app"
TOKENS = f"{BOT}\n{APP}\n"
PER_PAGE = 4
"""However many are asked for: so that there are pages."""
USERS = [
    {
        "id": "U0ANA",
        "name": "ana",
        "profile": {"real_name": "Ana Silva", "display_name": "ana", "email": "ana@example.org"},
    },
    {"id": "U0BO", "name": "bo", "profile": {"real_name": "Bo Berg", "display_name": "bo"}},
    {"id": "U0BOT", "name": "adjutant", "is_bot": True, "profile": {"real_name": "Adjutant"}},
]
_number = itertools.count(1)


class Slack:
    """`messages` are those of each channel by their `ts`; after `spared` calls, `limit` of the next ones are
    refused with 429, and are to come again after `wait_s`. What is from `hidden_before` is not shown."""

    def __init__(self) -> None:
        self.channels: dict[str, dict[str, Any]] = {"C0GENERAL": {"id": "C0GENERAL", "name": "general"}}
        self.messages: dict[str, dict[str, dict[str, Any]]] = {}
        self.calls = Counter[str]()
        self.limit, self.spared, self.wait_s, self.wrong, self.port = 0, 0, 1, "", 0
        self.acknowledged: list[str] = []
        self.hidden_before = 0.0
        self._sockets = set[web.WebSocketResponse]()
        self._runner: web.AppRunner | None = None

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/"

    @property
    def listeners(self) -> int:
        """How many have a socket open."""
        return len(self._sockets)

    def texts(self) -> list[str]:
        """Of all messages."""
        return [one["text"] for some in self.messages.values() for one in some.values()]

    async def start(self) -> None:
        """On the port that it had before, if it had one."""
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_get("/link", self._link)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self.hang_up()
            await self._runner.cleanup()
            self._runner = None

    async def hang_up(self) -> None:
        """Closes all sockets, as Slack does every few hours."""
        await asyncio.gather(*(one.close() for one in self._sockets))

    def add(self, text: str, channel: str = "C0GENERAL", **more: Any) -> str:
        """A message of Bo's, as somebody writes it while nobody is told; its `ts`."""
        ts = more.pop("ts", None) or f"{time.time() - 60:.0f}.{next(_number):06d}"
        message = {"type": "message", "user": "U0BO", "text": text, "ts": ts} | more
        self.messages.setdefault(channel, {})[ts] = message
        return str(ts)

    async def say(self, text: str, channel: str = "C0GENERAL", **more: Any) -> str:
        """The same, told to those who listen."""
        ts = self.add(text, channel, **more)
        await self.tell(self.messages[channel][ts] | {"channel": channel})
        return ts

    async def edit(self, ts: str, text: str, channel: str = "C0GENERAL") -> None:
        message = self.messages[channel][ts]
        message |= {"text": text, "edited": {"user": "U0BO", "ts": f"{time.time():.6f}"}}
        await self.tell(
            {"type": "message", "subtype": "message_changed", "channel": channel, "message": message}
        )

    async def delete(self, ts: str, channel: str = "C0GENERAL") -> None:
        del self.messages[channel][ts]
        event = {"type": "message", "subtype": "message_deleted", "channel": channel, "deleted_ts": ts}
        await self.tell(event)

    async def react(
        self, ts: str, emoji: str, user: str, *, added: bool = True, channel: str = "C0GENERAL"
    ) -> None:
        message = self.messages[channel][ts]
        message["reactions"] = [{"name": emoji, "users": [user], "count": 1}] if added else []
        kind = "reaction_added" if added else "reaction_removed"
        item = {"type": "message", "channel": channel, "ts": ts}
        await self.tell({"type": kind, "user": user, "reaction": emoji, "item": item})

    async def tell(self, event: dict[str, Any], kind: str = "events_api") -> None:
        """An event, or with "interactive" what a shortcut sends."""
        payload = {"type": "event_callback", "event": event} if kind == "events_api" else event
        id = f"e{next(_number)}"
        for one in [*self._sockets]:
            await one.send_json({"type": kind, "envelope_id": id, "payload": payload})

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        given: dict[str, Any] = dict(request.query) | dict(await request.post())
        self.calls[method] += 1
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token != (APP if method == "apps.connections.open" else BOT):
            return web.json_response({"ok": False, "error": "invalid_auth"})
        if self.wrong:
            return web.json_response({"ok": False, "error": self.wrong, "needed": "channels:history"})
        self.spared -= self.spared > 0
        if self.limit and not self.spared:
            self.limit -= 1
            headers = {"Retry-After": f"{self.wait_s}"}
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
        return web.json_response({"ok": True} | self._answer(method, given))

    def _answer(self, method: str, given: dict[str, Any]) -> dict[str, Any]:
        match method:
            case "auth.test":
                return {"team": "Acme", "user_id": "U0BOT"}
            case "apps.connections.open":
                return {"url": f"ws://127.0.0.1:{self.port}/link?ticket=one"}
            case "users.list":
                return self._page("members", USERS, given)
            case "users.conversations":
                return self._page("channels", list(self.channels.values()), given)
            case "conversations.history":
                limited = {"is_limited": True} if self.hidden_before else {}
                return self._page("messages", self._history(given), given) | limited
            case "conversations.replies":
                all_of = self.messages.get(given["channel"], {}).values()
                found = [one for one in all_of if given["ts"] in (one["ts"], one.get("thread_ts"))]
                return self._page("messages", sorted(found, key=lambda one: float(one["ts"])), given)
        raise AssertionError(method)

    def _history(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        """The newest first, without the replies in threads."""
        first, last = float(given.get("oldest", 0)), float(given.get("latest", 1e12))
        first = max(first, self.hidden_before)
        messages = self.messages.get(given["channel"], {})
        found = []
        for ts, one in messages.items():
            replies = [each for each in messages.values() if each.get("thread_ts") == ts and each["ts"] != ts]
            if first <= float(ts) <= last and one.get("thread_ts", ts) == ts:
                latest = max((each["ts"] for each in replies), key=float, default="")
                more = {"reply_count": len(replies), "latest_reply": latest, "thread_ts": ts}
                found.append(one | (more if replies else {}))
        return sorted(found, key=lambda one: -float(one["ts"]))

    def _page(self, inside: str, all_of: Sequence[Any], given: dict[str, Any]) -> dict[str, Any]:
        start = int(given.get("cursor") or 0)
        after = str(start + PER_PAGE) if start + PER_PAGE < len(all_of) else ""
        return {inside: all_of[start : start + PER_PAGE], "response_metadata": {"next_cursor": after}}

    async def _link(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        self._sockets.add(socket)
        try:
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    self.acknowledged.append(json.loads(message.data)["envelope_id"])
        finally:
            self._sockets.discard(socket)
        return socket
