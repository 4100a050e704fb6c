"""Parses a JSON array of objects as far as possible: damage costs only the object it is in."""

from __future__ import annotations

import json
import re

import orjson

from collectors.folders import Unreadable, decode

_BOM = b"\xef\xbb\xbf"
_BETWEEN = re.compile(r"[\s,]*")
# Where the next object of the array may begin, after a damaged one.
_NEXT = re.compile(r"\}\s*,\s*(?=\{)")
_ATTEMPTS_MAX = 1_000  # places where a damaged day is taken up again


def array(data: bytes) -> tuple[list[object], list[str]]:
    """The values of a JSON array, as far as they can be read, and what is wrong with it.

    Errors: Unreadable, when nothing of it can be read.
    """
    try:
        values = orjson.loads(data.removeprefix(_BOM))
    except orjson.JSONDecodeError:
        return _as_far_as_it_goes(data)
    if not isinstance(values, list):
        raise Unreadable("it is not a list of messages")
    return values, []


def _as_far_as_it_goes(data: bytes) -> tuple[list[object], list[str]]:
    """A slower, tolerant parser, for text that is cut, not UTF-8, or has half a surrogate pair."""
    if not data.strip():
        raise Unreadable("it is empty")
    text, _ = decode(data)
    start = _BETWEEN.match(text)
    at = start.end() if start else 0
    if text[at : at + 1] != "[":
        raise Unreadable("it is not a list of messages")
    return _Damaged(text).values(at + 1)


class _Damaged:
    """Reads a damaged array."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._decoder = json.JSONDecoder(strict=False)
        self._attempts = 0

    def values(self, at: int) -> tuple[list[object], list[str]]:
        """What can be read from there on, and what cannot."""
        found, damages = list[object](), list[str]()
        while True:
            between = _BETWEEN.match(self._text, at)
            at = between.end() if between else at
            if self._text[at : at + 1] == "]":
                return found, damages
            try:
                value, at = self._decoder.raw_decode(self._text, at)
            except (ValueError, RecursionError):
                begun, at = at, self._next(at)
                damages.append(self._damage(begun, at, len(found)))
                if at < 0:
                    return found, damages
            else:
                found.append(value)

    def _next(self, at: int) -> int:
        """Where the next message begins, or -1. An object within the damaged one is not taken for one."""
        for candidate in _NEXT.finditer(self._text, at):
            self._attempts += 1
            if self._attempts > _ATTEMPTS_MAX:
                return -1
            try:
                value, _ = self._decoder.raw_decode(self._text, candidate.end())
            except (ValueError, RecursionError):
                continue
            if isinstance(value, dict) and "ts" in value and value.get("type") == "message":
                return candidate.end()
        return -1

    def _damage(self, begun: int, at: int, before: int) -> str:
        if at >= 0:
            return f"a message is damaged at character {begun + 1:,}, and the ones after it are read"
        where = "cut" if begun >= len(self._text.rstrip()) else "cut or broken"
        return f"it is {where} at character {begun + 1:,}; {before:,} before that were read"
