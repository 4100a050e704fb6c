"""The dashboard's client module in a Node process, for tests."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from tempfile import TemporaryFile
from typing import Any

from tests.node.driver import LINE_LIMIT_BYTES, NODE_FOLDER, require_node
from tests.running import WAIT_S, until

Json = Any


class DashboardClient:
    """One client; `told` is what it dispatched, in order: (event, detail)."""

    def __init__(self, process: Process) -> None:
        self.told: list[tuple[str, Json]] = []
        self._process = process
        self._refs = count(1)
        self._answers: dict[int, asyncio.Future[Json]] = {}

    async def connect(self, url: str, options: Json = None, **auth: Json) -> None:
        """Begins to connect; `options` go to socket.io-client."""
        await self.tell(do="connect", url=url, auth=auth, options=options or {})

    async def request(self, event: str, payload: Json, **options: Json) -> Json:
        """The ack of `client.request`."""
        return await self.ask(do="request", event=event, payload=payload, options=options)

    async def change(self, event: str, payload: Json, **options: Json) -> Json:
        """The ack of `client.change`."""
        return await self.ask(do="change", event=event, payload=payload, options=options)

    async def held(self) -> Json:
        """Shape: {position, link, sections: {section: {id: item}}}."""
        return await self.ask(do="held")

    async def wait_for_position(self, seq: int) -> None:
        """Returns when the replica has come so far."""
        async with asyncio.timeout(WAIT_S):
            while ((await self.held())["position"] or {"seq": -1})["seq"] < seq:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def ask(self, **command: Json) -> Json:
        """The answer to a command."""
        ref = next(self._refs)
        answer = self._answers[ref] = asyncio.get_running_loop().create_future()
        await self.tell(**command, ref=ref)
        return await asyncio.wait_for(answer, 3 * WAIT_S)

    async def tell(self, **command: Json) -> None:
        """Sends a command."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        await self._process.stdin.drain()

    def details(self, event: str, after: int = 0) -> list[Json]:
        """The details of this event, from a place in `told` on."""
        return [detail for name, detail in self.told[after:] if name == event]

    async def wait_for(
        self, event: str, matching: Callable[[Json], Any] = lambda detail: True, after: int = 0
    ) -> Json:
        """The first detail of this event that matches, from a place in `told` on."""
        found = await until(
            lambda: [detail for detail in self.details(event, after) if matching(detail)], f"a {event}"
        )
        return found[0]

    async def stage(self, stage: str, after: int = 0) -> Json:
        """The link, when it comes to this stage."""
        return await self.wait_for("link", lambda link: link["stage"] == stage, after)

    async def read(self) -> None:
        """Takes the lines in until the process ends."""
        assert self._process.stdout is not None
        async for raw in self._process.stdout:
            line = json.loads(raw)
            if "ref" in line:
                self._answers.pop(line["ref"]).set_result(line["answer"])
            else:
                self.told.append((line["event"], line.get("detail")))


@asynccontextmanager
async def dashboard_client() -> AsyncIterator[DashboardClient]:
    """A client in a process of its own; skips the test where Node is not set up."""
    program = (require_node(), NODE_FOLDER / "dashboard_client.mjs")
    with TemporaryFile() as complaints:
        process = await create_subprocess_exec(
            *program, stdin=PIPE, stdout=PIPE, stderr=complaints, limit=LINE_LIMIT_BYTES
        )
        client = DashboardClient(process)
        reading = asyncio.create_task(client.read())
        try:
            yield client
        finally:
            assert process.stdin is not None
            process.stdin.close()
            await asyncio.wait_for(process.wait(), WAIT_S)
            await reading
            complaints.seek(0)
            assert complaints.read() == b""
