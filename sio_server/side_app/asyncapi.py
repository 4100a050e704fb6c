"""The contract as an AsyncAPI 3.0 document: `GET /contract.json`."""

from __future__ import annotations

from typing import Any

from sio_server.registry.ops import Push
from sio_server.registry.registry import Request
from sio_server.side_app.contract import Contract, Schema, pushes, ref, refusals, say, sentence

Document = dict[str, Any]

ABOUT = (
    "A state server over Socket.IO 5 (Engine.IO 4, path /socket.io/, namespace /). "
    "Every event from a client carries one JSON object and gets exactly one ack. "
    "docs/protocol.md says how patches, positions and resume work."
)
LET_IN = "connect"


def asyncapi(contract: Contract, version: str) -> Document:
    """From the server's point of view: it receives requests, replies with acks, sends events."""
    requests = contract.registry.requests.values()
    document: Document = {
        "asyncapi": "3.0.0",
        "info": {"title": "Adjutant", "version": version, "description": ABOUT, "license": {"name": "MIT"}},
        "defaultContentType": "application/json",
        "servers": {"main": _server()},
        "channels": {LET_IN: _let_in()},
        "operations": {LET_IN: _connect()},
        "components": {"schemas": contract.schemas},
        "x-error-codes": refusals(),
        "x-rooms": [*contract.registry.rooms],
    }
    for request in requests:
        _add_request(document, contract, request)
    for push in pushes(contract.registry):
        _add_push(document, push)
    return document


def _server() -> Document:
    return {
        "host": "{host}:{port}",
        "pathname": "/socket.io/",
        "protocol": "socket.io",
        "protocolVersion": "5",
        "variables": {"host": {"default": "127.0.0.1"}, "port": {"default": "8000"}},
    }


def _let_in() -> Document:
    refused = {
        "type": "object",
        "properties": {"message": {"type": "string"}, "data": ref("ConnectRefused")},
        "required": ["message", "data"],
    }
    return {
        "address": "/",
        "description": "The namespace that every client connects to.",
        "messages": {
            "auth": _message("auth", "What the client says about itself.", ref("Handshake")),
            "connect_error": _message("connect_error", "Why the client was not let in.", refused),
        },
    }


def _connect() -> Document:
    return {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{LET_IN}"},
        "summary": "Lets a client in, or refuses it.",
        "messages": _messages(LET_IN, "auth"),
        "reply": {
            "channel": {"$ref": f"#/channels/{LET_IN}"},
            "messages": _messages(LET_IN, "connect_error"),
        },
    }


def _add_request(document: Document, contract: Contract, request: Request) -> None:
    key = key_of(request.event)
    messages = _channel(document, request.event)["messages"]
    messages["request"] = _message(request.event, say(request.payload), ref(request.payload.__name__))
    messages["ack"] = _message(f"{request.event} ack", "The answer.", ack(contract, request.event))
    document["operations"][f"{key}.request"] = {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{key}"},
        "summary": sentence(request.help),
        "messages": _messages(key, "request"),
        "reply": {"channel": {"$ref": f"#/channels/{key}"}, "messages": _messages(key, "ack")},
        "x-roles": sorted(request.roles),
        "x-changes-state": request.rule is not None,
    }


def _add_push(document: Document, push: Push) -> None:
    key = key_of(push.event)
    messages = _channel(document, push.event)["messages"]
    messages["event"] = _message(push.event, say(push.payload), ref(push.payload.__name__))
    document["operations"][f"{key}.event"] = {
        "action": "send",
        "channel": {"$ref": f"#/channels/{key}"},
        "summary": say(push.payload),
        "messages": _messages(key, "event"),
    }
    if push.answer is not None:
        messages["answer"] = _message(f"{push.event} ack", say(push.answer), ref(push.answer.__name__))
        reply = {"channel": {"$ref": f"#/channels/{key}"}, "messages": _messages(key, "answer")}
        document["operations"][f"{key}.event"]["reply"] = reply


def ack(contract: Contract, event: str) -> Schema:
    """The schema of one request's ack: done with its data, or refused."""
    done = contract.schemas["Done"]
    data = done["properties"] | {"data": contract.data(event)}
    return {"oneOf": [done | {"properties": data}, ref("Refused")]}


def key_of(event: str) -> str:
    """An event's name as a key; keys may not have colons."""
    return event.replace(":", ".")


def _channel(document: Document, event: str) -> Document:
    channel: Document = document["channels"].setdefault(key_of(event), {"address": event, "messages": {}})
    return channel


def _message(name: str, summary: str, payload: Schema) -> Document:
    return {"name": name, "summary": summary, "payload": payload}


def _messages(key: str, name: str) -> list[Document]:
    return [{"$ref": f"#/channels/{key}/messages/{name}"}]
