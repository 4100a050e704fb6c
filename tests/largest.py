"""Full messages: of what a request's model allows, made from its JSON Schema, or of what it refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any, cast

import orjson
from pydantic import BaseModel

from handlers import REGISTRY
from sio_server.clients.transport import MAX_MESSAGE_BYTES
from sio_server.sockets.values import MAX_ENTRIES, MAX_NESTS

Schema = dict[str, Any]

PATTERNS = (
    "P{}",
    "x:{}",
    "x{}",
    "en",
    "2026-11-23",
    "09:00",
    "a" * 16,
    "A" * 22,
    "B" + "A" * 86,
    "https://e.co/{}",
)
"""Texts for schemas that give a pattern; a number makes them distinct."""
FREE_VALUES = 900  # of a value whose form is its author's: models.base.free_json takes 1,000
MANY, FEW = 5_000, 2
ADDRESS = 254  # the longest address of a mailbox, and nothing else has this bound
LEFT_OUT = {"part", "run", "seen", "op", "mark", "codes", "code"}
"""Fields that say how a request is meant, or stand for another."""


@dataclass(frozen=True)
class Style:
    """How a payload is filled: each text with so many of a mark at most, each list within another with so
    many entries at most. `optional`: with all fields that may be left out, too."""

    name: str
    mark: str = "a"
    longest: int = 20_000
    inner: int = FEW
    optional: bool = True


STYLES = (
    Style("many small items", longest=1, inner=1, optional=False),
    Style("all fields, short", longest=1),
    Style("full inner lists", longest=1, inner=MANY),
    Style("long texts"),
    Style("long texts and lists", inner=MANY),
    Style("accents that no letter takes", "q\u0323\u0303"),
    Style("characters beyond the first plane", "\U0001f600"),
    Style("HTML and quotes", '<b a="&amp;">'),
    Style("links and addresses", "https://zoom.us/j/1 a@b.co @x "),
    Style("commas and bars", "a,|; "),
)


class Filled(Exception):
    """The message is full."""


class _Filler:
    def __init__(self, style: Style, definitions: Schema, size_bytes: int) -> None:
        self.style = style
        self._definitions = definitions
        self._bytes = size_bytes
        self._values, self._nests = MAX_ENTRIES - 200, MAX_NESTS - 200
        self._numbers = count(1)

    def take(self, value: Any) -> Any:
        """Notes that a text or number is in the message."""
        self._bytes -= len(orjson.dumps(value)) + 1
        self._values -= 1
        if self._bytes < 0 or self._values < 0 or self._nests < 0:
            raise Filled
        return value

    def value(self, schema: Schema, depth: int = 0) -> Any:
        """A value of this form. Errors: Filled."""
        if "$ref" in schema:
            return self.value(self._definitions[schema["$ref"].rpartition("/")[2]], depth)
        if "anyOf" in schema:
            forms = [form for form in schema["anyOf"] if form.get("type") != "null"]
            return self.value(forms[-1], depth)
        if "enum" in schema:
            return self.take(schema["enum"][-1])
        if "const" in schema:
            return self.take(schema["const"])
        kind = schema.get("type")
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, depth)
        if kind == "string":
            return self.take(self._text(schema))
        if kind in ("integer", "number"):
            return self.take(schema.get("maximum", 1_000))
        if kind == "boolean":
            return self.take(False)
        return [self.take(number) for number in range(FREE_VALUES if self.style.inner == MANY else 1)]

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        self._nests -= 1
        fields, required = schema.get("properties", {}), schema.get("required", ())
        made = {self.take(name): self.value(fields[name], depth + 1) for name in required}
        more = schema.get("additionalProperties")
        own = min(schema.get("maxProperties", FEW), self.style.inner) if isinstance(more, dict) else 0
        with suppress(Filled):  # what it must have it has
            for name in [
                each for each in fields if self.style.optional and each not in {*required, *LEFT_OUT}
            ]:
                self.take(name)  # first, since what follows may fill the message
                made[name] = self.value(fields[name], depth + 1)
            for number in range(own):
                made[self.take(f"x:{number}")] = self.value(cast(Schema, more), depth + 1)
        return made

    def _array(self, schema: Schema, depth: int) -> list[Any]:
        self._nests -= 1
        most = schema.get("maxItems", MANY)
        made: list[Any] = []
        with suppress(Filled):
            while len(made) < (most if depth <= 1 else min(most, self.style.inner)):
                made.append(self.value(schema["items"], depth + 1))
        return made

    def _text(self, schema: Schema) -> str:
        form, mark = schema.get("format"), self.style.mark
        fits = max(8, self._bytes * len(mark) // len(mark.encode()) // 2)
        most: int = min(schema.get("maxLength", 64), self.style.longest, fits)
        number = next(self._numbers)
        if "pattern" in schema:
            made = [text.format(number) for text in PATTERNS]
            return next(text for text in made if re.search(schema["pattern"], text))
        if form == "date-or-date-time":
            return "2026-11-23T09:00:00.123456789+01:00"
        if form == "date":
            return "2026-11-23"
        if schema.get("maxLength") == ADDRESS:
            return f"p{number}@b.co"
        if form == "url":
            return "https://e.co/" + "a" * max(0, most - 13)
        if form == "own-id":
            mark = "".join(each for each in mark if each.isprintable() and each not in "/;% ") or "a"
            return f"{number}-{mark * (most // len(mark))}"[: max(most, 8)]
        return (mark * (most // len(mark) + 1))[: max(most, 1)]


def largest(model: type[BaseModel], style: Style, size_bytes: int) -> dict[str, Any]:
    """The largest payload of this style that the model allows and that fits the message."""
    schema = model.model_json_schema()
    filler = _Filler(style, schema.get("$defs", {}), size_bytes)
    fields, made = schema.get("properties", {}), dict[str, Any]()
    # What is short comes first, so that the long list does not crowd it out.
    for name in sorted(fields, key=lambda name: (name == "items", "array" in str(fields[name]))):
        if name in schema.get("required", ()) or (style.optional and name not in LEFT_OUT):
            with suppress(Filled):
                made[name] = filler.value(fields[name])
    return made


def payloads(model: type[BaseModel], size_bytes: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each distinct payload with the name of its style."""
    seen = set[bytes]()
    for style in STYLES:
        made = largest(model, style, size_bytes)
        encoded = orjson.dumps(made)
        if encoded not in seen:
            seen.add(encoded)
            yield style.name, made


# What fills a field: how it begins, what is repeated, how it ends.
FILLINGS: dict[str, tuple[str, str, str]] = {
    "numbers": ("[", "0,", "0]"),
    "texts": ("[", '"a",', '"a"]'),
    "objects": ("[", "{},", "{}]"),
    "lists": ("[", "[],", "[]]"),
    "items": ("[", '{"id":"x","title":"t"},', "{}]"),
    "sections": ('{"sections":[', '{"title":"a","items":[0]},', '{"title":"b"}]}'),
    "numbers, then NaN": ("[", "0,", "NaN]"),
    "objects, then NaN": ("[", "{},", "NaN]"),
    "commas": ('"', "a, ", '"'),
    "quotes": ('"', '\\"', '"'),
    "bars": ('"', "a|", '"'),
    "then a lone surrogate": ('"', "a", '\\ud800"'),
    "digits": ("", "9", ""),
}


def filled(head: str, filling: str, tail: str, entries: int = MAX_MESSAGE_BYTES) -> str:
    """A message of the largest size, or with so many entries."""
    begin, unit, end = FILLINGS[filling]
    room = (MAX_MESSAGE_BYTES - len(head + begin + end + tail)) // len(unit)
    return f"{head}{begin}{unit * min(room, entries)}{end}{tail}"


def fields_of_each() -> dict[str, list[str]]:
    """The fields of each request that no request before it has in the same form."""
    found, seen = dict[str, list[str]](), set[tuple[str, str]]()
    for event, request in REGISTRY.requests.items():
        forms = {name: repr(field) for name, field in request.payload.model_fields.items()}
        found[event] = [name for name, form in forms.items() if (name, form) not in seen]
        seen |= forms.items()
    return found


FIELDS = fields_of_each()
