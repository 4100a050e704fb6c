"""The one exception that a rule, a query or the machinery raises to refuse a request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from models.ack import ErrorCode, Retry

_SAID = {  # for pydantic's messages that talk about Python types
    "missing": "is required",
    "extra_forbidden": "is an unknown field",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "too_long": "has more than {max_length} entries",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
}


class Refusal(Exception):
    """Becomes the ack `{ok: false, error}`; `message` is a sentence for a person."""

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        *,
        retry: Retry = Retry.NO,
        after_ms: int | None = None,
        details: Any = None,
        outcome: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry = retry
        self.after_ms = after_ms
        self.details = details
        self.outcome = outcome

    def as_error(self) -> dict[str, Any]:
        """Shape: models.ack.Error, without the fields that are None."""
        error = {"code": self.code, "message": self.message, "retry": self.retry}
        optional = {"after_ms": self.after_ms, "details": self.details, "outcome": self.outcome}
        return error | {name: value for name, value in optional.items() if value is not None}


def bad_request(message: str, *faults: tuple[str, str]) -> Refusal:
    """The payload is not valid for the request; each fault is (path, message)."""
    details = [{"path": path, "message": text} for path, text in faults or [("", message)]]
    return Refusal(ErrorCode.BAD_REQUEST, message, details=details)


def no_room(whose: str, has: str, most: str, more: str, setting: str) -> Refusal:
    """A source would put more on the board than it may."""
    message = (
        f"{whose} has {has}, and may have {most} ({setting}): this would add {more}. Remove some, send fewer"
        " or shorter ones, or let whoever runs the server allow more."
    )
    return Refusal(ErrorCode.TOO_LARGE, message)


def not_found(what: str) -> Refusal:
    """No item has that id or code."""
    return Refusal(ErrorCode.NOT_FOUND, f"{what}: there is no such item.")


def no_such_record() -> Refusal:
    """No record has the id."""
    return Refusal(ErrorCode.NOT_FOUND, "There is no such record: it was removed, or there never was one.")


def invalid_state(message: str) -> Refusal:
    """The item's state does not allow this."""
    return Refusal(ErrorCode.INVALID_STATE, message)


def op_conflict() -> Refusal:
    """The op was already used for another request and is still remembered."""
    message = "This op was already used for another request: use a new op for each request."
    return Refusal(ErrorCode.CONFLICT, message)


def draining() -> Refusal:
    """The server is stopping and accepts no more requests."""
    return Refusal(ErrorCode.DRAINING, "The server is stopping.", retry=Retry.SAME_OP)


def not_written() -> Refusal:
    """The change could not be written, and nothing was changed."""
    message = "The change could not be written to disk: nothing was changed."
    return Refusal(ErrorCode.STORAGE_UNAVAILABLE, message, retry=Retry.SAME_OP)


def overtaken() -> Refusal:
    """Other nodes changed the board again and again before this could be written."""
    message = "Too many changes were made at other servers at the same time: send this one again."
    return Refusal(ErrorCode.BUSY, message, retry=Retry.SAME_OP, after_ms=500)


def not_known(code: ErrorCode, why: str) -> Refusal:
    """The change may have been made, or may still be made (models.ack.AckError)."""
    message = f"{why} The change may or may not have been made: send it again with the same op."
    return Refusal(code, message, retry=Retry.SAME_OP, outcome="unknown")


def faults_of(error: ValidationError, prefix: str = "") -> list[tuple[str, str]]:
    """(path, message) of each fault, at most 20; the refused values are never repeated."""
    found = error.errors(include_url=False, include_input=False)
    return [(_path(prefix, fault["loc"]), _sentence(fault)) for fault in found[:20]]


def _path(prefix: str, loc: tuple[int | str, ...]) -> str:
    parts = [prefix, *(str(part)[:64] for part in loc)]
    return ".".join(part for part in parts if part)


def _sentence(fault: Any) -> str:
    said = _SAID.get(fault["type"])
    if said is None:
        said = str(fault["msg"]).removeprefix("Value error, ")
        return said.replace("Input should", "must").replace("String should", "must")
    return said.format(**fault.get("ctx", {}))


def either(words: Sequence[str]) -> str:
    """The words as a choice: `low, medium or high`."""
    return " or ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
