"""The JSON of other programs in a form that the board accepts: plain text, ids, bounded free JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from itertools import islice
from typing import Any

import orjson

from collectors.folders import Unreadable, decode
from collectors.identity import stable_id
from collectors.remarks import Unusable
from collectors.texts import fitted, lines, one_line
from models.base import MAX_SAFE_INT, own_id

ID_MAX = 255  # the server's bound (models.base.OwnId)
# Within the server's bounds (models.base.free_json), and enough for what people look up.
WORDS_MAX, LIST_MAX, FIELDS_MAX, DEPTH_MAX = 1_000, 50, 50, 4
META_BYTES_MAX = 16 * 1024  # the server's bound (models.records)

_ADDRESS = re.compile(r"https?://[!-.0-~][!-~]{0,1900}", re.IGNORECASE)
_RESERVED = ("__proto__", "constructor", "prototype")
_KEY_MAX = 100  # characters of a field's name


class NothingSaid(Exception):
    """A message has no text, so nothing is lost with it."""


def parsed(text: bytes) -> tuple[object, str]:
    """The value, and what was odd about its encoding, or "".

    Errors: Unusable, if it is not JSON.
    """
    try:
        return orjson.loads(text), ""
    except orjson.JSONDecodeError:
        pass
    try:
        decoded, remark = decode(text)
        return json.loads(decoded, strict=False), remark
    except json.JSONDecodeError as error:
        raise Unusable(f"it is not JSON (at character {error.pos + 1:,}: {error.msg.lower()})") from None
    except RecursionError:
        raise Unusable("it is nested too deeply") from None
    except (ValueError, Unreadable):
        raise Unusable("it is not JSON") from None


def fitted_id(text: str) -> str:
    """The text if it can be an id, otherwise a hash of it."""
    try:
        if 0 < len(text) <= ID_MAX:
            return own_id(text)
    except ValueError:
        pass
    return f"sha256-{stable_id(text)}"


def free(value: object, depth: int = DEPTH_MAX) -> Any:
    """The value within the bounds of `models.base.free_json` and of this module."""
    match value:
        case None | bool():
            return value
        case str() if len(value) <= WORDS_MAX and value.isprintable():
            return value
        case int() | float():
            return value if -MAX_SAFE_INT <= value <= MAX_SAFE_INT else fitted(str(value), WORDS_MAX)
        case list() if depth:
            return [free(child, depth - 1) for child in value[:LIST_MAX]]
        case dict() if depth:
            named = ((_key(str(key)), child) for key, child in islice(value.items(), FIELDS_MAX))
            return {key: free(child, depth - 1) for key, child in named if key and key not in _RESERVED}
        case list() | dict():
            return "…"
        case _:
            return fitted(lines(str(value)), WORDS_MAX)


def meta(fields: dict[str, object]) -> dict[str, Any]:
    """Fields of the original that together fit into `META_BYTES_MAX`; empty ones and None are left out."""
    room, kept = META_BYTES_MAX, {}
    some = {key: value for key, value in fields.items() if value not in (None, "", [], {})}
    for key, value in free(some).items():
        size = len(orjson.dumps(value)) + len(key)
        if size <= room:
            kept[key] = value
            room -= size
    return kept


def web_address(fields: dict[str, object], names: Iterable[str]) -> str | None:
    """The first of the fields that is a web address."""
    found = (fields.get(name) for name in names)
    return next((one for one in found if isinstance(one, str) and _ADDRESS.fullmatch(one)), None)


def _key(name: str) -> str:
    return name if name.isidentifier() and len(name) <= _KEY_MAX else fitted(one_line(name), _KEY_MAX)
