"""The refusals when records cannot be searched or stored."""

from __future__ import annotations

from models.ack import ErrorCode, Retry
from sio_server.registry.errors import Refusal, not_known


class StoreFault(Exception):
    """The records cannot be reached; the message says why. `permanent`: until whoever runs the server changes
    something. `unknown`: what was being stored may be stored."""

    def __init__(self, message: str, permanent: bool = False, unknown: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.unknown = unknown


def unavailable(why: str | None) -> Refusal:
    """Nothing was done; `why` is a sentence without its full stop."""
    message = f"Search is not available: {why}."
    return Refusal(ErrorCode.STORAGE_UNAVAILABLE, message, retry=Retry.SAME_OP)


def maybe_stored(why: str, code: ErrorCode = ErrorCode.STORAGE_UNAVAILABLE) -> Refusal:
    """The records of a put may be stored; `why` is a sentence without its full stop."""
    return not_known(code, f"{why[:1].upper()}{why[1:]}.")
