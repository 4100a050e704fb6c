"""Wire values as JSON."""

from __future__ import annotations

from typing import Any

import orjson
from pydantic import BaseModel


def encode(value: Any) -> bytes:
    """Any wire value as JSON; models as their fields."""
    return orjson.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return fields_of(value)
    raise TypeError(f"{type(value).__name__} is not a wire value")


def fields_of(item: BaseModel) -> dict[str, Any]:
    """A model's fields, its author's own among them."""
    return {**item.__dict__, **(item.model_extra or {})}


def plain(value: Any) -> Any:
    """A field's value as JSON has it."""
    return list(value) if isinstance(value, tuple) else value
