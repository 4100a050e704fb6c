"""The encoded ack of a finished request."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from models.ack import ErrorCode, Retry
from sio_server.registry.encoding import encode
from sio_server.registry.errors import Refusal
from sio_server.registry.ops import News, SourceCall
from sio_server.registry.persons import Profile

log = logging.getLogger("adjutant.outcome")


class Outcome(NamedTuple):
    """The encoded ack, the position, the code of a refusal; and the calls, the news and the profiles to pass
    on once the changes are on disk."""

    ack: bytes
    seq: int
    error: ErrorCode | None = None
    calls: tuple[SourceCall, ...] = ()
    news: tuple[News, ...] = ()
    profiles: Mapping[str, Profile | None] = MappingProxyType({})


def refused(refusal: Refusal) -> Outcome:
    """The outcome of a request that changed nothing."""
    ack = encode({"ok": False, "error": refusal.as_error()})
    return Outcome(ack, 0, refusal.code)


def failed(event: str) -> Outcome:
    """The outcome of a request whose handler raised; call it in the `except` block."""
    error_id = secrets.token_hex(4)
    told = {"error_id": error_id}
    log.error("%s failed, error_id %s", event, error_id, exc_info=True, extra=told)  # noqa: LOG014
    message = "The request failed because of a fault in the server; nothing was changed."
    error = {"code": ErrorCode.INTERNAL, "message": message, "retry": Retry.NO, "error_id": error_id}
    return Outcome(encode({"ok": False, "error": error}), 0, ErrorCode.INTERNAL)
