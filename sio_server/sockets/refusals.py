"""Requests refused before there is a session: all are counted, few are logged."""

from __future__ import annotations

import ipaddress
import logging
import time
from collections.abc import Callable

LOGGED_EVERY_S = 60.0  # for each address
MAX_ADDRESSES = 10_000  # remembered, a megabyte or two; the oldest goes

log = logging.getLogger("adjutant.refused")


class Refusals:
    """Counts every refusal, and logs one per address and minute.

    A refused client tries again for ever, so a line for each try would fill the log; without any line nobody
    learns why a board stays dark.
    """

    def __init__(self, count: Callable[[str], None], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._count = count
        self._monotonic = monotonic
        self._logged_at: dict[str, float] = {}

    def note(self, address: str, reason: str, sentence: str) -> None:
        """Notes that a request from this address was refused; `reason` is one of a closed set."""
        self._count(reason)
        if self._is_due(network_of(address)):
            log.warning("refused %s: %s", address, sentence)

    def _is_due(self, network: str) -> bool:
        now = self._monotonic()
        last = self._logged_at.get(network)
        if last is not None and now - last < LOGGED_EVERY_S:
            return False
        self._logged_at.pop(network, None)  # keeps the newest last
        if len(self._logged_at) >= MAX_ADDRESSES:
            del self._logged_at[next(iter(self._logged_at))]
        self._logged_at[network] = now
        return True


def network_of(address: str) -> str:
    """The address, or its /64 for IPv6: one peer can choose any address of it."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((parsed.packed[:8] + bytes(8), 64)))
