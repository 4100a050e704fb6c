"""Every field of every request that changes something, with every kind of JSON value in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from handlers import REGISTRY
from sio_server.registry.registry import Request
from tests.abuse.arena import COMMITMENT, EVENT, PRIORITY, Arena
from tests.abuse.raw import dump

pytestmark = pytest.mark.asyncio(loop_scope="module")

KINDS: dict[str, Any] = {
    "null": None,
    "true": True,
    "zero": 0,
    "a negative number": -1,
    "a fraction": 1.5,
    "a large number": 2**64,
    "an empty text": "",
    "a number as text": "5",
    "a text": "sEcReT",
    "a list": [],
    "a list of lists": [[None]],
    "an object": {},
    "an object with a field": {"id": {"id": 1}},
}
PROPOSAL = {
    "id": "a1",
    "line": "add priority Sign the lease",
    "why": "It is asked for.",
    "doubt": 30,
    "evidence": {"file": "a.md", "line": 3, "quote": "Please sign the lease"},
}
PERSON = {"id": "ana", "names": ["Ana Lima"], "addresses": ["ana@example.org"]}
ITEMS: dict[str, dict[str, Any]] = {
    "calendar": EVENT,
    "priorities": PRIORITY,
    "commitments": COMMITMENT,
    "proposals": PROPOSAL,
    "people": PERSON,
}
CODES = {"calendar": "C1", "priorities": "P1", "commitments": "M1"}

LINES = {"command:run": "reopen {code}", "command:suggest": "approve {code} "}
BEFORE = {"command:undo": ("command:run", {"text": "add owe Call Ben", "op": "line"})}

OF_A_SOURCE: dict[str, dict[str, Any]] = {
    "source:hello": {"ttl_s": 86_400},
    "source:progress": {"run": 9, "percent": 1},
    "source:finish": {"run": 9, "ok": True},
    "source:forget": {"source": "ics:fields"},
    "collection:start": {"mode": "full"},
    "collection:cancel": {"run": 1},
}
"""What makes a good payload of these; the source is the attacker itself where it has to be one."""

REASONS = (
    *("bad_request", "not_found", "too_large", "invalid_state", "conflict", "stale_target"),
    *("unknown_command", "source_fenced", "forbidden"),
)

RULES = {
    event: request
    for event, request in REGISTRY.requests.items()
    if request.rule is not None and request.payload.model_fields
}
READS = {event: request for event, request in REGISTRY.requests.items() if request.rule is None}


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that a field holds, also in a list or beside null."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := model_in(part))), None)


def paths(model: type[BaseModel], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every field of a payload, and of what its fields hold."""
    for name, field in model.model_fields.items():
        yield (*above, name)
        inner = model_in(field.annotation)
        if inner is not None:
            yield from paths(inner, (*above, name))


def base(request: Request) -> dict[str, Any]:
    """A payload of the request that is good but for what the test puts in."""
    family, verb = request.event.split(":")
    fields = request.payload.model_fields
    code = CODES.get(family, CODES["priorities"])
    good: dict[str, Any] = {"code": code} if "code" in fields else {}
    good |= {"set": {}} if "set" in fields else {}
    good |= {"items": [ITEMS[family]]} if "items" in fields else {}
    good |= {"until": "2100-01-01"} if "until" in fields else {}
    good |= {"brief": {"text": "All is quiet."}} if "brief" in fields else {}
    good |= {"text": LINES[request.event].format(code=code)} if "text" in fields else {}
    good |= {"of": "line"} if "of" in fields else {}
    good |= OF_A_SOURCE.get(request.event, {})
    return good | ({"rooms": []} if verb in ("subscribe", "unsubscribe") else {})


def with_value(payload: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """The payload with the value at the path; what is a list has it in its first item."""
    name, *rest = path
    if not rest:
        return payload | {name: value}
    inner = payload.get(name) or {}
    if isinstance(inner, list):
        return payload | {name: [with_value(inner[0], tuple(rest), value)]}
    return payload | {name: with_value(inner, tuple(rest), value)}


def refused_by(model: type[BaseModel] | None, value: Any) -> bool:
    """Whether the model alone refuses."""
    try:
        assert model is not None
        model.model_validate(value)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize("event", RULES)
async def test_any_value_in_any_field_is_acked_and_never_breaks_the_server(arena: Arena, event: str) -> None:
    request = RULES[event]
    tried = [
        with_value(base(request), path, value) for path in paths(request.payload) for value in KINDS.values()
    ]
    assert len(tried) >= len(KINDS)
    of_a_source = event.startswith("source:") or event in ("proposals:put", "people:put")
    auth: dict[str, Any] = {"source": "ics:fields"} if of_a_source else {}
    async with arena.unharmed(), arena.attacker(**auth) as session:
        if event in BEFORE:
            assert (await session.ask(*BEFORE[event]))["ok"]
        for id, payload in enumerate([{}, *tried]):
            before = await arena.picture()
            ack = await session.ask(event, payload, id=id)
            if not ack["ok"]:
                check(ack, payload)
                assert await arena.picture() == before, payload
                continue
            assert not refused_by(request.payload, payload), payload
            if payload.get("items"):
                given = model_in(request.payload.model_fields["items"].annotation)
                rejected = bool(ack["data"]["rejected"])
                refused = refused_by(given, payload["items"][0])
                # A proposal's line must also be one that can be carried out.
                assert rejected == refused or (rejected and event == "proposals:put"), payload
                assert not rejected or await arena.picture() == before, payload
            await put_back(arena)


async def test_the_fields_that_are_tried_are_those_of_the_items_too() -> None:
    tried = {path for request in RULES.values() for path in paths(request.payload)}
    assert {("items", "title"), ("set", "rank"), ("brief", "sections", "items", "evidence")} <= tried


@pytest.mark.parametrize("event", READS)
async def test_any_value_in_any_field_of_a_reading_request_is_acked(arena: Arena, event: str) -> None:
    request = READS[event]
    async with arena.undisturbed(), arena.attacker() as session:
        for id, path in enumerate([*paths(request.payload), ("zz",)]):
            for value in KINDS.values():
                ack = await session.ask(event, with_value(base(request), path, value), id=id)
                if not ack["ok"]:
                    check(ack, value)


def check(ack: Any, payload: Any) -> None:
    """A refusal with a reason, which repeats nothing."""
    error = ack["error"]
    assert error["code"] in REASONS, (payload, ack)
    assert error["message"]
    # these show the state's own texts, the word that is no command, and the name that is no source's
    named = error["code"] in ("stale_target", "unknown_command") or "There is no source" in error["message"]
    assert "sEcReT" not in dump(error) or named
    if error["code"] == "bad_request" and "details" in error:
        placed = (
            {"path", "message", "start", "end"} if "At character" in error["message"] else {"path", "message"}
        )
        assert all(set(fault) == placed for fault in error["details"]), ack


async def put_back(arena: Arena) -> None:
    """The items that the next payload names are there again, with their codes."""
    state = await arena.witness.state()
    present = {
        "calendar": [item["code"] for item in state["calendar"]],
        "priorities": [item["code"] for item in state["priorities"]],
        "commitments": [item["code"] for way in state["commitments"].values() for item in way],
    }
    for section, codes in present.items():
        if CODES[section] not in codes:
            CODES[section] = (await arena.witness.done(f"{section}:put", items=[ITEMS[section]]))["codes"][
                ITEMS[section]["id"]
            ]
