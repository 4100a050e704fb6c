"""The answer that every request gets, and the closed list of refusals."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from models.base import Lax, Wire


class ErrorCode(StrEnum):
    """Why a request was refused."""

    BAD_REQUEST = "bad_request"
    UNKNOWN_EVENT = "unknown_event"
    UNKNOWN_COMMAND = "unknown_command"
    NOT_FOUND = "not_found"
    STALE_TARGET = "stale_target"
    CONFLICT = "conflict"
    INVALID_STATE = "invalid_state"
    FORBIDDEN = "forbidden"
    UNAUTHORIZED = "unauthorized"
    TOO_LARGE = "too_large"
    RATE_LIMITED = "rate_limited"
    BUSY = "busy"
    TIMEOUT = "timeout"
    SOURCE_FENCED = "source_fenced"
    STORAGE_UNAVAILABLE = "storage_unavailable"
    DRAINING = "draining"
    INTERNAL = "internal"
    TOO_MANY_CONNECTIONS = "too_many_connections"  # only for refused connects


class Retry(StrEnum):
    """What the client should do next: `same_op` sends it again unchanged, `after` waits `after_ms`."""

    NO = "no"
    SAME_OP = "same_op"
    AFTER = "after"
    RESYNC = "resync"


class AckError(Wire):
    """`message` is a sentence for a person; `details` for a bad request is [{path, message}].

    With `outcome: "unknown"` the change may have been made, or may still be made: send the request again with
    the same op, which has no second effect. Without it nothing was changed.
    """

    code: Annotated[ErrorCode, Lax]
    message: str
    retry: Annotated[Retry, Lax]
    outcome: Literal["unknown"] | None = None
    after_ms: int | None = None
    error_id: str | None = None
    details: Any = None


class Done(Wire):
    """The ack of a request that was carried out; `seq` is the position after it. `behind_s`: how many seconds
    old the answer to a question may be, while the server cannot see what other servers write."""

    ok: Literal[True]
    seq: int
    data: Any
    replay: Literal[True] | None = None
    behind_s: int | None = None


class Refused(Wire):
    """The ack of a request that changed nothing, or that may have (`outcome`)."""

    ok: Literal[False]
    error: AckError


class Fault(Wire):
    """One fault of a payload and its path; in a typed line also its first character and the end."""

    path: str
    message: str
    start: int | None = None
    end: int | None = None


class ConnectRefused(Wire):
    """The `data` of a refused connect. `not_found`: there is no such board, or not for this token;
    `storage_unavailable`: the board cannot be opened. `boards` are those of a token that has to name one."""

    code: Literal[
        "unauthorized",
        "too_many_connections",
        "rate_limited",
        "draining",
        "bad_request",
        "not_found",
        "storage_unavailable",
    ]
    retry: Annotated[Retry, Lax]
    after_ms: int | None = None
    boards: Annotated[tuple[str, ...] | None, Lax] = None


class Bye(Wire):
    """`server:bye`: sent before the server ends one connection on purpose."""

    code: Annotated[ErrorCode, Lax]
    retry: Annotated[Retry, Lax]
    message: str


class Drain(Wire):
    """`server:drain`: the server shuts down in an orderly way within `after_ms`."""

    after_ms: int
