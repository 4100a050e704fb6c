"""A client: sends each request until it is answered; the server carries it out once."""

from __future__ import annotations

import asyncio
import secrets

from adjutant_client.answer import (
    Ack,
    Answer,
    Data,
    Payload,
    Unreachable,
    as_json,
    pause_s,
    read_answer,
    refusal,
    wants_resync,
)
from adjutant_client.backoff import Backoff
from adjutant_client.connection import Connection
from adjutant_client.replica import Item
from adjutant_client.wire import Dropped

PATIENCE_S = 30.0  # a restart of the server takes a few seconds; people wait no longer
_OTHER_STORE = {
    "code": "stale_target",
    "message": "This is a different board now: look again.",
    "retry": "no",
}


class Client(Connection):
    """A connection that sends requests.

    A request is retried for `within_s` (math.inf: for ever): no attempt begins after that, and one under way
    ends by its own deadlines, some seconds later.
    Errors: AddressError.
    """

    def __init__(  # all but two have a default
        self,
        url: str,
        *,
        client: str,
        token: str | None = None,
        source: str | None = None,
        tz: str | None = None,
        follow: bool = False,
        within_s: float = PATIENCE_S,
        board: str | None = None,
    ) -> None:
        super().__init__(url, client=client, token=token, source=source, tz=tz, follow=follow, board=board)
        self._within_s = within_s

    async def items(self, section: str) -> list[Item]:
        """The items of a section, for a client that follows; waits for the board to come, at first.

        While there is no connection they are as they were last. Errors: Refused, Unreachable; ValueError for
        a client that does not follow.
        """
        if not self._follow:
            raise ValueError("This client holds no board: give it follow=True.")
        if not self.replica.sections and await self._connected(self._now_s() + self._within_s) is None:
            raise Unreachable(f"{self.url}: {self.link.why or 'no answer'}", sent=False)
        return self.replica.items(section)

    async def request(
        self,
        event: str,
        payload: Payload,
        returns: type[Data] | None = None,
        *,
        within_s: float | None = None,
    ) -> Answer[Data]:
        """Changes something exactly once, however often it has to be sent: it gets an `op` unless it has one.

        `returns` is the model of the answer's data. Errors: Refused, Unreachable; ValueError when the payload
        is not JSON, or the answer not of that model.
        """
        said = {"op": secrets.token_hex(16)} | as_json(payload)
        return await self.ask(event, said, returns, within_s=within_s)

    async def ask(
        self,
        event: str,
        payload: Payload,
        returns: type[Data] | None = None,
        *,
        within_s: float | None = None,
    ) -> Answer[Data]:
        """Reads something. Sent without an `op`, so it may run twice if an answer is lost.

        Errors: as for `request`.
        """
        ack = await self.ack(event, payload, within_s=within_s)
        if pause_s(ack) is not None:
            raise Unreachable(f"{self.url}: {refusal(ack)}", sent=True)
        return read_answer(ack, returns)

    async def ack(
        self, event: str, payload: Payload, *, within_s: float | None = None, epoch: str | None = None
    ) -> Ack:
        """The raw ack, even a refusal; the payload is sent unchanged.

        A `seen` position belongs to one store, that of `epoch` or else the current one, and is never sent to
        another. Errors: Refused, when this client is not admitted; Unreachable; ValueError.
        """
        said, epoch, pauses = as_json(payload), epoch or self.replica.epoch, Backoff()
        until_s = self._now_s() + (self._within_s if within_s is None else within_s)
        sent, ack = False, None
        while wire := await self._connected(until_s):
            if "seen" in said and self.replica.epoch != epoch:
                return {"ok": False, "error": _OTHER_STORE}
            sent, wait_s = True, 0.0
            try:
                ack = await wire.ask(event, said)
            except Dropped:
                ack = None  # the outcome is unknown, whatever earlier acks said
            else:
                asked_s = pause_s(ack)
                if asked_s is None:
                    self._heed(ack)
                    return ack
                wait_s = max(asked_s, pauses.pause_s())
            if self._now_s() + wait_s > until_s:
                break
            await asyncio.sleep(wait_s)
        if ack is not None:
            return ack
        raise Unreachable(f"{self.url}: {self.link.why or 'no answer'}", sent)

    def _heed(self, ack: Ack) -> None:
        """Resyncs when a refusal says that the replica is not this server's board."""
        if self._follow and wants_resync(ack):
            self._close_gap()
