"""Traces (sio_server/tracing): sent to a receiver by OTLP over HTTP, and to nobody unless asked for."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from sio_server.tracing import ENDPOINT, TracingError, traces_of
from tests.running import ROOT, PythonClient, RunningServer

WORD = "Kestrel"
Span = Any


class Receiver:
    """Takes what is posted to /v1/traces."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.url = ""

    async def start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_post("/v1/traces", self._take)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    async def _take(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        return web.Response(content_type="application/x-protobuf")

    def spans(self) -> list[Span]:
        """All that came, in no order."""
        wire = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
        found = [wire.ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        scopes = [scope for one in found for resource in one.resource_spans for scope in resource.scope_spans]
        return [span for scope in scopes for span in scope.spans]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="requirements-otel.txt")
    made = Receiver()
    runner = await made.start()
    yield made
    await runner.cleanup()


async def test_a_request_is_one_trace_from_socket_to_fan_out(receiver: Receiver, tmp_path: Path) -> None:
    server = RunningServer(tmp_path / "data", env={ENDPOINT: receiver.url})
    await server.start()
    client = await PythonClient(client="ana").connect(server.url)
    await client.done("priorities:put", items=[{"id": "a", "title": WORD}])
    await client.done("search:stats")
    await client.refused("priorities:complete", code="P9")
    await client.disconnect()
    await server.stop()
    spans = receiver.spans()
    [put] = [span for span in spans if span.name == "priorities:put"]
    parts = {span.name: span for span in spans if span.parent_span_id == put.span_id}
    assert set(parts) == {"commit", "fan-out"}
    assert {span.trace_id for span in parts.values()} == {put.trace_id}
    commit, sent = parts["commit"], parts["fan-out"]
    times = [put.start_time_unix_nano, commit.start_time_unix_nano, sent.start_time_unix_nano]
    assert times == sorted(times)
    assert put.end_time_unix_nano >= sent.start_time_unix_nano
    codes = {span.name: [one.value.string_value for one in span.attributes] for span in spans}
    assert codes["priorities:put"] == ["ok"]
    assert codes["priorities:complete"] == ["not_found"]
    assert codes["search:stats"] == ["ok"]
    assert WORD.encode() not in b"".join(receiver.bodies)


async def test_a_receiver_that_is_not_there_disturbs_nobody(receiver: Receiver, tmp_path: Path) -> None:
    server = RunningServer(tmp_path / "data", env={ENDPOINT: "http://127.0.0.1:9"})
    await server.start()
    client = await PythonClient(client="ana").connect(server.url)
    await client.done("priorities:put", items=[{"id": "a", "title": WORD}])
    await client.disconnect()
    assert await server.stop() == 0


async def test_nothing_of_it_is_loaded_unless_it_is_asked_for() -> None:
    assert traces_of({}, "1") is None
    program = (
        "import sys, serve, sio_server.app; print([name for name in sys.modules if 'opentelemetry' in name])"
    )
    run = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


def test_without_the_packages_the_server_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(TracingError, match=r"requirements-otel\.txt"):
        traces_of({ENDPOINT: "http://127.0.0.1:4318"}, "1")
