"""The contract's documents, each made on first use."""

from __future__ import annotations

from functools import cached_property

import orjson

from sio_server.registry.registry import Registry
from sio_server.settings import VERSION
from sio_server.side_app.asyncapi import asyncapi
from sio_server.side_app.contract import Contract
from sio_server.side_app.typescript import typescript


class Documents:
    """The contract of one registry. Cost: some 50 ms for each document, once: call it off the event loop."""

    def __init__(self, registry: Registry) -> None:
        self._contract = Contract(registry)

    @cached_property
    def asyncapi(self) -> bytes:
        """AsyncAPI 3.0, as JSON."""
        return orjson.dumps(asyncapi(self._contract, VERSION))

    @cached_property
    def typescript(self) -> str:
        """The types for socket.io-client."""
        return typescript(self._contract, VERSION)
