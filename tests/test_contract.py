"""The documents that the side-app hands out say what the server does."""

from __future__ import annotations

import asyncio
import re
import shutil
from asyncio.subprocess import PIPE, STDOUT
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio

from handlers import REGISTRY
from models.ack import ErrorCode
from models.base import CodedItem, Target, Wire
from sio_server.registry.registry import Context, Delta, Family, Registry, Section, View
from sio_server.registry.roles import EDITORS
from sio_server.settings import VERSION
from sio_server.side_app.asyncapi import asyncapi, key_of
from sio_server.side_app.contract import Contract, pushes
from sio_server.side_app.typescript import typescript
from tests.conftest import Connect, Serve
from tests.everyday import PREFERENCES
from tests.json_schema import KNOWN, faults, refs, resolve
from tests.node.driver import NODE_FOLDER, require_node
from tests.running import PythonClient, RunningServer

Json = Any

DOCUMENT = asyncapi(Contract(REGISTRY), VERSION)
CHANNELS = DOCUMENT["channels"]
PATCHES = {f"{room}:patch" for room in REGISTRY.rooms}
SCHEMAS = DOCUMENT["components"]["schemas"]
TYPESCRIPT = NODE_FOLDER / "node_modules" / "typescript" / "lib" / "tsc.js"

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
EVENT = {"id": "e1", "title": "Board call", "start": "2026-11-23T09:00:00Z", "attendees": ["ann@example.org"]}
AT_ONE_TIME = [
    {"id": id, "title": "Call", "start": f"{TOMORROW}T09:00:00Z", "end": f"{TOMORROW}T10:00:00Z"}
    for id in "ab"
]
PRIORITY = {"id": "p1", "title": "Sign the lease", "urgency": "high"}
COMMITMENT = {"id": "m1", "description": "Send the draft", "direction": "owe", "due_date": "2020-01-01"}
BRIEF = {"title": "Monday", "sections": [{"title": "Today", "items": [{"text": "A call"}]}], "mood": ["calm"]}

RECORD = {
    "id": "r1",
    "text": "The board asked for the budget.",
    "at": "2026-11-20T09:00:00Z",
    "kind": "note",
    "title": "Minutes",
    "url": "https://example.org/minutes",
    "meta": {"author": "Ann Lee"},
}
PROPOSALS = [
    {
        "id": id,
        "line": line,
        "why": "It is asked for.",
        "doubt": 30,
        "evidence": {"file": "a.md", "line": 3, "quote": "Bo will send the numbers"},
    }
    for id, line in (("a", "add owed Bo: the numbers by 2026-12-01"), ("b", "add priority Sign"))
]
SOME_BAD_ITEMS: Json = [EVENT, {"id": "e2"}, 3]
SOME_BAD_RECORDS: Json = [RECORD, {"id": "r2"}, 3]

# One of each request, in an order in which each finds what it is about.
SESSION: list[tuple[str, Json]] = [
    ("system:set", {"status": "COLLECTING", "progress": 10, "message": "mail"}),
    ("system:set", {"status": "IDLE", "op": "idle"}),
    ("calendar:put", {"items": SOME_BAD_ITEMS, "mode": "upsert"}),
    ("calendar:put", {"items": AT_ONE_TIME, "mode": "upsert"}),
    ("calendar:edit", {"code": "C1", "set": {"title": "Board lunch"}}),
    ("calendar:drop", {"ids": ["e1"]}),
    ("priorities:put", {"items": [PRIORITY], "op": "put"}),
    ("priorities:put", {"items": [PRIORITY], "op": "put"}),
    ("priorities:edit", {"code": "P1", "set": {"note": "by noon"}}),
    ("priorities:snooze", {"code": "P1", "until": "2199-01-01"}),
    ("priorities:complete", {"code": "P1"}),
    ("priorities:reopen", {"code": "P1"}),
    ("command:run", {"text": "approve P1 | help add | status | brief | undo", "op": "line"}),
    ("command:run", {"text": "add owe Call Ben", "dry": True}),
    ("command:undo", {"of": "line"}),
    ("command:suggest", {"text": "approve sign"}),
    ("state:history", {"code": "P1", "limit": 3}),
    ("proposals:edit", {"code": "A1", "set": {"line": "update P1 Sign"}}),
    ("proposals:approve", {"code": "A2"}),
    ("command:run", {"text": "approve A1", "dry": True}),
    ("proposals:drop", {"codes": ["A1"]}),
    ("priorities:drop", {"codes": ["P1"]}),
    ("state:history", {"id": "p1"}),
    ("commitments:put", {"items": [COMMITMENT]}),
    ("commitments:edit", {"id": "m1", "set": {"assignee": "Ann"}}),
    ("commitments:complete", {"id": "m1"}),
    ("commitments:reopen", {"id": "m1"}),
    ("state:ping", {}),
    ("state:get", {}),
    ("commitments:drop", {"codes": ["M1"]}),
    ("brief:get", {}),
    ("brief:set", {"brief": BRIEF}),
    ("brief:get", {}),
    ("state:get", {"sections": ["brief", "system"]}),
    ("calendar:put", {"items": [EVENT]}),
    ("priorities:put", {"items": [PRIORITY]}),
    ("brief:generate", {"kind": "daily", "op": "day"}),
    ("brief:generate", {"kind": "daily", "op": "day"}),
    ("brief:generate", {"kind": "meeting", "code": "C1"}),
    ("priorities:drop", {"ids": ["p1"]}),
    ("brief:get", {}),
    ("command:run", {"text": "brief | status | changes | day"}),
    ("command:run", {"text": "brief C1", "dry": True}),
    ("brief:clear", {}),
    ("state:unsubscribe", {"rooms": ["state"]}),
    ("state:sync", {}),
    ("state:subscribe", {"rooms": ["calendar", "brief"]}),
    ("calendar:put", {"items": [EVENT]}),
    ("state:sync", {"epoch": "EPOCH", "rooms": {"calendar": 1, "brief": 1}}),
    ("state:sync", {"epoch": "EPOCH", "seq": 9_999}),
    ("people:put", {"items": [{"id": "ana", "names": ["Ana Lima"], "addresses": ["ana@example.org"]}]}),
    ("records:put", {"records": SOME_BAD_RECORDS, "op": "records"}),
    ("records:put", {"records": SOME_BAD_RECORDS, "op": "records"}),
    ("search:query", {"query": "budget", "channel": "box"}),
    ("search:query", {"query": "-no", "source": "local", "since": "2026-01-01", "until": "2026-12-31"}),
    ("records:get", {"id": "local/r1", "around": "budget"}),
    ("brief:generate", {"kind": "meeting", "code": "C1", "op": "meeting"}),
    ("command:run", {"text": "search budget | add owe S1 | brief C1 | show S1", "op": "found"}),
    ("command:run", {"text": "search nothing of the kind", "dry": True}),
    *(("search:stats", {}), ("stats:get", {}), ("boards:list", {})),
    *(("prefs:get", {}), ("push:get", {}), ("push:unsubscribe", {"id": "0" * 16})),
    ("seen:get", {}),
    ("day:get", {"date": "2026-12-01"}),
    ("seen:set", {"seq": 1}),
    ("prefs:set", {"set": PREFERENCES, "op": "mine"}),
]
NEWS = ("prefs:changed", "seen:changed", "brief:made", "push:notices")
# What only a source sends; in between, a person asks it to collect.
OF_A_SOURCE: list[tuple[str, Json]] = [
    ("source:hello", {"ttl_s": 3600, "cadence_s": 60, "modes": ["quick", "full"]}),
    ("source:progress", {"run": 5, "percent": 50, "message": "page 2 of 4"}),
    ("calendar:put", {"items": [EVENT], "run": 5, "part": {"batch": "b", "number": 1}}),
    ("calendar:put", {"items": [], "run": 5, "part": {"batch": "b", "number": 2, "last": True}}),
    ("proposals:put", {"items": PROPOSALS, "run": 5, "mode": "replace"}),
    ("source:finish", {"run": 5, "ok": True, "counts": {"events": 1}, "hash": "abc", "op": "over"}),
]
# What a person decides of a source's items, and gives back.
OF_ITS_ITEMS: list[tuple[str, Json]] = [
    ("priorities:put", {"items": [PRIORITY]}),
    ("commitments:put", {"items": [COMMITMENT]}),
]
GIVEN_BACK: list[tuple[str, Json]] = [
    ("calendar:edit", {"id": "ics:work/e1", "set": {"location": "Room 5"}}),
    ("calendar:release", {"id": "ics:work/e1"}),
    ("priorities:edit", {"id": "ics:work/p1", "set": {"urgency": "low"}}),
    ("priorities:release", {"id": "ics:work/p1", "fields": ["urgency"]}),
    ("commitments:edit", {"id": "ics:work/m1", "set": {"assignee": "Bo"}}),
    ("commitments:release", {"id": "ics:work/m1"}),
    ("state:since", {"since": 0, "limit": 5}),
]
OF_A_COLLECTION: list[tuple[str, Json]] = [
    ("collection:status", {}),
    ("collection:start", {"mode": "quick", "limit_s": 60, "sources": ["ics:work"]}),
    ("collection:status", {}),
    ("collection:cancel", {"run": 6}),
    ("command:run", {"text": "full"}),
    ("collection:cancel", {"run": 8}),
]
REFUSED: list[tuple[str, Json]] = [
    *(("auth:refresh", {"token": "x"}), ("records:get", {"id": "x"}), ("source:progress", {"run": 5})),
    *(("collection:cancel", {"run": 7}), ("push:subscribe", {})),
    ("collection:start", {"mode": "full", "sources": ["ics:none"]}),
    ("calendar:put", {"items": "none"}),
    ("priorities:complete", {"code": "P1", "seen": 1}),
    ("priorities:complete", {"code": "P999"}),
    ("system:set", {"op": "idle", "status": "ERROR"}),
    ("brief:generate", {"kind": "meeting"}),
    ("brief:generate", {"kind": "meeting", "code": "C9"}),
    ("command:run", {"text": "add owe S9"}),
    ("command:run", {"text": "aprove P1"}),
    ("command:run", {"text": "approve P07"}),
    ("command:run", {"text": "approve P1"}),
    ("command:undo", {"of": "nobody's"}),
]


def payload_of(event: str, message: str) -> Json:
    return CHANNELS[key_of(event)]["messages"][message]["payload"]


def assert_fits(value: Json, schema: Json) -> None:
    assert not faults(value, schema, DOCUMENT), faults(value, schema, DOCUMENT)


def test_every_reference_in_the_document_leads_somewhere() -> None:
    found = set(refs(DOCUMENT))
    assert found
    for ref in found:
        resolve(DOCUMENT, ref)


def test_the_document_has_the_parts_that_asyncapi_3_asks_for() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= DOCUMENT["info"].keys()
    assert all({"host", "protocol"} <= server.keys() for server in DOCUMENT["servers"].values())
    for key in (*CHANNELS, *DOCUMENT["operations"], *SCHEMAS):
        assert re.fullmatch(r"[A-Za-z0-9._-]+", key), key
    for channel in CHANNELS.values():
        assert channel["address"]
        assert all({"name", "payload"} <= message.keys() for message in channel["messages"].values())


def test_an_operation_speaks_only_the_messages_of_its_channel() -> None:
    for name, operation in DOCUMENT["operations"].items():
        assert operation["action"] in ("send", "receive")
        for part in (operation, operation.get("reply", operation)):
            channel = part["channel"]["$ref"]
            places = [message["$ref"].rpartition("/messages/")[0] for message in part["messages"]]
            assert places == [channel], name


def test_every_request_is_in_the_document_with_its_roles_and_an_ack() -> None:
    for event, request in REGISTRY.requests.items():
        operation = DOCUMENT["operations"][f"{key_of(event)}.request"]
        assert operation["action"] == "receive"
        assert set(operation["x-roles"]) == set(request.roles)
        assert operation["summary"]
        assert CHANNELS[key_of(event)]["address"] == event
        assert CHANNELS[key_of(event)]["messages"].keys() >= {"request", "ack"}


def test_every_request_says_what_its_ack_carries() -> None:
    assert not [event for event, request in REGISTRY.requests.items() if request.returns is None]


def test_every_event_of_the_server_is_in_the_document() -> None:
    sent = {
        CHANNELS[name.removesuffix(".event")]["address"]
        for name, operation in DOCUMENT["operations"].items()
        if operation["action"] == "send"
    }
    own = {*NEWS, "source:collect"}
    assert sent == PATCHES | own | {"state:sync", "state:head", "server:drain", "server:bye"}
    assert {push.event for push in pushes(REGISTRY)} == sent


def test_the_codes_of_refusals_are_those_of_the_server() -> None:
    assert set(SCHEMAS["ErrorCode"]["enum"]) == set(ErrorCode)
    assert set(DOCUMENT["x-error-codes"]) == set(ErrorCode) - {"too_many_connections"}


def test_a_schema_uses_known_words_and_requires_only_what_it_describes() -> None:
    def check(schema: Json, where: str) -> None:
        if not isinstance(schema, dict):
            return
        assert schema.keys() <= KNOWN, where
        fields = schema.get("properties", {})
        assert set(schema.get("required", ())) <= fields.keys(), where
        parts = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *fields.values()]
        inner = (schema.get(name) for name in ("items", "additionalProperties", "propertyNames"))
        for part in (*parts, *inner):
            check(part, where)

    for name, schema in SCHEMAS.items():
        check(schema, name)


def test_every_default_fits_its_own_schema() -> None:
    for name, schema in SCHEMAS.items():
        for field, described in schema.get("properties", {}).items():
            if "default" in described:
                assert not faults(described["default"], described, DOCUMENT), f"{name}.{field}"


class Goal(CodedItem):
    """What is to be reached."""

    title: str


class GoalsState(Wire):
    """The section in a snapshot."""

    goals: tuple[Goal, ...]


def test_a_new_section_is_in_the_documents_by_its_declaration_alone() -> None:
    goals: Section[Goal] = Section(
        "goals", Goal, noun="goal", shape=GoalsState, place=lambda items: {}, prefix="G"
    )
    family = Family("goals", goals)

    @family.rule("forget", Target, roles=EDITORS, returns=Goal)
    def forget(view: View, payload: Target, ctx: Context) -> Delta:
        """Gives a goal up."""
        return Delta([])

    contract = Contract(Registry([*REGISTRY.families, family], REGISTRY.source_hooks))
    document = asyncapi(contract, VERSION)
    assert {"goals.patch", "goals.forget"} <= document["channels"].keys()
    types = typescript(contract, VERSION)
    assert '"goals:forget": (payload: Target, ack: (answer: Ack<Goal>) => void) => void;' in types
    assert '"goals:patch": (message: Patch) => void;' in types
    assert "  goals?: Goal[];" in types
    assert "| GoalPut | GoalSet | Gone;" in types


async def test_what_a_real_session_sends_and_gets_fits_the_document(
    server: RunningServer, connect: Connect
) -> None:
    watchers = [await connect(rooms=[room]) for room in REGISTRY.rooms]
    collector = await connect(source="ics:work")
    collector.answers["source:collect"] = {"ok": True}
    for _ in range(2):
        done = await collector.request("calendar:put", items=[EVENT], mode="replace", run=4)
        assert_fits(done, payload_of("calendar:put", "ack"))
    person = await connect()
    epoch = (await person.wait_for("state:sync"))["epoch"]
    session = [
        *((collector, event, payload) for event, payload in OF_A_SOURCE),
        *((person, event, payload) for event, payload in (*OF_A_COLLECTION, *SESSION)),
        *((collector, event, payload) for event, payload in OF_ITS_ITEMS),
        *((person, event, payload) for event, payload in GIVEN_BACK),
        (person, "source:forget", {"source": "ics:work"}),
    ]
    for client, event, payload in session:
        if payload.get("epoch"):
            payload = payload | {"epoch": epoch}
        if payload.get("items", payload.get("records")) not in (SOME_BAD_ITEMS, SOME_BAD_RECORDS):
            assert_fits(payload, payload_of(event, "request"))
        ack = await client.request(event, payload)
        assert ack["ok"], (event, ack)
        assert_fits(ack, payload_of(event, "ack"))
    for event, payload in REFUSED:
        ack = await person.request(event, payload)
        assert not ack["ok"]
        assert_fits(ack, payload_of(event, "ack"))
        assert {*REGISTRY.requests} - {event for _, event, _ in session} == {"auth:refresh", "push:subscribe"}
    resumed = await connect(resume={"epoch": epoch, "seq": 2})
    assert (await resumed.wait_for("state:sync"))["mode"] == "delta"
    await watchers[0].in_step(ack_seq(await person.request("state:get", {})))
    await server.stop()
    await watchers[0].wait_for("server:drain")
    clients = [*watchers, collector, person, resumed]
    got = [(event, message) for client in clients for event, message in client.events]
    for event, message in got:
        assert_fits(message, payload_of(event, "event"))
    assert {event for event, _ in got} >= {"source:collect", *NEWS, *PATCHES} - {"push:notices"}
    for answer in (collector.answers["source:collect"], {"ok": False, "error": {"message": "Not now."}}):
        assert_fits(answer, payload_of("source:collect", "answer"))


def ack_seq(ack: Json) -> int:
    seq: int = ack["seq"]
    return seq


async def test_a_refused_connect_fits_the_document(server: RunningServer) -> None:
    refused: list[Json] = []
    client = PythonClient(rooms=["cellar"])
    client.sio.on("connect_error", refused.append)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await client.connect(server.url)
    assert_fits(refused[0], payload_of_connect("connect_error"))
    assert_fits({"client": "wall", "resume": {"epoch": "x", "seq": 1}}, payload_of_connect("auth"))


def payload_of_connect(message: str) -> Json:
    return CHANNELS["connect"]["messages"][message]["payload"]


async def test_the_side_app_hands_out_the_document(server: RunningServer) -> None:
    status, document = await server.get("/contract.json")
    assert status == 200
    assert document == DOCUMENT


async def test_the_types_compile_in_a_program_that_uses_them_with_socket_io_client(
    serve: Serve, tmp_path: Path
) -> None:
    node = require_node()
    assert TYPESCRIPT.exists(), "TypeScript is not set up: `make test` does it"
    server = await serve()
    async with aiohttp.ClientSession() as session, session.get(server.http_url + "/contract.d.ts") as got:
        assert (got.status, got.content_type) == (200, "text/typescript")
        (tmp_path / "contract.d.ts").write_text(await got.text())
    shutil.copy(NODE_FOLDER / "contract_sample.ts", tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "node_modules").symlink_to(NODE_FOLDER / "node_modules")
    flags = ("--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022")
    files = ("contract_sample.ts", "contract.d.ts")
    compiling = await asyncio.create_subprocess_exec(
        *(node, str(TYPESCRIPT), *flags, *files), cwd=tmp_path, stdout=PIPE, stderr=STDOUT
    )
    output, _ = await compiling.communicate()
    assert compiling.returncode == 0, output.decode()
