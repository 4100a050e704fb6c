"""An orderly stop (app.py), with clients connected, work under way, and one that does not read."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.abuse.raw import RawSocket
from tests.conftest import Serve
from tests.following import Follower
from tests.forked import completed
from tests.running import until

Json = Any


@pytest.mark.usefixtures("both_paths")
async def test_a_stop_answers_what_is_under_way_and_waits_for_nobody(serve: Serve) -> None:
    """Each request is acked, as done or as `draining`; what was done is there after the next start."""
    server = await serve()
    deaf = await (await RawSocket.open(server)).join()
    deaf.stop_reading()
    busy = await Follower(rooms=["calendar"]).connect(server.url)
    await busy.wait_for("state:sync")
    text = "long " * 3_000
    for number in range(40):
        await busy.done(
            "priorities:put", {"items": [{"id": "big", "title": f"{number}", "description": text}]}
        )
    asked = [("priorities:put", {"items": [{"id": f"i{n}", "title": "x"}], "op": f"{n}"}) for n in range(300)]
    answers = [await busy.send(event, payload) for event, payload in asked]
    await until(lambda: len(busy.acks) > 50, "some acks")
    assert await server.stop() == 0
    assert not Path(f"{server.data_dir}/adjutant.db-wal").exists()
    await until(lambda: not busy.sio.connected)
    await deaf.leave()
    assert busy.received("server:drain")
    acks = {payload["op"]: ack for _, payload, ack in busy.acks}
    assert all(ack["ok"] or ack["error"]["code"] == "draining" for ack in acks.values())
    assert len(acks) >= 50
    assert len(answers) == 300
    await server.start()
    again = await Follower().connect(server.url)
    there = {item["id"] for item in (await again.done("state:get", {}))["state"]["priorities"]}
    assert {f"i{op}" for op, ack in acks.items() if ack["ok"]} <= there
    assert not {f"i{op}" for op, ack in acks.items() if not ack["ok"]} & there
    await again.disconnect()


@pytest.mark.usefixtures("both_paths")
async def test_a_slow_reader_is_caught_up_and_nobody_waits_for_it(serve: Serve) -> None:
    server = await serve()
    slow = await (await RawSocket.open(server)).join()
    quick = await Follower().connect(server.url)
    await quick.wait_for("state:sync")
    slow.stop_reading()
    number = 0
    while not (await quick.done("stats:get", {}))["clients"]["lagging"]:
        text = f"{number} " * 4_000
        await quick.done("priorities:put", {"items": [{"id": "big", "title": "x", "description": text}]})
        number += 1
    for number in range(3):
        await quick.done("system:set", {"progress": number + 1})
    slow.read_again()
    found = await slow.next_of('42["state:sync"')
    assert '"mode":"delta"' in found or '"why":"slow"' in found
    await quick.done("system:set", {"message": "the end"})
    while '"the end"' not in await slow.next_of('42["state:patch"'):
        pass
    assert not (await quick.done("stats:get", {}))["clients"]["lagging"]
    await slow.leave()
    await quick.disconnect()


def not_a_database(content: bytes) -> bytes:
    return b"a letter to a friend\n" * 1_000


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


@pytest.mark.parametrize("damage", [not_a_database, half])
async def test_a_damaged_store_is_refused_with_one_sentence_and_status_2(
    serve: Serve, damage: Callable[[bytes], bytes]
) -> None:
    server = await serve()
    await server.stop()
    store = server.data_dir / "adjutant.db"
    store.write_bytes(damage(store.read_bytes()))
    ended = await asyncio.to_thread(start, server.data_dir)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("adjutant: ")
    assert ended.stderr.count("\n") == 1
    assert "Traceback" not in ended.stderr


def test_a_data_directory_that_cannot_be_made_is_refused_with_status_2(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    ended = start(tmp_path / "file" / "data")
    assert ended.returncode == 2
    assert ended.stderr.startswith("adjutant: cannot use the data directory")
    assert ended.stderr.count("\n") == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Any:
    """A disk of 3 MiB; needs to be root on Linux."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)]
    try:
        made = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        made = False
    if not made:
        pytest.skip("a small disk cannot be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=False)


def fill_up(ballast: Path) -> None:
    """Takes all the room that is left."""
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4_096)


async def test_a_full_disk_refuses_writes_and_serves_again_when_there_is_room(
    serve: Serve, small_disk: Path
) -> None:
    server = await serve()
    await server.stop()
    server.data_dir = small_disk / "data"
    await server.start()
    wall = await Follower().connect(server.url)
    await wall.wait_for("state:sync")
    await wall.done("system:set", {"progress": 1})
    ballast = small_disk / "ballast"
    fill_up(ballast)
    text, refused = "text " * 3_000, None
    payload: Json = {}
    for number in range(200):
        payload = {"items": [{"id": "a", "title": f"{number}", "description": text}], "op": f"op-{number}"}
        ack = await wall.request("priorities:put", payload)
        if not ack["ok"]:
            refused = ack["error"]
            break
    assert refused is not None
    assert (refused["code"], refused["retry"]) == ("storage_unavailable", "same_op")
    status, ready = await server.get("/ready")
    assert (status, ready["ready"]) == (503, False)
    await wall.equals(server)
    ballast.unlink()
    again = await wall.request("priorities:put", payload)
    assert again["ok"]
    assert "replay" not in again
    await wall.equals(server)
    await wall.disconnect()
    await server.restart()
    same = await Follower().connect(server.url)
    assert await same.request("priorities:put", payload) == again | {"replay": True}
    await same.disconnect()
    await server.stop()


def start(data_dir: Path) -> subprocess.CompletedProcess[str]:
    """A server that is expected not to start."""
    return completed("serve.py", "--port=0", "--http-port=0", f"--data-dir={data_dir}")
