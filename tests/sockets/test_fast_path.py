"""A client's fast path is open only while nothing can be overtaken (sockets/fast_path, sockets/sending)."""

from __future__ import annotations

from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from sio_server.sockets.driver import EngineWebSocket
from sio_server.sockets.engine import EngineSocket
from sio_server.sockets.packets import Bundle, Malformed, event_text
from sio_server.sockets.server import EngineServer
from sio_server.sockets.websocket import Protocol
from tests.running import until

PATCH = Bundle([event_text("state:patch", b"{}")])
ACK = event_text("ack", b"{}")


class Wired:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        raise AssertionError("nothing is read")

    def get_write_buffer_size(self) -> int:
        return 0

    def get_extra_info(self, name: str) -> Any:
        return None


async def nothing(message: Any = None) -> Any:
    raise AssertionError("ASGI is not used")


class Nobody:
    """Takes what the session brings, which is nothing."""

    def take_now(self, sid: str, text: str) -> bool:
        raise AssertionError("nothing comes")

    async def malformed(self, sid: str, reason: Malformed) -> None:
        raise AssertionError("nothing comes")

    def idle(self, sid: str) -> None:
        pass

    def pinged(self, sid: str) -> None:
        """Says nothing."""


@pytest.fixture
async def session() -> EngineSocket:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("no request is made")

    config = uvicorn.Config(app, log_config=None, ws_per_message_deflate=False)
    config.load()
    protocol = Protocol(config, ServerState(), {})
    protocol.connection_made(Wired())  # type: ignore[arg-type]
    server = EngineServer(Nobody(), direct=True, async_mode="asgi")
    made = EngineSocket(server, "sid")
    made._direct, made._websocket = protocol, EngineWebSocket({}, nothing, nothing)
    protocol.attach(made, made.fast_path)
    return made


def websocket(session: EngineSocket) -> tuple[Protocol, list[bytes]]:
    protocol: Any = session._direct
    return protocol, protocol.transport.written


async def test_a_patch_that_went_straight_to_the_transport_opens_it(session: EngineSocket) -> None:
    _, written = websocket(session)
    opened = [session.fast_path.open, session.post_now(PATCH), session.fast_path.open]
    assert opened == [False, True, True]
    session.fast_path.write(b"next")
    assert written == [PATCH.frame, b"next"]


async def test_an_ack_that_waits_for_the_end_of_the_turn_closes_it(session: EngineSocket) -> None:
    _, written = websocket(session)
    session.post_now(PATCH)
    session.post(ACK)
    assert not session.fast_path.open
    assert session.post_now(PATCH)  # behind the ack, in one write
    assert written == [PATCH.frame, ACK.frame + PATCH.frame]
    assert session.fast_path.open


async def test_a_peer_that_stops_reading_closes_it_and_what_it_reads_later_does_not_open_it(
    session: EngineSocket,
) -> None:
    protocol, written = websocket(session)
    session.post_now(PATCH)
    protocol.pause_writing()
    assert not session.fast_path.open
    assert not session.post_now(PATCH)
    session.post(ACK)
    protocol.resume_writing()
    assert written == [PATCH.frame, ACK.frame]
    assert not session.fast_path.open  # the client may lag: it is sent a sync first
    assert session.post_now(PATCH)
    assert session.fast_path.open


async def test_the_end_of_the_session_closes_it(session: EngineSocket) -> None:
    session.server.handlers["disconnect"] = lambda sid, reason: until(lambda: True)
    session.post_now(PATCH)
    await session.close(abort=True)
    assert not session.fast_path.open
