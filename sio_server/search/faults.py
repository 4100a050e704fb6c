"""The refusals when records cannot be searched or stored."""

from __future__ import annotations

from models.ack import ErrorCode, Retry
from sio_server.registry.errors import Refusal, not_known


def unavailable(why: str | None) -> Refusal:
    """Nothing was done; `why` is a sentence without its full stop."""
    message = f"Search is not available: {why}."
    return Refusal(ErrorCode.STORAGE_UNAVAILABLE, message, retry=Retry.SAME_OP)


def maybe_stored(why: str, code: ErrorCode = ErrorCode.STORAGE_UNAVAILABLE) -> Refusal:
    """The records of a put may be stored; `why` is a sentence without its full stop."""
    return not_known(code, f"{why[:1].upper()}{why[1:]}.")
