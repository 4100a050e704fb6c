"""Well-formed packets that are no good requests: each is acked with its reason and changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from handlers import REGISTRY
from tests.abuse import source_payloads
from tests.abuse.arena import PRIORITY, TRANSPORTS, VALUE, Arena, check_refusal
from tests.abuse.raw import dump

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEEP_33 = "[" * 31 + "]" * 31  # two levels of its own around it
DEEP_100_000 = "[" * 100_000 + "]" * 100_000
KEYS_100_000 = ",".join(f'"k{n}":1' for n in range(100_000))
LONG_INT = "1" + "0" * 99


def put(item: str) -> str:
    return f'["priorities:put",{{"items":[{item}]}}]'


def brief(fields: str) -> str:
    return f'["brief:set",{{"brief":{{{fields}}}}}]'


def complete(fields: str) -> str:
    return f'["priorities:complete",{{{fields}}}]'


# The event's JSON, the ack's code, and the path of a fault in its details (None: there need be none).
Case = tuple[str, str, str | None]

SHAPES: dict[str, Case] = {
    "no payload": ('["priorities:put"]', "bad_request", None),
    "null": ('["priorities:put",null]', "bad_request", None),
    "a list": (f'["priorities:put",["{VALUE}"]]', "bad_request", None),
    "a text": (f'["priorities:put","{VALUE}"]', "bad_request", None),
    "a number": ('["priorities:put",1]', "bad_request", None),
    "a boolean": ('["priorities:put",true]', "bad_request", None),
    "two objects": ('["priorities:put",{"items":[]},{}]', "bad_request", None),
    "20,000 objects": (f'["priorities:put"{",{}" * 20_000}]', "bad_request", None),
    "a request that reads, with a text": ('["state:get",""]', "bad_request", None),
    "an event that there is not": (f'["{VALUE}:put",{{}}]', "unknown_event", None),
    "an event that there is not, with nonsense": ('["nope",1,2,3]', "unknown_event", None),
    "an event in other case": ('["Priorities:put",{"items":[]}]', "unknown_event", None),
    "an event with a space": ('["priorities:put ",{"items":[]}]', "unknown_event", None),
    "an event with a NUL": ('["priorities:put\\u0000",{"items":[]}]', "unknown_event", None),
    "an event with a name of 100 kB": (f'["{"n" * 100_000}",{{}}]', "unknown_event", None),
    "an event called __proto__": ('["__proto__",{}]', "unknown_event", None),
    "an event of the machinery": ('["priorities:tick",{}]', "unknown_event", None),
    "a patch of one's own": ('["state:patch",{"seq":1}]', "unknown_event", None),
    "an event of a later version": ('["goals:run",{"text":"done P1"}]', "unknown_event", None),
    "an event named by a lone surrogate": ('["\\ud800",{}]', "bad_request", ""),
}

FIELDS: dict[str, Case] = {
    "a field that is missing": ('["priorities:put",{}]', "bad_request", "items"),
    "a field that there is not": (f'["priorities:put",{{"items":[],"zz":"{VALUE}"}}]', "bad_request", "zz"),
    "the field __proto__": ('["priorities:put",{"items":[],"__proto__":{}}]', "bad_request", "__proto__"),
    "the field constructor": (
        '["priorities:put",{"items":[],"constructor":1}]',
        "bad_request",
        "constructor",
    ),
    "the field prototype": (complete('"code":"P1","prototype":1'), "bad_request", "prototype"),
    "an empty field name": ('["priorities:put",{"items":[],"":1}]', "bad_request", ""),
    "a field name of 1 MB": (
        f'["priorities:put",{{"items":[],"{"k" * (1 << 20)}":1}}]',
        "bad_request",
        "k" * 64,
    ),
    "100,000 fields": (f'["priorities:put",{{"items":[],{KEYS_100_000}}}]', "bad_request", ""),
    "items that are an object": ('["priorities:put",{"items":{}}]', "bad_request", "items"),
    "items that are a text": (f'["priorities:put",{{"items":"{VALUE}"}}]', "bad_request", "items"),
    "items that are null": ('["priorities:put",{"items":null}]', "bad_request", "items"),
    "a mode that there is not": (
        f'["priorities:put",{{"items":[],"mode":"{VALUE}"}}]',
        "bad_request",
        "mode",
    ),
    "a number for a boolean": ('["priorities:put",{"items":[],"complete":1}]', "bad_request", "complete"),
    "a text for a boolean": ('["priorities:put",{"items":[],"complete":"false"}]', "bad_request", "complete"),
    "a negative run": ('["priorities:put",{"items":[],"run":-1}]', "bad_request", None),
    "a replace with nothing": ('["priorities:put",{"items":[],"mode":"replace"}]', "bad_request", "items"),
    "an empty op": (complete('"code":"P1","op":""'), "bad_request", "op"),
    "an op of 65 characters": (complete(f'"code":"P1","op":"{VALUE + "o" * 59}"'), "bad_request", "op"),
    "an op with a line break": (complete('"code":"P1","op":"a\\nb"'), "bad_request", "op"),
    "an op that is a number": (complete('"code":"P1","op":1'), "bad_request", "op"),
    "a seen that is a boolean": (complete('"code":"P1","seen":true'), "bad_request", "seen"),
    "a seen that is a text": (complete('"code":"P1","seen":"1"'), "bad_request", "seen"),
    "a seen with a fraction": (complete('"code":"P1","seen":1.0'), "bad_request", "seen"),
    "a seen below zero": (complete('"code":"P1","seen":-1'), "bad_request", "seen"),
    "a seen of 2^53": (complete(f'"code":"P1","seen":{2**53}'), "bad_request", "seen"),
    "a seen of 2^63": (complete(f'"code":"P1","seen":{2**63}'), "bad_request", "seen"),
    "a seen of 2^64": (complete(f'"code":"P1","seen":{2**64}'), "bad_request", "seen"),
    "a seen of a hundred digits": (complete(f'"code":"P1","seen":{LONG_INT}'), "bad_request", "seen"),
    "a seen from the future": (complete('"code":"P1","seen":1000000'), "bad_request", None),
    "progress above 100": ('["system:set",{"progress":101}]', "bad_request", "progress"),
    "progress below 0": ('["system:set",{"progress":-1}]', "bad_request", "progress"),
    "progress by halves": ('["system:set",{"progress":0.5}]', "bad_request", "progress"),
    "no progress": ('["system:set",{"progress":null}]', "bad_request", "progress"),
    "a status that there is not": ('["system:set",{"status":"idle"}]', "bad_request", "status"),
    "a last sync from outside": (
        '["system:set",{"last_sync":"2026-11-23T09:00:00Z"}]',
        "bad_request",
        "last_sync",
    ),
    "nothing to set": ('["system:set",{}]', "bad_request", None),
    "an edit of nothing": ('["priorities:edit",{"code":"P1","set":{}}]', "bad_request", "set"),
    "an edit of the id": ('["priorities:edit",{"code":"P1","set":{"id":"x"}}]', "bad_request", "set.id"),
    "an edit of the code": (
        '["priorities:edit",{"code":"P1","set":{"code":"P9"}}]',
        "bad_request",
        "set.code",
    ),
    "an edit of the revision": (
        '["priorities:edit",{"code":"P1","set":{"rev":9}}]',
        "bad_request",
        "set.rev",
    ),
    "an edit of the source": (
        '["priorities:edit",{"code":"P1","set":{"source":"x"}}]',
        "bad_request",
        "set.source",
    ),
    "an edit of what is held": (
        '["priorities:edit",{"code":"P1","set":{"held":[]}}]',
        "bad_request",
        "set.held",
    ),
    "an edit that takes the title away": (
        '["priorities:edit",{"code":"P1","set":{"title":null}}]',
        "bad_request",
        "set.title",
    ),
    "an edit to an end before the start": (
        '["calendar:edit",{"code":"C1","set":{"end":"2026-11-22T09:00:00Z"}}]',
        "bad_request",
        "set.end",
    ),
    "an edit to a start after the end": (
        '["calendar:edit",{"code":"C1","set":{"start":"2026-12-01T09:00:00Z"}}]',
        "bad_request",
        "set.end",
    ),
    "an edit to a date where there is a time": (
        '["calendar:edit",{"code":"C1","set":{"start":"2026-11-23"}}]',
        "bad_request",
        "set.end",
    ),
    "a snooze until yesterday": (
        '["priorities:snooze",{"code":"P1","until":"2020-01-01"}]',
        "bad_request",
        "until",
    ),
    "a snooze until a word": (
        f'["priorities:snooze",{{"code":"P1","until":"{VALUE}"}}]',
        "bad_request",
        "until",
    ),
    "a snooze without an end": ('["priorities:snooze",{"code":"P1"}]', "bad_request", "until"),
}

NO_CODES = ["", "P", "1", "P0", "P01", "P-1", "P1.5", "PP1", " P1", "P1 ", "P1\n", "P1;P2", "P１", "Ｐ1"]
NO_CODES += ["P1234567890", "P1' OR '1'='1", "../P1", "%501", "P" + "1" * 100_000]

CODES: dict[str, Case] = {
    "neither id nor code": (complete(""), "bad_request", "id"),
    "both id and code": (complete('"id":"p1","code":"P1"'), "bad_request", "id"),
    "an id that there is not": (complete('"id":"nobody"'), "not_found", None),
    "a code that there is not": (complete('"code":"P99"'), "not_found", None),
    "the highest code": (complete('"code":"P999999999"'), "not_found", None),
    "another section's code": (complete('"code":"C1"'), "bad_request", None),
    "a code of no section": (complete('"code":"Z1"'), "bad_request", None),
    **{f"the code {code!r}": (complete(f'"code":{dump(code)}'), "bad_request", "code") for code in NO_CODES},
    "a code that is a number": (complete('"code":1'), "bad_request", "code"),
    "a code that is a list": (complete('"code":["P1"]'), "bad_request", "code"),
    "an empty id": (complete('"id":""'), "bad_request", "id"),
    "an id of 321 characters": (complete(f'"id":"{"i" * 321}"'), "bad_request", "id"),
    "an id with a line break": (complete('"id":"p1\\n"'), "bad_request", "id"),
    "an id with a NUL": (complete('"id":"p1\\u0000"'), "bad_request", "id"),
    "an id in NFD": (complete('"id":"e\\u0301"'), "not_found", None),
    "a drop of nothing": ('["priorities:drop",{}]', "bad_request", "ids"),
    "a drop by ids and by codes": ('["priorities:drop",{"ids":["p1"],"codes":["P1"]}]', "bad_request", "ids"),
    "a drop of codes of which one is not there": (
        '["priorities:drop",{"codes":["P1","P99"]}]',
        "not_found",
        None,
    ),
    "a drop of 5,001 ids": (f'["priorities:drop",{{"ids":{dump(["x"] * 5_001)}}}]', "too_large", "ids"),
    "a drop of 1,001 codes": (
        f'["priorities:drop",{{"codes":{dump(["P1"] * 1_001)}}}]',
        "too_large",
        "codes",
    ),
}

ROOMS: dict[str, Case] = {
    **{
        f"the room {room!r}": (dump(["state:subscribe", {"rooms": [room]}]), "bad_request", "rooms")
        for room in (
            "nope",
            "*",
            "../state",
            "State",
            "state ",
            "calendar*",
            "a" * 64,
            "__proto__",
            "state\0",
        )
    },
    "an empty room": ('["state:subscribe",{"rooms":[""]}]', "bad_request", "rooms.0"),
    "a room of 65 characters": (
        f'["state:subscribe",{{"rooms":["{VALUE:x<65}"]}}]',
        "bad_request",
        "rooms.0",
    ),
    "a room that is a number": ('["state:subscribe",{"rooms":[1]}]', "bad_request", "rooms.0"),
    "a room beside a good one": ('["state:subscribe",{"rooms":["state","nope"]}]', "bad_request", "rooms"),
    "33 rooms": (f'["state:subscribe",{{"rooms":{dump(["state"] * 33)}}}]', "too_large", "rooms"),
    "100,000 rooms": (f'["state:subscribe",{{"rooms":{dump(["state"] * 100_000)}}}]', "too_large", "rooms"),
    "leaving a room that there is not": ('["state:unsubscribe",{"rooms":["nope"]}]', "bad_request", "rooms"),
    "the sid of somebody": ('["state:subscribe",{"rooms":["OtxJzC5oDOxgAAAB"]}]', "bad_request", "rooms"),
    "a section that there is not": ('["state:get",{"sections":["nope"]}]', "bad_request", "sections"),
    "the room of all as a section": ('["state:get",{"sections":["state"]}]', "bad_request", "sections"),
    "a resume that is a text": ('["state:subscribe",{"rooms":[],"resume":"x"}]', "bad_request", "resume"),
    "a position that is a text": ('["state:sync",{"epoch":"x","seq":"1"}]', "bad_request", "seq"),
    "a position below zero": ('["state:sync",{"epoch":"x","seq":-1}]', "bad_request", "seq"),
    "a position beyond 2^53": (f'["state:sync",{{"epoch":"x","seq":{2**53}}}]', "bad_request", "seq"),
    "positions in 100,000 rooms": (
        f'["state:sync",{{"epoch":"x","rooms":{{{KEYS_100_000}}}}}]',
        "bad_request",
        "",
    ),
}

JSON: dict[str, Case] = {
    "NaN": (put('{"id":"x","title":"t","rank":NaN}'), "bad_request", "items.0.rank"),
    "Infinity": (put('{"id":"x","title":"t","rank":Infinity}'), "bad_request", "items.0.rank"),
    "-Infinity": (put('{"id":"x","title":"t","rank":-Infinity}'), "bad_request", "items.0.rank"),
    "1e999": (put('{"id":"x","title":"t","rank":1e999}'), "bad_request", "items.0.rank"),
    "NaN in a brief": (brief('"mood":NaN'), "bad_request", "brief.mood"),
    "NaN in an unknown event": ('["nope",{"a":NaN}]', "bad_request", "a"),
    "NaN for a payload": ('["priorities:put",NaN]', "bad_request", ""),
    "a lone surrogate in a title": (put('{"id":"x","title":"\\ud800"}'), "bad_request", "items.0.title"),
    "a lone low surrogate": (put('{"id":"x","title":"a\\udc00"}'), "bad_request", "items.0.title"),
    "surrogates the wrong way round": (
        put('{"id":"x","title":"\\ude00\\ud83d"}'),
        "bad_request",
        "items.0.title",
    ),
    "a lone surrogate in an id": (put('{"id":"\\ud800","title":"t"}'), "bad_request", "items.0.id"),
    "a lone surrogate in a field name": (put('{"id":"x","\\ud800":1}'), "bad_request", "items.0"),
    "a lone surrogate in an op": (complete('"code":"P1","op":"\\ud800"'), "bad_request", "op"),
    "a lone surrogate in a room": ('["state:subscribe",{"rooms":["\\ud800"]}]', "bad_request", "rooms.0"),
    "lists 33 deep": (brief(f'"x":{DEEP_33}'), "bad_request", ""),
    "lists 100,000 deep": (brief(f'"x":{DEEP_100_000}'), "bad_request", ""),
    "lists 100,000 deep and no end": (f'["brief:set",{DEEP_100_000[:100_000]}', "bad_request", ""),
    "lists 17 deep in a brief": (brief(f'"x":{"[" * 17 + "]" * 17}'), "bad_request", "brief"),
    "2^53+1 in a brief": (brief(f'"n":{2**53 + 1}'), "bad_request", "brief"),
    "2^63 in a brief": (brief(f'"n":{2**63}'), "bad_request", "brief"),
    "a hundred digits in a brief": (brief(f'"n":{LONG_INT}'), "bad_request", "brief"),
    "1e300 in a brief": (brief('"n":1e300'), "bad_request", "brief"),
    "__proto__ in a brief": (brief('"__proto__":{"admin":true}'), "bad_request", "brief"),
    "__proto__ deep in a brief": (brief('"x":[{"y":{"__proto__":1}}]'), "bad_request", "brief"),
    "constructor in a brief": (brief('"sections":[{"title":"t","constructor":1}]'), "bad_request", "brief"),
    "an empty field name in a brief": (brief('"":1'), "bad_request", "brief"),
    "a field name of 1 MB in a brief": (brief(f'"{"k" * (1 << 20)}":1'), "bad_request", "brief"),
    "100,000 fields in a brief": (brief(KEYS_100_000), "bad_request", ""),
    "a brief must not be empty": (brief(""), "bad_request", "brief"),
    "a brief with an author": (brief(f'"text":"t","author":"{VALUE}"'), "bad_request", "brief"),
    "a brief that is a text": ('["brief:set",{"brief":"text"}]', "bad_request", "brief"),
    "a brief that is null": ('["brief:set",{"brief":null}]', "bad_request", "brief"),
}

TABLE = SHAPES | FIELDS | CODES | ROOMS | JSON | source_payloads.CASES


@pytest.mark.parametrize(("text", "code", "path"), TABLE.values(), ids=TABLE)
async def test_a_bad_request_is_acked_with_its_reason(
    arena: Arena, text: str, code: str, path: str | None
) -> None:
    async with arena.undisturbed(), arena.attacker() as session:
        ack = await session.ask_text(text)
        check_refusal(ack, code, path)
        assert (await session.ask("state:get", {}, id=2))["ok"]


@pytest.mark.parametrize("phrase", ["a list", "a field that there is not", "NaN", "lists 100,000 deep"])
async def test_by_polling_the_same(arena: Arena, phrase: str) -> None:
    text, code, path = TABLE[phrase]
    async with arena.undisturbed(), arena.attacker("polling") as session:
        check_refusal(await session.ask_text(text), code, path)
        assert (await session.ask("state:get", {}, id=2))["ok"]


FINE: dict[str, tuple[str, Any]] = {
    "-0.0": ('"n":-0.0', 0.0),
    "1e-400": ('"n":1e-400', 0.0),
    "1E15": ('"n":1E15', 1e15),
    "2^53-1": (f'"n":{2**53 - 1}', 2**53 - 1),
    "a fraction": ('"n":0.1', 0.1),
    "a pair of surrogates": ('"n":"\\ud83d\\ude00"', "😀"),
    "a NUL": ('"n":"\\u0000"', "\0"),
    "the same field twice, of which the last counts": ('"n":1,"n":2', 2),
    "lists 15 deep": (f'"n":{"[" * 15 + "]" * 15}', json.loads("[" * 15 + "]" * 15)),
    **{
        f"a field called {name}": (f'"{name}":1,"n":1', 1)
        for name in (
            "self",
            "model_dump",
            "model_config",
            "model_extra",
            "__class__",
            "__dict__",
            "copy",
            "json",
        )
    },
    "markup": ('"n":"<script>alert(1)</script>{0.__class__}%s\'; DROP TABLE items; --"', None),
}


@pytest.mark.parametrize(("fields", "value"), FINE.values(), ids=FINE)
async def test_what_is_odd_but_json_comes_back_as_it_was(arena: Arena, fields: str, value: Any) -> None:
    async with arena.unharmed(), arena.attacker() as session:
        ack = await session.ask_text(brief(fields))
        assert ack["ok"], ack
        kept = (await session.ask("brief:get", {}))["data"]["n"]
        assert kept == (json.loads(f"{{{fields}}}")["n"] if value is None else value)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_the_same_op_with_another_payload_is_a_conflict_and_changes_nothing(
    arena: Arena, transport: str
) -> None:
    async with arena.unharmed(), arena.attacker(transport) as session:
        op = f"conflict-{transport}"
        assert (await session.ask("priorities:put", {"items": [PRIORITY | {"title": op}], "op": op}))["ok"]
        async with arena.undisturbed_state():
            check_refusal(await session.ask("priorities:put", {"items": [], "op": op}), "conflict", None)
            check_refusal(await session.ask("system:set", {"progress": 7, "op": op}), "conflict", None)


async def test_nothing_that_a_client_sends_becomes_a_label_of_a_metric(arena: Arena) -> None:
    async with arena.undisturbed(), arena.attacker() as session:
        for text in (
            '["nope",{}]',
            '["__proto__",{}]',
            '["nope:put",{}]',
            '["state:subscribe",{"rooms":["nope"]}]',
        ):
            assert not (await session.ask_text(text))["ok"]
        _, stats = await arena.server.get("/stats")
        assert set(stats["totals"]["requests"]) <= {*REGISTRY.requests, "unknown"}
        assert set(stats["totals"]["patches_sent"]) <= set(REGISTRY.rooms)
