"""A client for scripts without asyncio: the asynchronous one in a background thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar

from adjutant_client.answer import Answer, Data, Payload
from adjutant_client.client import Client
from adjutant_client.link import Link
from adjutant_client.replica import Item

Result = TypeVar("Result")


class Blocking:
    """`with Blocking(Client(url, client="my-script")) as board:`; each call returns when it is done.

    It may be called from any thread. Errors: as those of `Client`.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._loop = asyncio.new_event_loop()
        # A daemon thread does not hold up a script that ends inside the `with`.
        self._thread = threading.Thread(target=self._loop.run_forever, name="adjutant-client", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._wait(self._client.__aenter__())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wait(self._client.__aexit__(kind, error, trace))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def request(
        self,
        event: str,
        payload: Payload,
        returns: type[Data] | None = None,
        *,
        within_s: float | None = None,
    ) -> Answer[Data]:
        """As `Client.request`."""
        return self._wait(self._client.request(event, payload, returns, within_s=within_s))

    def ask(
        self,
        event: str,
        payload: Payload,
        returns: type[Data] | None = None,
        *,
        within_s: float | None = None,
    ) -> Answer[Data]:
        """As `Client.ask`."""
        return self._wait(self._client.ask(event, payload, returns, within_s=within_s))

    def items(self, section: str) -> list[Item]:
        """As `Client.items`."""
        return self._wait(self._client.items(section))

    def changes(self) -> Iterator[Link]:
        """As `Client.changes`: a loop over it lasts as long as the client."""
        changes = self._client.changes()
        try:
            while True:
                yield self._wait(anext(changes))
        finally:
            if not self._loop.is_closed():
                self._wait(changes.aclose())

    def _wait(self, work: Coroutine[Any, Any, Result]) -> Result:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()  # Ctrl-C in the script ends the request too
            raise
