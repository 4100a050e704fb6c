"""The result of a request: the ack as a model, or an exception that says why not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from typing_extensions import TypeVar

from models.ack import Done, Retry

Ack = dict[str, Any]
Payload = BaseModel | Mapping[str, Any]
Data = TypeVar("Data", default=Any)

_REPEATABLE = (Retry.SAME_OP, Retry.AFTER)
# NaN stays NaN, so that the server refuses it; otherwise it would silently become null.
_JSON: TypeAdapter[Any] = TypeAdapter(Any, config=ConfigDict(ser_json_inf_nan="constants"))


class Answer(Done, Generic[Data]):
    """The ack of a request that was carried out: `data` is of the requested model, `seq` is the position
    after it, and `replay` says that it had been carried out before under the same `op`."""

    data: Data


class Refused(Exception):
    """The server refused, and sending the same again will not help. The message is a sentence for people;
    `code` is one of models.ack.ErrorCode, `details` as the protocol defines them for that code."""

    def __init__(self, code: str, message: str, details: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.details = details


class Unreachable(Exception):
    """There was no answer in time. If `sent`, the request may have been carried out nevertheless; sent again
    with the same `op`, it is carried out exactly once."""

    def __init__(self, why: str, sent: bool) -> None:
        super().__init__(why)
        self.sent = sent


def as_json(payload: Payload) -> dict[str, Any]:
    """The payload in wire form; of models, nested ones too, only the fields that were set.

    Errors: ValueError, if JSON cannot express a value.
    """
    dumped: dict[str, Any] = _JSON.dump_python(payload, mode="json", exclude_unset=True, by_alias=True)
    return dumped


def pause_s(ack: Ack) -> float | None:
    """How long to wait before sending the same request again; None if the ack is final."""
    error = ack.get("error") if ack.get("ok") is False else None
    if not isinstance(error, dict) or error.get("retry") not in _REPEATABLE:
        return None
    details = error.get("details")
    if error.get("code") == "busy" and isinstance(details, dict) and "run" in details:
        return None  # a collection is already running: sent again, it would run twice
    after_ms = error.get("after_ms")
    return after_ms / 1000 if isinstance(after_ms, int | float) else 0.0


def wants_resync(ack: Ack) -> bool:
    """Whether the server asks the client to resync."""
    error = ack.get("error")
    return isinstance(error, dict) and error.get("retry") == Retry.RESYNC


def read_answer(ack: Ack, returns: type[Data] | None) -> Answer[Data]:
    """The ack of a request that was carried out. A newer server may send fields unknown here.

    Errors: Refused; ValueError if the ack is not a valid answer.
    """
    if ack.get("ok") is True:
        model: Any = Answer[Any] if returns is None else Answer.__class_getitem__(returns)
        try:
            answer: Answer[Data] = model.model_validate(ack, extra="ignore")
            return answer
        except ValidationError as error:
            raise ValueError(f"The server's answer is not what this client expects: {error}") from None
    raise refusal(ack)


def refusal(ack: Ack) -> Refused:
    """The ack as a refusal, with the first faults of the payload in its message."""
    error = ack.get("error")
    if not isinstance(error, dict):
        return Refused("internal", "The server's answer is not valid.")
    details = error.get("details")
    places = [place for place in details if isinstance(place, dict)] if isinstance(details, list) else []
    message = str(error.get("message", "refused"))
    more = [place for place in places[:3] if str(place.get("message")) not in message]
    faults = "; ".join(f"{place.get('path')}: {place.get('message')}" for place in more)
    message += f" ({faults})" if faults else ""
    return Refused(str(error.get("code", "internal")), message, details)
