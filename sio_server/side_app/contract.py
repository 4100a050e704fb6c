"""The wire contract as JSON Schemas, derived from the registry.

asyncapi and typescript are two forms of it, and docs/protocol.md is generated from it.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from models.ack import Bye, ConnectRefused, Done, Drain, ErrorCode, Fault, Refused
from models.base import CodedItem
from models.change import Board, Change, Head, Patch, Sync
from models.handshake import Handshake
from sio_server.registry.ops import Push
from sio_server.registry.registry import Registry, Section

Schema = dict[str, Any]

PLACE = "#/components/schemas/"


def pushes(registry: Registry) -> list[Push]:
    """All server events: the sync, a patch for each room, the head, calls to one client, drain and bye."""
    patches = [Push(f"{room}:patch", Patch) for room in registry.rooms]
    asks = [ask for family in registry.families for ask in family.asks]
    follow = [Push("state:sync", Sync), *patches, Push("state:head", Head)]
    return [*follow, *asks, Push("server:drain", Drain), Push("server:bye", Bye)]


class Contract:
    """The schemas of one registry by model name, made on first use."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry

    @cached_property
    def schemas(self) -> dict[str, Schema]:
        """Every model on the wire, nested ones too. Cost: some 50 ms, once."""
        models: dict[tuple[type[BaseModel], Literal["validation"]], None]
        models = {(model, "validation"): None for model in self._models()}
        _, found = models_json_schema([*models], ref_template=PLACE + "{model}")
        schemas: dict[str, Schema] = {}
        for name, schema in found["$defs"].items():
            schemas[name] = _tidy(schema, schemas, top=True)
        for section in self.registry.sections.values():
            item = schemas[section.item.__name__]
            item["required"] = [*item["properties"]]  # they are always sent whole
        schemas |= self._changes(schemas)
        schemas[Board.__name__] = self._board(schemas)
        return dict(sorted(schemas.items()))

    def data(self, event: str) -> Schema:
        """The schema of `data` in this request's ack."""
        request = self.registry.requests[event]
        if request.returns is None:
            return {}
        schema = ref(request.returns.__name__)
        return {"anyOf": [schema, {"type": "null"}]} if request.nullable else schema

    def _models(self) -> Iterator[type[BaseModel]]:
        yield from (Handshake, ConnectRefused, Done, Refused, Fault)
        for push in pushes(self.registry):
            yield push.payload
            if push.answer is not None:
                yield push.answer
        for request in self.registry.requests.values():
            yield request.payload
            if request.returns is not None:
                yield request.returns
        for section in self.registry.sections.values():
            yield from (section.item, section.shape)

    def _changes(self, schemas: dict[str, Schema]) -> dict[str, Schema]:
        """The forms of an item's change, each with its section's own fields."""
        made: dict[str, Schema] = {}
        for section in self.registry.sections.values():
            name = section.item.__name__
            made[f"{name}Put"] = _change(section, "put", ref(name), "An item, new or whole.")
            if not _is_open(section.item):  # an item with its author's own fields is always sent whole
                some = _but(schemas[name], "description") | {"required": ["rev"]}
                made[f"{name}Set"] = _change(section, "set", some, "The fields that changed, and `rev`.")
        made["Gone"] = self._gone()
        forms = [ref(name) for name in made]
        return made | {Change.__name__: {"description": say(Change), "oneOf": forms}}

    def _gone(self) -> Schema:
        named = {**_NAMED, "section": {"enum": [*self.registry.sections]}, "code": _TEXT}
        return _object("The item was removed.", named | {"gone": {"const": True}}, optional={"code"})

    def _board(self, schemas: dict[str, Schema]) -> Schema:
        parts = [schemas.pop(section.shape.__name__) for section in self.registry.sections.values()]
        fields = {name: schema for part in parts for name, schema in part["properties"].items()}
        return _object(say(Board), fields, optional=fields.keys())


def ref(name: str) -> Schema:
    """A reference to a schema of the contract."""
    return {"$ref": PLACE + name}


def say(about: object) -> str:
    """A docstring as one paragraph."""
    return sentence(inspect.getdoc(about) or "")


def sentence(text: str) -> str:
    """A text of several lines as one line."""
    return " ".join(text.split())


def refusals() -> list[str]:
    """The error codes with which a request may be refused."""
    return [code.value for code in ErrorCode if code is not ErrorCode.TOO_MANY_CONNECTIONS]


def _tidy(schema: Any, schemas: dict[str, Schema], top: bool = False) -> Any:
    """The schema without pydantic's titles; an inlined model gets a name of its own."""
    if not isinstance(schema, dict):
        return schema
    tidy = {key: value for key, value in schema.items() if key not in ("title", "discriminator")}
    if "description" in tidy:
        tidy["description"] = sentence(tidy["description"])
    if "properties" in tidy:
        fields = tidy["properties"].items()
        tidy["properties"] = {name: _tidy(field, schemas) for name, field in fields}
    for key in ("items", "additionalProperties"):
        if key in tidy:
            tidy[key] = _tidy(tidy[key], schemas)
    for key in ("anyOf", "oneOf"):
        if key in tidy:
            tidy[key] = [_tidy(part, schemas) for part in tidy[key]]
    if not top and "properties" in tidy:
        schemas.setdefault(schema["title"], tidy)
        return ref(schema["title"])
    return tidy


def _change(section: Section[Any], verb: str, what: Schema, help: str) -> Schema:
    named = {**_NAMED, "section": {"const": section.name}}
    if issubclass(section.item, CodedItem):
        named["code"] = _TEXT
    return _object(help, named | {verb: what})


_TEXT: Schema = {"type": "string"}
_NAMED: dict[str, Schema] = {"section": _TEXT, "id": _TEXT, "rev": {"type": "integer"}}


def _object(help: str, properties: dict[str, Schema], optional: AbstractSet[str] = frozenset()) -> Schema:
    required = [name for name in properties if name not in optional]
    shape = {"type": "object", "description": help, "properties": properties, "additionalProperties": False}
    return shape | ({"required": required} if required else {})


def _is_open(model: type[BaseModel]) -> bool:
    return model.model_config.get("extra") == "allow"


def _but(schema: Schema, name: str) -> Schema:
    return {key: value for key, value in schema.items() if key != name}
