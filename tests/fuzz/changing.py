"""Inputs from other inputs: cut, doubled, joined, and sprinkled with what means something to their reader."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

Json = Any

MAX_CHARACTERS = 4_000
ODD = (
    *(
        "",
        " ",
        "\n",
        "\r\n",
        "\t",
        "\0",
        "\x1e",
        "\x7f",
        "\x85",
        "\xa0",
        "\xad",
        "\ufeff",
        "\u200d",
        "\u202e",
    ),
    *(
        "\u2028",
        "\ud800",
        "\udc80",
        "\udcff",
        "\ufffd",
        "\U0001f600",
        "İ",
        "ß",
        "ﬁ",
        "²",
        "٣",
        "é",
        "e\u0301",
    ),
    *("0", "-1", "1e999", "NaN", "9" * 30, '"', "'", "\\", "`", "<", ">", "&", "|", "/", "..", "%00", "%2e"),
    *("=", ":", ";", ",", "(", ")", "[", "]", "{", "}", "*", "_", "#", "@", "+", "$", "^", "?", "!", "~"),
)


def changed(text: str, others: Sequence[str], words: Sequence[str], chance: random.Random) -> str:
    """The text with one to four changes."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        text = _once(text, others, words, chance)
    return text[:MAX_CHARACTERS]


def _once(text: str, others: Sequence[str], words: Sequence[str], chance: random.Random) -> str:
    one, two = sorted(chance.randrange(len(text) + 1) for _ in range(2))
    near = min(two, one + chance.randrange(1, 12))
    match chance.randrange(8):
        case 0:
            return text[:one] + text[near:]
        case 1:
            return text[:one] + text[one:near] * chance.randrange(2, 20) + text[near:]
        case 2 | 3:
            return text[:one] + chance.choice(words) + text[one:]
        case 4:
            return text[:one] + chance.choice(ODD) + text[near:]
        case 5:
            other = chance.choice(others)
            return text[:one] + other[chance.randrange(len(other) + 1) :]
        case 6:
            return text[:one] + text[two:] + text[one:two]
        case _:
            return text[:one] + chance.choice(words) * chance.randrange(1, 40) + text[near:]


def value_of(schema: Json, document: Json, chance: random.Random, depth: int = 0) -> Json:
    """A value that the JSON Schema nearly allows."""
    if "$ref" in schema:
        schema = document["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    if chance.random() < 0.04:
        return chance.choice((None, True, -1, 2**53 + 1, 0.5, "", [], {}, [[]], *ODD))
    for choice in ("anyOf", "oneOf", "enum"):
        if choice in schema:
            one = chance.choice(schema[choice])
            return one if choice == "enum" else value_of(one, document, chance, depth)
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object" if depth < 6:
            some = {
                name: one
                for name, one in schema.get("properties", {}).items()
                if _given(name, schema, chance)
            }
            return {name: value_of(one, document, chance, depth + 1) for name, one in some.items()}
        case "array" if depth < 6:
            number = chance.choice((0, 1, 1, 2, 5))
            return [value_of(schema.get("items", {}), document, chance, depth + 1) for _ in range(number)]
        case "integer" | "number":
            return chance.choice((schema.get("minimum", 0), schema.get("maximum", 7), 1, -1, 0.5, 2**63))
        case "boolean":
            return chance.random() < 0.5
        case "string":
            return chance.choice((*TEXTS, *ODD))
    return chance.choice((None, 1, "x", [1, "x"], {"a": {"b": [None]}}))


TEXTS = (
    *(
        "a",
        "P7",
        "ics:work",
        "2026-03-03",
        "2026-03-03T09:00:00Z",
        "Europe/Berlin",
        "https://a.example/b",
        "09:00",
    ),
    *("upsert", "priorities", "approve P1 | drop P2", "ana@example.org", "run-9", "x" * 300, "a b", "low"),
)


def _given(name: str, schema: Json, chance: random.Random) -> bool:
    return chance.random() < (0.95 if name in schema.get("required", ()) else 0.4)


def as_text(value: Json) -> str:
    """As JSON, with its surrogates escaped."""
    return json.dumps(value)
