"""Sends batches to the server, or to the spool if it cannot be reached; and reports progress."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

from adjutant_client import Client, Refused, Unreachable
from collectors.batches import Batch
from collectors.spool import Spool
from models.sources import Welcome

_ATTEMPTS = 10  # connections that drop within one batch, before it is kept for later
_TELL_EVERY_S = 0.5  # each progress report is a commit
_MESSAGE_MAX, _ERROR_MAX = 200, 1_000  # the server's bounds (models.sources)
# Refusals of the collector itself: what it has kept may go out when that is set right.
_MINE = ("source_fenced", "unauthorized", "forbidden")


class Delivery:
    """One source's connection to the server.

    `run` numbers what is sent; `mark` is what the last good run left, `me` whom the board is for, `held` how
    many records of the source it has, as far as it said so. `away`
    says why the server cannot be reached; from then until the next `hello` everything is kept.
    Errors of methods that send: Refused; Unreachable if there is no spool; SpoolError.
    """

    def __init__(self, client: Client, spool: Spool | None) -> None:
        self.client = client
        self.spool = spool
        self.run: int | None = None
        self.mark: str | None = None
        self.me: tuple[str, ...] = ()
        self.away = ""
        self.held: int | None = None
        self._told: tuple[int, str] | None = None
        self._told_at_s = 0.0

    async def hello(self, presence: dict[str, Any]) -> None:
        """Starts a new run, unless the server cannot be reached."""
        self.away, self.run, self._told = "", None, None
        try:
            # No `op`: the answer of an earlier connection would not make this one the source's.
            answer = await self.client.ask("source:hello", presence, Welcome)
        except Unreachable as why:
            self._keep_from_now_on(why)
        else:
            self.run, self.mark, self.me = answer.data.run, answer.data.last_hash, answer.data.me

    def take_up(self, run: int) -> None:
        """Continues under a number that the server gave."""
        self.away, self.run, self._told = "", run, None

    async def on_board(self, section: str) -> list[dict[str, Any]]:
        """All items of the section; none while the server is unreachable. Errors: Refused."""
        if self.away:
            return []
        found = (await self.client.ask("state:get", {"sections": [section]})).data["state"][section]
        parts = found.values() if isinstance(found, dict) else [found]
        return [item for items in parts for item in items]

    async def count_records(self) -> int | None:
        """How many records of the source the board has; None while it cannot be reached. Errors: Refused."""
        if self.away:
            return None
        return int((await self.client.ask("records:put", {"records": []})).data["held"])

    async def send(self, batch: Batch) -> dict[str, Any] | None:
        """Returns the ack's data; None if the batch is kept for later."""
        if not self.away:
            try:
                return await self._deliver(batch)
            except Unreachable as why:
                self._keep_from_now_on(why)
        assert self.spool is not None
        self.spool.add(batch)
        return None

    async def send_kept(self) -> AsyncIterator[tuple[Batch, Refused | None]]:
        """Sends what the spool holds, in order; each batch, and why it was refused for good."""
        while self.spool is not None and not self.away and (batch := self.spool.first()):
            refusal = None
            try:
                await self._deliver(batch)
            except Unreachable as why:
                self._keep_from_now_on(why)
                return
            except Refused as refused:
                if refused.code in _MINE:
                    raise
                refusal = refused
            self.spool.remove(batch)
            yield batch, refusal

    async def tell(self, percent: int, message: str) -> None:
        """Reports progress: at once the first time, then at most twice a second."""
        said = (percent, message[:_MESSAGE_MAX])
        soon = self._told is not None and time.monotonic() - self._told_at_s < _TELL_EVERY_S
        if self.away or soon or said == self._told:
            return
        progress: dict[str, Any] = {"run": self.run, "percent": percent}
        try:
            await self.client.ask("source:progress", progress | ({"message": said[1]} if said[1] else {}))
        except Unreachable as why:
            self._keep_from_now_on(why)
        self._told, self._told_at_s = said, time.monotonic()

    async def finish(
        self, counts: dict[str, int], error: str, mark: str | None = None, message: str = ""
    ) -> None:
        """Ends the run, as a success if there is no error; `mark` is for the next run, `message`
        what people should know although it went well."""
        if self.away or self.run is None:
            return
        ending: dict[str, Any] = {"run": self.run, "ok": not error, "counts": counts}
        ending |= {"error": error[:_ERROR_MAX]} if error else {}
        ending |= {"message": message[:_ERROR_MAX]} if message and not error else {}
        ending |= {"hash": mark} if mark and not error else {}
        ending |= {} if self.held is None else {"records": self.held}
        try:
            await self.client.request("source:finish", ending)
        except Unreachable as why:
            self.away = str(why)
        else:
            self.mark = ending.get("hash", self.mark)

    async def _deliver(self, batch: Batch) -> dict[str, Any]:
        """Errors: Refused, Unreachable."""
        for _ in range(_ATTEMPTS):
            try:
                return await self._deliver_parts(batch)
            except Refused as refusal:
                # A connection that drops takes the parts before with it: all are sent again.
                if refusal.code != "invalid_state" or len(batch.payloads) == 1:
                    raise
        raise Unreachable(f"{self.client.url}: the connection drops before a batch has been sent", sent=True)

    async def _deliver_parts(self, batch: Batch) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        for message in batch.messages(self.run):
            answer = (await self.client.ask(batch.event, message)).data
        self.held = answer.get("held", self.held)
        return answer

    def _keep_from_now_on(self, why: Unreachable) -> None:
        """Errors: Unreachable, if there is no spool."""
        self.away = str(why)
        if self.spool is None:
            raise why
