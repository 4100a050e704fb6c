"""A bound on entries wherever there is one on bytes (sockets/values.py, models.base.Few): what each request
costs, whatever it holds, is counted in calls that Python makes, not in time."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from handlers import REGISTRY
from models.base import FREE_DEPTH, free_json
from models.batch import MAX_ITEMS
from models.brief import MAX_VALUES
from models.handshake import Handshake
from models.records import GivenRecord
from sio_server.clients.limits import Bucket, Meter
from sio_server.clients.transport import MAX_MESSAGE_BYTES
from sio_server.registry.roles import Principal, Role
from sio_server.sockets import packets, values
from sio_server.sockets.values import MAX_ENTRIES, MAX_FIELDS, MAX_NESTS, TOO_MANY, Malformed
from tests.core.seats import Core, Seat
from tests.largest import FIELDS, FILLINGS, filled, payloads

ANYBODY = Principal("local", "ada", Role.ADMIN)
CALLS = 40_000
"""Of Python and of C, for one message: a few milliseconds. To judge each of MANY by itself takes more."""
MANY = MAX_ENTRIES // 10  # of a unit: within the bound, whatever the unit is made of


@contextmanager
def counted() -> Iterator[Callable[[], int]]:
    """How many calls Python makes in the block, of its own functions and of C's."""
    calls = 0

    def note(frame: Any, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        yield lambda: calls
    finally:
        sys.setprofile(None)


async def seated(core: Core) -> Seat:
    """A client whose requests are charged, as those of a token are."""
    seat = await Seat(core, ANYBODY).begin()
    seat.client.meter = Meter((Bucket(1e9, 0.0),), lambda: 0.0)
    return seat


def take(seat: Seat, core: Core, message: str) -> None:
    """As the transport takes a message in."""
    try:
        packet = packets.read(message)
    except Malformed:
        return
    if packet.kind is packets.Kind.EVENT:
        core.dispatch.receive(seat.client, packet.id, packet.data, packet.flaw, len(message))


@pytest.mark.parametrize("event", REGISTRY.requests)
async def test_whatever_a_message_holds_it_is_refused_with_little_work(core: Core, event: str) -> None:
    seat = await seated(core)
    names = FIELDS[event] or ["unknown"]
    largest = [(names[0], filling, MAX_MESSAGE_BYTES) for filling in ("commas", "bars", "quotes", "digits")]
    many = [(name, filling, MANY) for name in names for filling in FILLINGS]
    for name, filling, entries in (*largest, *many):
        message = filled(f'21["{event}",{{"{name}":', filling, "}]", entries)
        with counted() as calls:
            take(seat, core, message)
        assert calls() < CALLS, (name, filling, entries)
    wide = ",".join(f'"field-{number}":0' for number in range(100_000))
    with counted() as calls:
        take(seat, core, f'21["{event}",{{{wide}}}]')
    assert calls() < CALLS


@pytest.mark.parametrize("event", REGISTRY.requests)
async def test_the_largest_that_is_allowed_is_taken_in_with_little_work_too(core: Core, event: str) -> None:
    """Once it is read, which is done on a thread (messages.READ_AT_ONCE)."""
    seat = await seated(core)
    for id, (style, payload) in enumerate(payloads(REGISTRY.requests[event].payload, MAX_MESSAGE_BYTES)):
        packet = packets.read(f'2{id}["{event}",{orjson.dumps(payload).decode()}]')
        assert packet.flaw is None, style
        with counted() as calls:
            core.dispatch.receive(seat.client, packet.id, packet.data, packet.flaw, 1)
        assert calls() < CALLS, style
        await seat.ack(id)


@pytest.mark.parametrize("filling", FILLINGS)
@pytest.mark.parametrize("head", ["31[", "0", '51-["x",', '42["x",', '2["x",'])
def test_no_other_packet_takes_more(head: str, filling: str) -> None:
    with counted() as calls, suppress(Malformed):
        packets.read(filled(head, filling, "]" if "[" in head else ""))
    assert calls() < CALLS


def test_a_message_of_as_much_as_may_be_is_read_and_one_value_more_is_not() -> None:
    for unit, marks in (("0", 1), ('"a,b"', 1), ('"\\\\"', 1), ('"\\",\\""', 1), ("{}", 1)):
        whole = ",".join(['"x"', *[unit] * ((MAX_ENTRIES - 1) // marks)])
        assert packets.read(f"2[{whole}]").flaw is None
    more = "2" + "[" + ",".join(['"x"', *['"a,b"'] * MAX_ENTRIES]) + "]"
    assert packets.read(more).flaw is TOO_MANY
    objects = '2["x",' + ",".join(['{"a":0}'] * (MAX_ENTRIES // 2 + 1)) + "]"
    assert packets.read(objects).flaw is TOO_MANY
    filled_ones = ['{"a":0}', "[0]", "[]"] * (MAX_NESTS // 2)
    assert packets.read(f'2["x",{",".join(filled_ones)}]').flaw is TOO_MANY
    assert packets.read(f'2["x",{",".join(filled_ones[1:])}]').flaw is None
    text = '2["x","' + "a,[{" * 400_000 + '"]'
    assert packets.read(text).data[1].count(",") == 400_000


async def test_what_json_cannot_carry_is_told_so_to_whom_it_is_charged(core: Core) -> None:
    seat = await seated(core)
    packet = packets.read(filled('21["state:get",{"sections":', "numbers, then NaN", "}]", MANY * 2))
    core.dispatch.receive(seat.client, packet.id, packet.data, packet.flaw, 1)
    assert (packet.data, (await seat.ack(1))["error"]["code"]) == (None, "bad_request")


async def test_what_holds_too_much_is_told_so(core: Core) -> None:
    seat = await seated(core)
    packet = packets.read(filled('21["state:get",{"sections":', "numbers", "}]"))
    core.dispatch.receive(seat.client, packet.id, packet.data, packet.flaw, 1)
    error = (await seat.ack(1))["error"]
    assert (error["code"], f"{MAX_ENTRIES:,} values" in error["message"]) == ("too_large", True)


def sequences(schema: Any) -> Iterator[dict[str, Any]]:
    """The lists, tuples and sets in what pydantic makes of a model."""
    if isinstance(schema, dict):
        if schema.get("type") in ("list", "tuple", "set", "frozenset", "generator"):
            yield schema
        for child in schema.values():
            yield from sequences(child)
    elif isinstance(schema, (list, tuple)):
        for child in schema:
            yield from sequences(child)


@pytest.mark.parametrize(
    "model", [*dict.fromkeys(each.payload for each in REGISTRY.requests.values()), Handshake, GivenRecord]
)
def test_every_list_of_a_payload_has_a_most_and_ends_at_the_first_bad_entry(model: type[Any]) -> None:
    for found in sequences(TypeAdapter(model).core_schema):
        assert found.get("max_length", MAX_ITEMS + 1) <= MAX_ITEMS, found
        taken_as_it_is = found["type"] == "list" and found["items_schema"]["type"] == "any"
        assert found.get("fail_fast") or taken_as_it_is, found


@pytest.mark.parametrize("most", [1_000, MAX_VALUES])
def test_what_is_an_authors_own_has_a_most_too(most: int) -> None:
    assert free_json([0] * (most - 1), most)
    assert free_json({"a": [{}] * (most - 2)}, most)
    many: Any
    for many in ([0] * most, {"a": [[]] * (most - 1)}, [[0] * 10] * (most // 10)):
        with pytest.raises(ValueError, match="too many values"):
            free_json(many, most)
    deep = orjson.loads("[" * FREE_DEPTH + "]" * FREE_DEPTH)
    assert free_json(deep) == deep
    for deeper in ([deep], {"a": deep}):
        with pytest.raises(ValueError, match="too deeply"):
            free_json(deeper)


def test_an_object_of_many_fields_is_not_judged_field_by_field() -> None:
    wide = ",".join(f'"field-{number}":0' for number in range(MAX_FIELDS + 1))
    flaw = packets.read(f'2["state:get",{{{wide}}}]').flaw
    assert flaw is not None
    assert "fields" in flaw.message


def size(value: Any) -> int:
    """How many values are in it."""
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return sum(1 + size(child) for child in children)


ODD = st.text(st.sampled_from(["a", "\\", '"', ",", "[", "{", "}", "]", "\u00e9", "\n"]), max_size=12)


@given(st.recursive(ODD | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(ODD, inner)))
def test_values_are_counted_wherever_the_text_is_cut_and_whatever_its_strings_hold(value: Any) -> None:
    text, chunk = json.dumps(value, separators=(",", ":")), 7
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(values, "CHUNK", chunk)
        held = size(value)
        if held:
            assert values._holds_more_outside_strings(held - 1, text)
        # An empty list that is cut in two counts as one value more.
        most = max(held, text.count('"') // 4) + len(text) // chunk + 1
        assert not values._holds_more_outside_strings(most, text)
