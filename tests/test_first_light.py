"""The spine, end to end: a put reaches disk and every dashboard, and survives kill -9."""

from __future__ import annotations

import pytest

from tests.conftest import Connect
from tests.running import PythonClient, RunningServer

pytestmark = pytest.mark.usefixtures("both_paths")

EVENT = {"id": "e1", "title": "Board call", "start": "2026-11-23T09:00:00Z", "end": "2026-11-23T10:00:00Z"}


@pytest.fixture
def kind() -> type[RunningServer]:
    """As a person starts it: this is about the process."""
    return RunningServer


async def test_a_put_reaches_every_dashboard_and_survives_a_kill(
    server: RunningServer, connect: Connect
) -> None:
    dashboard = await connect(client="wall")
    collector = await connect(source="ics:work")
    ack = await collector.request("calendar:put", items=[EVENT], mode="replace", op="put-1")
    assert ack["ok"]
    assert ack["data"]["codes"] == {"e1": "C1"}
    patch = await dashboard.wait_for("state:patch")
    assert (patch["prev"], patch["seq"], patch["cause"]["op"]) == (0, 1, "put-1")
    before = await dashboard.state()
    await server.restart()
    again = await PythonClient(resume={"epoch": patch["epoch"], "seq": 1}).connect(server.url)
    sync = await again.wait_for("state:sync")
    assert sync["mode"] == "current"
    assert await again.state() == before
    await again.disconnect()
