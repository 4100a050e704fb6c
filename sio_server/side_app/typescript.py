"""The contract as TypeScript for socket.io-client: `GET /contract.d.ts`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from sio_server.side_app.contract import PLACE, Contract, Schema, pushes, ref, say, sentence

HEAD = """\
// The messages of Adjutant {version}, for socket.io-client 4:
//
//   import {{ io, type Socket }} from "socket.io-client";
//   const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io("http://127.0.0.1:8000");
"""
ACK = """\
/** The answer that every request gets. */
export type Ack<T> = Done<T> | Refused;
"""
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def typescript(contract: Contract, version: str) -> str:
    """A self-contained module of types."""
    parts = [HEAD.format(version=version), _to_client(contract), _to_server(contract), ACK]
    for name, schema in contract.schemas.items():
        if name == "Done":
            of_any = schema["properties"] | {"data": ref("T")}
            parts.append(_declare("Done<T>", schema | {"properties": of_any}))
        else:
            parts.append(_declare(name, schema))
    return "\n".join(parts)


def type_of(schema: Schema | bool, indent: str = "") -> str:
    """A schema as a TypeScript type."""
    if isinstance(schema, bool) or not schema:
        return "unknown"
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(PLACE)
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " | ".join(dict.fromkeys(type_of(part, indent) for part in schema[key]))
    if schema.get("type") == "array":
        item = type_of(schema.get("items", {}), indent)
        return f"({item})[]" if " | " in item else f"{item}[]"
    if schema.get("type") == "object":
        return _object(schema, indent)
    return _PLAIN.get(schema.get("type", ""), "unknown")


def _object(schema: Schema, indent: str) -> str:
    rest = schema.get("additionalProperties", True)
    if not schema.get("properties"):
        return "Record<string, never>" if rest is False else f"Record<string, {type_of(rest, indent)}>"
    lines = [*_fields(schema, indent + "  ")]
    if rest is not False:
        lines.append(f"{indent}  [field: string]: unknown;")
    return "\n".join(["{", *lines, indent + "}"])


def _fields(schema: Schema, indent: str) -> Iterator[str]:
    required = schema.get("required", ())
    for name, field in schema["properties"].items():
        mark = "" if name in required else "?"
        key = name if _NAME.fullmatch(name) else json.dumps(name)
        yield f"{indent}{key}{mark}: {type_of(field, indent)};"


def _declare(name: str, schema: Schema) -> str:
    type = type_of(schema)
    body = f"interface {name} {type}" if type.startswith("{") else f"type {name} = {type};"
    return f"{_comment(schema.get('description', ''))}export {body}\n"


def _comment(text: str, indent: str = "") -> str:
    return f"{indent}/** {text.replace('*/', '* /')} */\n" if text else ""


def _to_client(contract: Contract) -> str:
    lines = []
    for push in pushes(contract.registry):
        ack = "" if push.answer is None else f", ack: (answer: {push.answer.__name__}) => void"
        lines.append(_comment(say(push.payload), "  "))
        lines.append(f'  "{push.event}": (message: {push.payload.__name__}{ack}) => void;\n')
    return f"export interface ServerToClientEvents {{\n{''.join(lines)}}}\n"


def _to_server(contract: Contract) -> str:
    lines = []
    for event, request in contract.registry.requests.items():
        roles = ", ".join(sorted(request.roles))
        answer = type_of(contract.data(event))
        payload = request.payload.__name__
        lines.append(_comment(f"{sentence(request.help)} Roles: {roles}.", "  "))
        lines.append(f'  "{event}": (payload: {payload}, ack: (answer: Ack<{answer}>) => void) => void;\n')
    return f"export interface ClientToServerEvents {{\n{''.join(lines)}}}\n"
