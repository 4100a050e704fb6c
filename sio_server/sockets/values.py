"""The JSON that clients send: parsed within bounds, with a message about what is wrong.

A bound on bytes does not bound the work: two megabytes can hold 700,000 objects. So values are counted in the
text before it is parsed (decision 65); the rest of the server may rely on that bound.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NamedTuple

import orjson

MAX_DEPTH = 32  # several times what any payload needs; every walk over a value may rely on it
MAX_FIELDS = 1_000  # of one object: to name every unknown field would take long
MAX_ENTRIES = 120_000
"""Values in one message: 24 for each of the 5,000 items that a message may bring."""
MAX_NESTS = 30_000
"""Lists and objects among them that hold something: each takes several times as long as a number."""
MAX_ODD_ENTRIES = 20_000
"""Values in a message that is not strict JSON: a slower parser reads it to say why."""
_BEGINS_DEEP = re.compile(rf'(?:[\[{{]\s*+(?:"[^"\\]{{0,99}}":\s*+)?+){{{MAX_DEPTH + 1}}}')
"""Of what is too much anyhow: the start of it tells whether sending it in parts could help."""
CHUNK = 128 << 10  # characters counted at a time: it stops at the first chunk past the limit
MAX_LOOKED_AT = 1_000
"""Values searched for the place of a flaw; the message is refused anyway."""
_NESTS: frozenset[type] = frozenset({list, dict})
_END_OF_ESCAPES = re.compile(r"\\+.?", re.DOTALL)


class Malformed(Exception):
    """Not a Socket.IO packet that a client may send: the connection is closed."""


class TooLarge(Malformed):
    """More bytes than are read."""


class Flaw(NamedTuple):
    """Why a value is not acceptable although it is well formed, and its path in the payload."""

    path: str
    message: str


TOO_DEEP = Flaw("", f"is nested more than {MAX_DEPTH} levels deep")
TOO_WIDE = Flaw("", f"holds an object of more than {MAX_FIELDS} fields")
TOO_MANY = Flaw(
    "", f"holds more than {MAX_ENTRIES:,} values, or {MAX_NESTS:,} lists and objects that are not empty"
)
NO_JSON = Flaw("", "holds a value that JSON cannot carry")


def read_json(text: str) -> tuple[Any, Flaw | None]:
    """The value and its flaw, if any; the value is None when it is too flawed to inspect.

    Errors: Malformed when it is not JSON at all.
    """
    if not text:
        return None, None
    if len(text) > 3 * MAX_NESTS and _holds_more_than(MAX_ENTRIES, text):  # at least [0]
        return None, TOO_DEEP if _BEGINS_DEEP.search(text, 0, CHUNK // 16) else TOO_MANY
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError:
        return _read_leniently(text)
    if len(text) <= 2 * MAX_DEPTH:  # too short for what follows, as most requests are
        return data, None
    nests = text.count("[") + text.count("{")
    may_be_odd = nests > MAX_DEPTH or text.count(":") > MAX_FIELDS
    return data, _flaw_of_shape(data, nests) if may_be_odd else None


def _holds_more_than(limit: int, text: str) -> bool:
    """Whether the text holds more values, or too many lists and objects that hold some.

    Marks inside strings are told apart only when there are many. Exact up to where the text stops being JSON.
    """
    values = nests = 0
    for at in range(0, len(text), CHUNK):
        more, nested = _counts(text[at : at + CHUNK])
        values, nests = values + more, nests + nested
        if values > limit or nests > MAX_NESTS:
            return _holds_more_outside_strings(limit, text)
    return False


def _holds_more_outside_strings(limit: int, text: str) -> bool:
    values = nests = quotes = at = 0
    while at < len(text):
        end = at + CHUNK
        if text[end - 1 : end] == "\\":  # keep an escape whole
            end = _END_OF_ESCAPES.match(text, end - 1).end()  # type: ignore[union-attr]
        chunk, at = text[at:end], end
        if "\\" in chunk:
            chunk = chunk.replace("\\\\", "").replace('\\"', "")
        parts = chunk.split('"')
        more, nested = _counts('"'.join(parts[quotes % 2 :: 2]))
        values, nests = values + more, nests + nested
        quotes += len(parts) - 1
        # A value has at most its name and itself in quotes.
        if values > limit or nests > MAX_NESTS or quotes > 4 * limit:
            return True
    return False


def _counts(text: str) -> tuple[int, int]:
    """The values that begin there, each after a comma or as the first of a list or object; and those that
    have a first one."""
    nests = text.count("[") + text.count("{") - text.count("[]") - text.count("{}")
    return text.count(",") + nests, nests


def _read_leniently(text: str) -> tuple[Any, Flaw]:
    """Tells values that JSON cannot carry (NaN, lone surrogates, endless nesting) from other garbage."""
    if len(text) > MAX_ODD_ENTRIES and _holds_more_than(MAX_ODD_ENTRIES, text):
        return None, NO_JSON
    try:
        data = json.loads(text, parse_int=float)  # an int of 4,000 digits takes the square of them
    except RecursionError:
        return None, TOO_DEEP
    except ValueError:
        raise Malformed("not JSON") from None
    if _flaw_of_shape(data, text.count("[") + text.count("{")) is TOO_DEEP:
        return None, TOO_DEEP
    return data, _flaw_in(data)


def _flaw_of_shape(value: Any, nests: int) -> Flaw | None:
    """The flaw of a value that is nested too deeply or has too many fields; None if it has neither.

    It has so many lists and objects at most: once all are found, nobody looks into the last of them.
    """
    level: list[Any] = [value] if type(value) in _NESTS else []
    for _ in range(MAX_DEPTH):
        nests -= len(level)
        objects = [nest for nest in level if type(nest) is dict]
        if max(map(len, objects), default=0) > MAX_FIELDS:
            return TOO_WIDE
        if nests <= 0 or not level:
            return None
        children: list[Any] = []
        for parent in level:  # up to MAX_ENTRIES of them, so no function calls
            children += parent if type(parent) is list else parent.values()
        level = [child for child in children if type(child) in _NESTS]
    return TOO_DEEP if level else None


def _flaw_in(data: Any) -> Flaw:
    """The first value in an event's arguments that JSON cannot carry, within the first MAX_LOOKED_AT."""
    waiting = [("", child) for child in _children(data)[:MAX_LOOKED_AT][::-1]]
    for _ in range(MAX_LOOKED_AT):
        if not waiting:
            break
        path, value = waiting.pop()
        if isinstance(value, float) and not math.isfinite(value):
            return Flaw(path, "NaN and infinite numbers are not JSON")
        if isinstance(value, str) and not _is_text(value):
            return Flaw(path, "a lone surrogate is not text")
        if isinstance(value, dict):
            if not all(map(_is_text, value)):
                return Flaw(path, "a lone surrogate is not text")
            waiting += [(_join(path, key), child) for key, child in value.items()][::-1]
        elif isinstance(value, list):
            first = value[:MAX_LOOKED_AT]
            waiting += [(_join(path, index), child) for index, child in enumerate(first)][::-1]
    return NO_JSON


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return False
    return True


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _join(path: str, part: object) -> str:
    part = str(part)[:64]
    return f"{path}.{part}" if path else part
