"""Batches arrive once and in order, whatever happens to the line, the server and the collector."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import pytest

from adjutant_client import Client
from collectors.batches import BYTES_MAX, ITEMS_MAX, RECORDS, adding, encoded_bytes, replacing
from collectors.delivery import Delivery
from collectors.report import Report
from collectors.running import run_once, send_kept
from collectors.spool import Spool
from collectors.types import Finding, Kind
from tests.collectors.jobs import SOURCE, job, priority, terms
from tests.conftest import Connect
from tests.line import LineBetween
from tests.running import ROOT, WAIT_S, PythonClient, RunningServer

HELLO = {"ttl_s": 60}


def items(count: int, text: str = "") -> list[dict[str, Any]]:
    return [{"id": f"p{n}", "title": f"Title of {n}", "description": text or None} for n in range(count)]


def connection(url: str, within_s: float = WAIT_S) -> Client:
    return Client(url, client=SOURCE, source=SOURCE, within_s=within_s)


async def priorities(board: PythonClient) -> list[Any]:
    return list((await board.state())["priorities"])


def test_batches_are_cut_by_bytes_and_by_number() -> None:
    many = replacing("priorities", items(2_001), complete=True, allow_empty=False)
    assert [len(payload["items"]) for payload in many.payloads] == [ITEMS_MAX, ITEMS_MAX, 1]
    long = replacing("priorities", items(100, "ü" * 16_000), complete=True, allow_empty=False)
    assert all(encoded_bytes(payload) <= BYTES_MAX + 1_024 for payload in long.payloads)
    assert sum(len(payload["items"]) for payload in long.payloads) == 100
    huge = replacing("priorities", items(2, "x" * 500_000), complete=True, allow_empty=False)
    assert [len(payload["items"]) for payload in huge.payloads] == [1, 1]
    empty = replacing("priorities", [], complete=True, allow_empty=True)
    assert empty.payloads == ({"items": [], "mode": "replace", "allow_empty": True},)


def test_only_the_last_part_carries_the_op_and_every_sending_has_another_name() -> None:
    batch = replacing("priorities", items(2_001), complete=False, allow_empty=False)
    once, again = list(batch.messages(7)), list(batch.messages(8))
    assert ["op" in message for message in once] == [False, False, True]
    assert once[2]["op"] == again[2]["op"] == batch.op
    assert {message["run"] for message in once} == {7}
    assert all(message["complete"] is False for message in once)
    assert len({message["part"]["batch"] for message in (*once, *again)}) == 2
    (alone,) = adding("priorities", items(1)).messages(7)
    assert "part" not in alone
    (records,) = adding(RECORDS, items(1)).messages(7)
    assert set(records) == {"records", "op"}


async def test_a_batch_in_parts_is_one_change(server: RunningServer, connect: Connect) -> None:
    board = await connect()
    async with connection(server.url) as line:
        delivery = Delivery(line, None)
        await delivery.hello(HELLO)
        ack = await delivery.send(replacing("priorities", items(2_500), complete=True, allow_empty=False))
    assert ack is not None
    assert (ack["added"], len(ack["codes"])) == (2_500, 2_500)
    assert len(await priorities(board)) == 2_500


async def test_a_line_that_drops_between_parts_or_loses_the_last_ack_changes_once(
    server: RunningServer, connect: Connect
) -> None:
    board, bad = await connect(), LineBetween(server)
    dropped: list[int] = []

    class Dropping(Client):
        """Loses the line once after each part, and at the last part its answer."""

        async def ask(self, event: str, payload: Any, returns: Any = None, **options: Any) -> Any:
            number = payload.get("part", {}).get("number", 0)
            if number in dropped or number == 0:
                return await super().ask(event, payload, returns)
            dropped.append(number)
            if number < 3:
                answer: Any = await super().ask(event, payload)
                lost = (await self.connected()).lost
                bad.cut()
                await lost.wait()
                return answer
            bad.hold()
            unheard = asyncio.ensure_future(super().ask(event, payload))
            await board.wait_for("state:patch", lambda patch: "priorities" in str(patch["changes"]))
            bad.cut()
            return await unheard

    async with bad, Dropping(bad.url, client=SOURCE, source=SOURCE, within_s=WAIT_S) as line:
        delivery = Delivery(line, None)
        await delivery.hello(HELLO)
        ack = await delivery.send(replacing("priorities", items(2_500), complete=True, allow_empty=False))
    assert dropped == [1, 2, 3]
    assert ack is not None
    assert ack["added"] == 2_500
    found = await priorities(board)
    assert len(found) == 2_500
    assert {item["rev"] for item in found} == {found[0]["rev"]}


HALF = """
import asyncio, sys
from adjutant_client import Client
from collectors.batches import replacing
from collectors.delivery import Delivery

class Stuck(Client):
    async def ask(self, event, payload, returns=None, **options):
        if payload.get("part", {}).get("number") == 3:
            print("two parts are there", flush=True)
            await asyncio.sleep(3600)
        return await super().ask(event, payload, returns)

async def main():
    async with Stuck(sys.argv[1], client="test:one", source="test:one") as client:
        delivery = Delivery(client, None)
        await delivery.hello({"ttl_s": 60})
        await delivery.tell(0, "half a put")
        items = [{"id": f"n{n}", "title": "New"} for n in range(2_500)]
        await delivery.send(replacing("priorities", items, complete=True, allow_empty=False))

asyncio.run(main())
"""


async def test_a_collector_killed_in_the_middle_of_a_put_in_parts_changes_nothing(
    server: RunningServer, connect: Connect
) -> None:
    board = await connect()
    await run_once(job(priority("a"), priority("b")), terms(server))
    before = await priorities(board)
    half = await asyncio.create_subprocess_exec(sys.executable, "-c", HALF, server.url, stdout=PIPE, cwd=ROOT)
    assert half.stdout is not None
    async with asyncio.timeout(WAIT_S):
        assert await half.stdout.readline() == b"two parts are there\n"
    half.send_signal(signal.SIGKILL)
    await half.communicate()

    def is_offline(patch: Any) -> bool:
        said = [change.get("set") or {} for change in patch["changes"] if change["section"] == "sources"]
        return any(one.get("status") == "offline" for one in said)

    await board.wait_for("state:patch", is_offline)
    assert await priorities(board) == before
    report = await run_once(job(priority("b")), terms(server))
    assert (report.exit_status, report.board["priorities"]["removed"]) == (0, 1)


async def test_a_thousand_items_kept_while_the_server_is_down_arrive_once_and_in_order(
    server: RunningServer, tmp_path: Path
) -> None:
    spool = Spool(tmp_path, server.url, SOURCE)
    await server.kill()
    async with connection(server.url, within_s=0.1) as line:
        delivery = Delivery(line, spool)
        await delivery.hello(HELLO)
        for item in items(1_000):
            assert await delivery.send(adding("priorities", [item])) is None
    spool.close()
    await server.start()
    report, arrived = Report(SOURCE), 0
    async with connection(server.url) as line:
        delivery = Delivery(line, Spool(tmp_path, server.url, SOURCE))
        await delivery.hello(HELLO)
        async for _ in delivery.send_kept():
            arrived += 1
            if arrived == 300:
                await server.restart()  # kill -9, in the middle
            if arrived == 600:
                break
    async with connection(server.url) as line:
        delivery = Delivery(line, Spool(tmp_path, server.url, SOURCE))
        await delivery.hello(HELLO)
        await send_kept(delivery, report)
    assert delivery.spool is not None
    assert delivery.spool.items() == 0
    assert report.findings[Kind.NOTE][0].why == "400 items kept by an earlier run, now sent"
    board = await PythonClient(client="wall").connect(server.url)
    found = {item["id"].partition("/")[2]: (item["code"], item["rev"]) for item in await priorities(board)}
    await board.disconnect()
    first_rev = found["p0"][1]
    assert found == {f"p{n}": (f"P{n + 1}", first_rev) for n in range(1_000)}


async def test_what_a_run_could_not_send_goes_out_before_the_next_one(
    server: RunningServer, tmp_path: Path
) -> None:
    await server.kill()
    away = terms(server, tmp_path, wait_s=0)
    report = await run_once(job(*map(priority, "ab"), sections=()), away)
    assert (report.exit_status, report.kept) == (3, 2)
    report = await run_once(job(priority("c")), away)
    assert (report.exit_status, report.kept) == (3, 3)
    report = await run_once(job(priority("d")), away)  # takes the place of the replace before it
    assert (report.exit_status, report.kept) == (3, 3)
    await server.start()
    report = await run_once(job(priority("e"), sections=()), terms(server, tmp_path))
    assert (report.exit_status, report.kept) == (0, 0)
    assert report.findings[Kind.NOTE] == [Finding(Kind.NOTE, "", "3 items kept by an earlier run, now sent")]
    board = await PythonClient(client="wall").connect(server.url)
    assert [item["title"] for item in await priorities(board)] == ["Title of d", "Title of e"]
    await board.disconnect()


async def test_without_a_spool_a_server_that_is_away_ends_the_run(server: RunningServer) -> None:
    await server.kill()
    report = await run_once(job(priority("a")), terms(server, wait_s=0))
    assert (report.exit_status, report.kept, report.yielded) == (3, 0, {})
    assert "no connection" in report.away


async def test_a_full_spool_ends_the_run_with_a_reason(
    server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collectors.spool.MESSAGES_MAX", 1)
    await server.kill()
    away = terms(server, tmp_path, wait_s=0)
    await run_once(job(priority("a"), sections=()), away)
    report = await run_once(job(priority("b"), sections=()), away)
    assert (report.exit_status, report.kept) == (3, 1)
    assert "is full" in report.away


async def test_what_was_kept_and_is_refused_for_good_is_said_and_does_not_stand_in_the_way(
    server: RunningServer, tmp_path: Path
) -> None:
    spool = Spool(tmp_path, server.url, SOURCE)
    spool.add(replacing("priorities", [], complete=True, allow_empty=False))  # an empty replace
    spool.close()
    report = await run_once(job(priority("a")), terms(server, tmp_path))
    assert report.exit_status == 1
    assert report.board["priorities"]["added"] == 1
    assert "kept by an earlier run, now refused" in report.findings[Kind.LEFT_OUT][0].why


async def test_a_damaged_spool_is_said_and_the_run_goes_on(server: RunningServer, tmp_path: Path) -> None:
    spool = Spool(tmp_path, server.url, SOURCE)
    spool.path.write_bytes(b"no spool" * 1_000)
    report = await run_once(job(priority("a")), terms(server, tmp_path))
    assert report.exit_status == 1
    assert report.board["priorities"]["added"] == 1
    assert "was damaged" in report.findings[Kind.LEFT_OUT][0].why
