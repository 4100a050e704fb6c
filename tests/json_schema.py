"""As much of JSON Schema as the contract uses; a word that it does not know is an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

NOTES = {"description", "format", "default"}
KNOWN = NOTES | {
    *("$ref", "type", "enum", "const", "anyOf", "oneOf", "properties", "required", "additionalProperties"),
    *("items", "minItems", "maxItems", "maxProperties", "propertyNames"),
    *("minLength", "maxLength", "pattern", "minimum", "maximum"),
}
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list,),
    "object": (dict,),
}


def resolve(document: Any, ref: str) -> Any:
    """What a `$ref` points at.

    Errors: KeyError when there is nothing.
    """
    assert ref.startswith("#/")
    for part in ref[2:].split("/"):
        document = document[part]
    return document


def refs(value: Any) -> Iterator[str]:
    """Every `$ref` in a document."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for child in value:
            yield from refs(child)


def faults(value: Any, schema: Any, document: Any, path: str = "") -> list[str]:
    """What is wrong with a value, each with its path; empty when it fits."""
    if isinstance(schema, bool):
        return [] if schema else [f"{path}: nothing is allowed here"]
    assert schema.keys() <= KNOWN, f"{path}: {schema.keys() - KNOWN}"
    if "$ref" in schema:
        return faults(value, resolve(document, schema["$ref"]), document, path)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            tries = [faults(value, part, document, path) for part in schema[key]]
            fits = sum(not found for found in tries)
            wanted = fits == 1 if key == "oneOf" else fits
            return [] if wanted else [f"{path}: {fits} of {key}: {tries}"]
    if "const" in schema and value != schema["const"]:
        return [f"{path}: {value!r} is not {schema['const']!r}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{path}: {value!r} is none of {schema['enum']}"]
    return _of_type(value, schema, document, path)


def _of_type(value: Any, schema: Schema, document: Any, path: str) -> list[str]:
    kind = schema.get("type")
    if kind is not None:
        odd_bool = isinstance(value, bool) and kind != "boolean"
        if odd_bool or not isinstance(value, TYPES[kind]):
            return [f"{path}: {value!r} is no {kind}"]
    if isinstance(value, dict):
        return [*_of_object(value, schema, document, path)]
    if isinstance(value, list):
        fits = schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value))
        wrong = [] if fits else [f"{path}: too short or too long"]
        parts = (
            faults(part, schema.get("items", True), document, f"{path}.{index}")
            for index, part in enumerate(value)
        )
        return [*wrong, *(fault for found in parts for fault in found)]
    if isinstance(value, str):
        fits = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
        fits = fits and re.search(schema.get("pattern", ""), value) is not None
        return [] if fits else [f"{path}: {value!r} does not fit {schema}"]
    if isinstance(value, int | float) and not isinstance(value, bool):
        fits = schema.get("minimum", value) <= value <= schema.get("maximum", value)
        return [] if fits else [f"{path}: {value} is out of bounds"]
    return []


def _of_object(value: Schema, schema: Schema, document: Any, path: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    if len(value) > schema.get("maxProperties", len(value)):
        yield f"{path}: has too many fields"
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{path}: lacks {name}"
    for name, child in value.items():
        rest = properties.get(name, schema.get("additionalProperties", True))
        yield from faults(name, schema.get("propertyNames", True), document, f"{path}.{name} (its name)")
        yield from faults(child, rest, document, f"{path}.{name}")
