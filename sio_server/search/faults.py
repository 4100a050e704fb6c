"""What is said when the records cannot be had."""

from __future__ import annotations

from models.ack import ErrorCode, Retry
from sio_server.registry.errors import Refusal


def unavailable(why: str | None) -> Refusal:
    """`why` is what is wrong, in a sentence without its full stop."""
    message = f"Records cannot be searched or added at the moment: {why}."
    return Refusal(ErrorCode.STORAGE_UNAVAILABLE, message, retry=Retry.SAME_OP)
