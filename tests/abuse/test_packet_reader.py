"""The reader of packets alone: any text is a packet or is malformed, and neither takes long."""

from __future__ import annotations

import json
import math
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sio_server.sockets.packets import Malformed, Packet, read, read_head

SLOW_S = 2.0  # a parse of megabytes takes milliseconds; what is quadratic takes minutes

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
heads = st.from_regex(r"\A[0-7]([0-9]{0,3}-)?(/[a-z?=]{0,5},)?[0-9]{0,17}\Z")
near_packets = st.builds(
    lambda head, value, tail: head + json.dumps(value) + tail,
    heads,
    json_values | st.builds(lambda *parts: list(parts), st.text(max_size=8), json_values),
    st.sampled_from(["", "", "", "]", "\0", " ", "1"]),
)


@given(st.text(st.characters()) | near_packets)
@example("")
@example('2["x",{"a":1e999}]')
@example('2["x",' + "9" * 400 + "]")
@example('2["x",-' + "9" * 4_000 + ".0]")
@example('2["x",NaN,' + "9" * 5_000 + "]")
@example('51-["x",{"_placeholder":true,"num":0,"num":0}]')
def test_any_text_is_a_packet_or_malformed(text: str) -> None:
    read_head(text)
    try:
        packet = read(text)
    except Malformed:
        return
    assert isinstance(packet, Packet)
    assert packet.flaw is not None or is_plain(packet.data)


HARD: dict[str, str] = {
    "100,000 opening brackets": '2["x",' + "[" * 100_000,
    "100,000 lists in each other": '2["x",' + "[" * 100_000 + "]" * 100_000 + "]",
    "100,000 objects in each other": '2["x",' + '{"a":' * 100_000 + "1" + "}" * 100_000 + "]",
    "1,000 lists in each other": '2["x",' + "[" * 1_000 + "]" * 1_000 + "]",
    "1,000 lists in each other, in a binary event": '51-["x",' + "[" * 1_000 + "]" * 1_000 + "]",
    "1,000 lists in each other, with NaN inside": '2["x",' + "[" * 900 + "NaN" + "]" * 900 + "]",
    "a number of a million digits": '2["x",' + "9" * 1_000_000 + "]",
    "a number of a million digits beside NaN": '2["x",NaN,' + "9" * 1_000_000 + "]",
    "an ack id of a million digits": "2" + "9" * 1_000_000 + '["x"]',
    "a namespace of a million characters": "2/" + "n" * 1_000_000 + ',["x"]',
    "an attachment count of a million digits": "5" + "9" * 1_000_000 + '-["x"]',
    "a million escaped quotes": '2["x","' + '\\"' * 1_000_000 + '"]',
    "a million lone surrogates": '2["x","' + "\\ud800" * 300_000 + '"]',
    "100,000 keys": '2["x",{' + ",".join(f'"k{n}":NaN' for n in range(100_000)) + "}]",
    "100,000 placeholders": '51-["x"' + ',{"_placeholder":true,"num":0}' * 100_000 + "]",
    "2 MB of white space": "2" + " " * 2_000_000 + '["x"]',
    "2 MB of commas": "2[" + "," * 2_000_000,
}


@pytest.mark.parametrize("text", HARD.values(), ids=HARD)
def test_what_is_hard_to_read_is_read_quickly_all_the_same(text: str) -> None:
    began = time.process_time()
    test_any_text_is_a_packet_or_malformed.hypothesis.inner_test(text)  # type: ignore[attr-defined]
    assert time.process_time() - began < SLOW_S


def test_no_int_of_many_digits_is_made() -> None:
    """It takes the square of its digits: 500 of 4,000 digits held the event loop for 80 ms."""
    assert read('2["x",NaN,' + "9" * 4_000 + "]").data[2] == math.inf


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ('{"items":[{"rank":NaN}]}', "items.0.rank"),
        ('{"items":[{},{"title":"\\ud800"}]}', "items.1.title"),
        ('{"a":{"\\udfff":1}}', "a"),
        ("1e999", ""),
    ],
)
def test_a_flaw_says_where_it_is(payload: str, path: str) -> None:
    packet = read(f'2["x",{payload}]')
    assert packet.flaw is not None
    assert packet.flaw.path == path


def is_plain(value: Any) -> bool:
    """Whether every JSON reader understands the value."""
    if isinstance(value, dict):
        return all(is_plain(child) for pair in value.items() for child in pair)
    if isinstance(value, list):
        return all(is_plain(child) for child in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, str) or value.encode("utf-8", "replace").decode() == value
