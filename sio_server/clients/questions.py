"""What the server asks one client, and the acks that it waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from sio_server.sockets.packets import Text, event_text


class Questions:
    """The questions that are open; `post` sends one."""

    def __init__(self, post: Callable[[Text], None]) -> None:
        self._post = post
        self._asked = 0
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._over = False

    async def ask(self, event: str, payload: bytes) -> Any:
        """Sends an event and returns its ack, unchecked.

        Errors: ConnectionError when the connection ends first, or has ended.
        """
        if self._over:
            raise ConnectionError("the connection ended")
        self._asked += 1
        id = self._asked
        answer = self._answers[id] = asyncio.get_running_loop().create_future()
        try:
            self._post(event_text(event, payload, id))
            return await answer
        finally:
            del self._answers[id]

    def awaits(self, id: int) -> bool:
        """Whether the ack with this id is still to come."""
        answer = self._answers.get(id)
        return answer is not None and not answer.done()

    def answered(self, id: int, data: Any) -> None:
        """Passes on the ack of an event; ignores one that nobody waits for."""
        answer = self._answers.get(id)
        if answer is not None and not answer.done():
            answer.set_result(data)

    def end(self) -> None:
        """The connection is over."""
        self._over = True
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(ConnectionError("the connection ended"))
