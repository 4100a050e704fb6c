"""Brings the notices that are due to their devices, until each has it, is gone, or it is too late.

What is due is in the profiles, so a restart forgets nothing. A crash between a service's answer and its note
on disk lets the message be sent again: with the same tag, it replaces itself on the device without a sound.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

import orjson

from sio_server.clients.services import Services
from sio_server.hub.hub import Hub
from sio_server.push.service import Answer, PushService, Sent
from sio_server.registry.notices import Pushed
from sio_server.registry.ops import Json
from sio_server.registry.persons import NOBODY_YET
from sio_server.registry.registry import Context, Delta, View

FIRST_WAIT_S, LONGEST_WAIT_S = 5.0, 600.0
"""Doubles with each failure; up to half of it more by chance, so that not all come back at once."""
TEXT_MAX = 300  # characters of a title and of a text: an encrypted message has some 3,900 bytes

log = logging.getLogger("adjutant.push")


class Delivery:
    """Sends what is due on one board. One message to a device is under way at a time, oldest first."""

    def __init__(self, hub: Hub, services: Services, push: PushService) -> None:
        self._hub = hub
        self._services = services
        self._push = push
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._waits: dict[str, tuple[float, int]] = {}  # by device: until when (monotonic), failures in a row

    def begin(self) -> None:
        """Begins to send to all devices that something is due to, and that may be sent to now."""
        now_s = time.monotonic()
        for whose, profile in self._services.state.profiles.items():
            mine = Pushed.of(profile)
            if mine.due and self._services.host.has_left(whose):
                continue  # what is due lapses in a day
            for id in dict.fromkeys(id for one in mine.due for id in one["to"]):
                if id not in self._under_way and self._waits.get(id, (0.0, 0))[0] <= now_s:
                    task = self._under_way[id] = asyncio.create_task(self._work(whose, id))
                    task.add_done_callback(partial(self._ended, id))

    async def stop(self) -> None:
        """Leaves what is not sent for the next start."""
        tasks = [*self._under_way.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, id: str, task: asyncio.Task[None]) -> None:
        del self._under_way[id]

    async def _work(self, whose: str, id: str) -> None:
        try:
            while await self._send_next(whose, id):
                pass
        except Exception:
            log.exception("notices cannot be sent")
            self._wait(id, None)

    async def _send_next(self, whose: str, id: str) -> bool:
        """Sends the oldest notice to the device; whether there may be more to send now."""
        mine = Pushed.of(self._services.state.profiles.get(whose, NOBODY_YET))
        notice = next((one for one in mine.due if id in one["to"]), None)
        device = mine.devices.get(id)
        if notice is None:
            return False
        left_s = (datetime.fromisoformat(notice["until"]) - self._services.now).total_seconds()
        if device is None or left_s <= 0:
            answer = Answer(Sent.REFUSED)  # too late
        else:
            message = _message(notice, device["words"], self._services.host.board)
            answer = await self._push.send(device, message, notice["tag"], int(left_s))
        if answer.sent is Sent.LATER:
            self._wait(id, answer.wait_s)
            return False
        self._waits.pop(id, None)
        if answer.sent is Sent.GONE:
            log.info("a device of %s is no more subscribed: it is taken away", whose)
        return await self._settle(whose, id, None if answer.sent is Sent.GONE else notice)

    async def _settle(self, whose: str, id: str, notice: Json | None) -> bool:
        """Notes that the notice is not to be sent to the device any more; None: nothing is, it is gone.
        Returns whether it is noted."""

        def rule(view: View, payload: object, ctx: Context) -> Delta:
            old = view.profiles.get(whose)
            if old is None:
                return Delta([], once=False)
            mine = Pushed.of(old)
            new = mine.without(id) if notice is None else mine.sent(notice, id)
            return Delta([], profiles={whose: replace(old, own=new.kept_in(old))}, once=False)

        outcome = await self._hub.submit_rule("push:sent", rule)
        if outcome.error is not None:
            self._wait(id, None)
        return outcome.error is None

    def _wait(self, id: str, asked_s: float | None) -> None:
        _, failures = self._waits.get(id, (0.0, 0))
        wait_s = min(FIRST_WAIT_S * 2**failures, LONGEST_WAIT_S) if asked_s is None else asked_s
        self._waits[id] = time.monotonic() + wait_s * random.uniform(1, 1.5), min(failures + 1, 10)


def _message(notice: Json, words: Mapping[str, Json], board: str) -> bytes:
    """What the page's service worker shows: {title, body, tag, board, code}."""
    fields = notice["fields"] | ({"title": words["busy"]} if notice["fields"].get("title") == "" else {})
    title, body = (_filled(template, fields) for template in words[notice["kind"]])
    where = {"board": board, "code": notice["code"]}
    return orjson.dumps({"title": title, "body": body, "tag": notice["tag"], **where})


def _filled(template: str, fields: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: fields.get(found[1], ""), template)[:TEXT_MAX]
