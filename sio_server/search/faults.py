"""The refusal when records cannot be searched or stored."""

from __future__ import annotations

from models.ack import ErrorCode, Retry
from sio_server.registry.errors import Refusal


def unavailable(why: str | None) -> Refusal:
    """`why` is a sentence without its full stop."""
    message = f"Search is not available: {why}."
    return Refusal(ErrorCode.STORAGE_UNAVAILABLE, message, retry=Retry.SAME_OP)
