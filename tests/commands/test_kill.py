"""kill -9 in the middle of typed lines: by its op each is done once, and can be undone after."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path
from typing import Any

import apsw
import orjson
import pytest

from tests.abuse.arena import changed_server
from tests.conftest import Serve
from tests.following import Follower
from tests.running import WAIT_S, RunningServer, until

Json = Any

KILL_AFTER_APPEND = """
import os, pathlib, signal
from sio_server.log.sqlite import SqliteLog
written = SqliteLog.append
def append(*arguments):
    written(*arguments)
    if pathlib.Path(__file__).with_name("kill").exists():
        os.kill(os.getpid(), signal.SIGKILL)
SqliteLog.append = append
"""
"""The server falls when the first batch is on disk and nobody was told."""

ITEMS = 12


async def put_items(client: Follower, name: str) -> list[str]:
    """The codes of some new items."""
    items = [{"id": f"{name}.{number}", "title": f"{name} {number}"} for number in range(ITEMS)]
    return list((await client.done("priorities:put", {"items": items}))["codes"].values())


def lines_about(codes: list[str], name: str) -> list[tuple[str, Json]]:
    """A line for each item, of every kind that changes something."""
    kinds = (
        "approve {code}",
        "drop {code} | add priority instead of {op}",
        "add owe {op} | approve {code} | add owed {op}",
        "update {code} new {op}",
        "snooze {code} 300d | update {code} asleep {op}",
        "drop {code}",
    )
    asked: list[tuple[str, Json]] = []
    for number, code in enumerate(codes):
        op = f"{name}-{number}"
        asked.append(("command:run", {"text": kinds[number % len(kinds)].format(code=code, op=op), "op": op}))
    return asked


async def send_and_fall(
    client: Follower, server: RunningServer, asked: list[tuple[str, Json]], acks: int | None
) -> dict[str, Json]:
    """Sends everything at once, kills when so many acks have come (None: the server falls by itself);
    the acks that came, by op."""
    acked: dict[str, Json] = {}
    for event, payload in asked:
        answer = await client.send(event, payload)
        answer.add_done_callback(lambda done, op=payload["op"]: acked.update({op: done.result()}))  # type: ignore[misc]
    if acks is not None:
        await until(lambda: len(acked) >= acks, "the acks")
        await server.kill()
    await until(lambda: not client.sio.connected, "the end of the connection")
    return acked


def on_disk(server: RunningServer) -> Counter[str]:
    """How many commits each op has."""
    store = apsw.Connection(str(server.data_dir / "adjutant.db"), flags=apsw.SQLITE_OPEN_READONLY)
    causes = [orjson.loads(body)["cause"] for (body,) in store.execute("SELECT body FROM changes")]
    store.close()
    return Counter(cause["op"] for cause in causes if "op" in cause)


async def repeat(
    client: Follower, asked: list[tuple[str, Json]], acked: dict[str, Json], written: Counter[str]
) -> list[Json]:
    """Sends everything again: what was acked or written is only answered."""
    acks = await client.pipeline(asked)
    for (_, payload), ack in zip(asked, acks, strict=True):
        assert ack["ok"], ack
        assert ("replay" in ack) is (payload["op"] in written)
        if payload["op"] in acked:
            assert ack == acked[payload["op"]] | {"replay": True}
    return acks


def check_round(state: Json, name: str, codes: list[str]) -> None:
    """Every line about the round's items has had its effect, once."""
    found: dict[str, Json] = {item["id"]: item for item in state["priorities"]}
    titles = Counter(item["title"] for item in state["priorities"])
    promised = Counter(
        (item["direction"], item["description"]) for way in state["commitments"].values() for item in way
    )
    for number in range(ITEMS):
        item: Json = found.get(f"{name}.{number}")
        op = f"{name}-{number}"
        match number % 6:
            case 0:
                assert (item["status"], item["rev"]) == ("done", 2)
            case 1:
                assert (item, titles[f"instead of {op}"]) == (None, 1)
            case 2:
                assert (item["status"], item["rev"]) == ("done", 2)
                assert promised["owe", op] == promised["owed", op] == 1
            case 3:
                assert (item["title"], item["rev"]) == (f"new {op}", 2)
            case 4:
                assert (item["title"], item["status"], item["rev"]) == (f"asleep {op}", "snoozed", 2)
            case 5:
                assert item is None
        assert item is None or item["code"] == codes[number]


async def undo_all(client: Follower, asked: list[tuple[str, Json]], acks: list[Json], name: str) -> None:
    """Takes every line back by its handle; then everything is as it was put."""
    handles = [ack["data"]["undo"] for ack in acks]
    assert handles == [payload["op"] for _, payload in asked]
    undone = await client.pipeline([("command:undo", {"of": handle}) for handle in handles])
    assert all(ack["ok"] for ack in undone), undone
    state = await client.state()
    mine = [item for item in state["priorities"] if item["id"].startswith(f"{name}.")]
    assert {item["title"] for item in mine} == {f"{name} {number}" for number in range(ITEMS)}
    assert {item["status"] for item in mine} == {"open"}
    assert state["commitments"] == {"owe": [], "owed": []}
    assert len(state["priorities"]) == len(mine)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_lines_that_a_kill_interrupts_are_done_once_and_can_be_undone(serve: Serve, seed: int) -> None:
    server = await serve()
    chance = random.Random(seed)
    for round in range(3):
        name = f"r{round}"
        client = await Follower(client="ada").connect(server.url)
        codes = await put_items(client, name)
        asked = lines_about(codes, name)
        acked = await send_and_fall(client, server, asked, chance.randrange(len(asked) + 1))
        written = on_disk(server)
        assert acked.keys() <= written.keys()
        await server.start()
        client = await Follower(client="ada").connect(server.url)
        acks = await repeat(client, asked, acked, written)
        check_round(await client.state(), name, codes)
        assert set(on_disk(server).values()) == {1}
        await undo_all(client, asked, acks, name)
        await client.done("priorities:put", {"items": [], "mode": "replace", "allow_empty": True})
        await client.equals(server)
        await client.disconnect()


async def test_a_line_on_disk_whose_ack_was_never_sent_is_answered_and_not_done_again(tmp_path: Path) -> None:
    server = changed_server(tmp_path, KILL_AFTER_APPEND)
    await server.start()
    fall = tmp_path / "kill"
    try:
        client = await Follower(client="ada").connect(server.url)
        codes = await put_items(client, "r")
        asked = lines_about(codes, "r")
        undos = [("command:undo", {"of": payload["op"], "op": f"u-{payload['op']}"}) for _, payload in asked]
        for requests in (asked, undos):
            fall.touch()
            assert await send_and_fall(client, server, requests, None) == {}
            fall.unlink()
            written = on_disk(server)
            assert any(payload["op"] in written for _, payload in requests)
            await _wait_for_end(server)
            await server.start()
            client = await Follower(client="ada").connect(server.url)
            acks = await repeat(client, requests, {}, written)
            assert [ack["data"]["undo"] for ack in acks] == [payload["op"] for _, payload in requests]
            assert set(on_disk(server).values()) == {1}
            if requests is asked:
                check_round(await client.state(), "r", codes)
        state = await client.state()
        assert [(item["status"], item["rev"] > 1) for item in state["priorities"]] == [("open", True)] * ITEMS
        assert state["commitments"] == {"owe": [], "owed": []}
        await client.equals(server)
        await client.disconnect()
    finally:
        await server.kill()


async def _wait_for_end(server: RunningServer) -> None:
    assert server.process is not None
    await asyncio.wait_for(server.process.wait(), WAIT_S)
    await server.kill()  # closes what is left of it
