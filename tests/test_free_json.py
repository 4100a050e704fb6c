"""Fields of an author's own (models.base.free_json): what every client and every database can read."""

from __future__ import annotations

from typing import Any

import pytest

from models.base import FREE_DEPTH, MAX_SAFE_INT, free_json


def nested(depth: int) -> Any:
    found: Any = 1
    for _ in range(depth):
        found = [found]
    return found


@pytest.mark.parametrize(
    "value", [{"a": ["b\0", 1, None, True, {"c": "\n\u202e"}]}, "", nested(FREE_DEPTH - 1)]
)
def test_plain_json_is_taken_as_it_is(value: Any) -> None:
    assert free_json(value) == value


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"": 1}, "field names"),
        ({"__proto__": 1}, "field names"),
        ({"a": MAX_SAFE_INT + 2}, "2\\^53"),
        (nested(FREE_DEPTH + 1), "nested too deeply"),
        ([0] * 1_001, "too many values"),
    ],
)
def test_what_a_reader_would_stumble_at_is_refused(value: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        free_json(value)
