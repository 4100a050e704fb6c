"""Under a plain `uvicorn serve:app` (asgi.py): settings come from the environment, and clients are served."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest

from handlers import REGISTRY
from sio_server.asgi import FromEnvironment
from tests.running import ROOT, WAIT_S, PythonClient


async def start_of(app: FromEnvironment) -> list[MutableMapping[str, Any]]:
    """What the app answers to the begin of its lifespan."""
    said: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "lifespan.startup"}

    async def send(message: MutableMapping[str, Any]) -> None:
        said.append(message)

    await app({"type": "lifespan"}, receive, send)
    return said


async def test_uvicorn_serves_the_app_with_the_settings_of_the_environment(tmp_path: Path) -> None:
    settings = {"ADJUTANT_DATA_DIR": str(tmp_path / "data"), "ADJUTANT_HTTP_PORT": "0"}
    command = (sys.executable, "-m", "uvicorn", "serve:app", "--port", "0")
    environment = os.environ | settings
    server = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stderr=PIPE)
    assert server.stderr is not None
    port = None
    while port is None:
        line = await asyncio.wait_for(server.stderr.readline(), WAIT_S)
        assert line, "uvicorn did not start"
        port = re.search(rb"http://127\.0\.0\.1:(\d+)", line)
    client = PythonClient()
    await client.connect(f"http://127.0.0.1:{int(port[1])}")
    await client.done("calendar:put", items=[{"id": "e", "title": "Walk", "start": "2026-11-23"}])
    await client.disconnect()
    server.send_signal(signal.SIGINT)
    await asyncio.wait_for(server.communicate(), WAIT_S)
    assert (tmp_path / "data" / "adjutant.db").exists()


async def test_a_wrong_setting_fails_the_start_with_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADJUTANT_PORT", "x")
    [failed] = await start_of(FromEnvironment(REGISTRY))
    assert failed["type"] == "lifespan.startup.failed"
    assert "--port" in failed["message"]


async def test_without_lifespan_events_it_says_what_to_do() -> None:
    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request"}

    async def send(message: MutableMapping[str, Any]) -> None:
        pytest.fail(f"answered with {message}")

    with pytest.raises(RuntimeError, match="--lifespan on"):
        await FromEnvironment(REGISTRY)({"type": "http", "path": "/"}, receive, send)
