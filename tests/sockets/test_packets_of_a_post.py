"""The body of a POST and the text of a frame, however long they are (sockets.driver, websocket.text_of)."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sio_server.sockets import driver, websocket
from sio_server.sockets.driver import check, packets_in
from sio_server.sockets.packets import Malformed
from sio_server.sockets.websocket import CUT_BYTES, text_of

MARKS = "\N{COMBINING TILDE}\N{GRINNING FACE}\N{EURO SIGN}a"


@given(st.lists(st.text(alphabet="ab\u0303\u20ac\U0001f600", min_size=1, max_size=9), min_size=1, max_size=6))
def test_packets_come_out_as_they_went_in_wherever_the_steps_end(texts: list[str]) -> None:
    packets = [f"4{text}" for text in texts]
    body = "\x1e".join(packets).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(driver, "STEP_BYTES", 3)
        check(body)
    assert list(packets_in(body)) == packets


@given(st.binary(min_size=1, max_size=40))
def test_a_body_is_refused_if_it_is_not_utf_8_wherever_the_steps_end(body: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(driver, "STEP_BYTES", 3)
        try:
            check(body)
        except Malformed:
            return
    body.decode()
    for packet in body.split(b"\x1e"):
        assert packet


@pytest.mark.parametrize("mark", [*MARKS, MARKS])
def test_of_a_text_longer_than_any_message_the_beginning_is_left(mark: str) -> None:
    text = "4" + mark * (CUT_BYTES // len(mark.encode()) + 9)
    for cut in (text_of(text.encode()).decode(), *packets_in(text.encode())):
        assert isinstance(cut, str)
        assert text.startswith(cut)
        assert CUT_BYTES - 4 < len(cut.encode()) <= CUT_BYTES
    with pytest.raises(UnicodeDecodeError):
        text_of(text.encode()[: CUT_BYTES // 2] + b"\xff" * CUT_BYTES)


def test_base64_longer_than_any_message_is_dropped_unread() -> None:
    packet = b"b" + base64.b64encode(bytes(CUT_BYTES))
    assert list(packets_in(packet + b"\x1e4x")) == [b"", "4x"]
    assert list(packets_in(packet[: CUT_BYTES - 3])) == [bytes((CUT_BYTES - 4) // 4 * 3)]
    with pytest.raises(Malformed):
        list(packets_in(b"b@@@"))


def test_what_is_handled_at_once_is_shorter_than_what_is_cut() -> None:
    assert driver.STEP_BYTES <= websocket.TAKEN_BYTES < CUT_BYTES
