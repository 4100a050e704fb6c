"""Records and search as clients have them (search/snippets, search/answer): acked is on disk, nothing
typed is an error, the board goes on."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Connect, Serve
from tests.running import PythonClient, RunningServer, until, until_found
from tests.search import old_file
from tests.search.nasty import NASTY
from tests.search.shelf import record

Json = Any

HELLO = record(
    "r1", "The board asked for the budget 🎉", title="Minutes", url="https://example.org/1", kind="note"
)


async def found(client: PythonClient, query: str, **more: Json) -> list[str]:
    answer = await client.done("search:query", query=query, **more)
    return [hit["id"] for hit in answer["hits"]]


async def test_what_a_collector_puts_is_found_by_everybody(connect: Connect) -> None:
    collector = await connect(source="slack:work")
    said = HELLO | {"meta": {"user_name": "Ana Silva", "channel": "general"}}
    assert await collector.done("records:put", records=[said]) == {
        "indexed": 1,
        "unchanged": 0,
        "held": 1,
        "rejected": [],
    }
    answer = await (await connect()).done("search:query", query="budgets")
    [hit] = answer["hits"]
    assert answer["total"] == 1
    assert answer["ranked"] == "relevance"
    assert hit.pop("score") > 0
    assert hit == {
        "id": "slack:work/r1",
        "source": "slack:work",
        "at": "2026-01-01T00:00:00Z",
        "title": "Minutes",
        "snippet": "The board asked for the budget 🎉",
        "marks": [[24, 30]],
        "kind": "note",
        "url": "https://example.org/1",
        "author": "Ana Silva",
    }


async def test_what_a_source_has_no_more_is_removed(server: RunningServer, connect: Connect) -> None:
    mails, others = await connect(source="mail:work"), await connect(source="mail:home")
    some = [record(f"m{number}", "the budget", title="Budget") for number in range(5)]
    for collector in (mails, others):
        await collector.done("records:put", records=some)
    gone = [{"id": "m1", "gone": True}, {"id": "m4", "gone": True}, {"id": "never", "gone": True}]
    payload = {"records": [*gone, record("m9", "the budget")], "op": "once"}
    answer = await mails.request("records:put", payload)
    assert {name: answer["data"][name] for name in ("indexed", "removed", "held")} == {
        "indexed": 1,
        "removed": 2,
        "held": 4,
    }
    assert (await mails.request("records:put", payload))["replay"] is True
    person = await connect()
    for _ in range(2):
        assert sorted(await found(person, "source:mail:work budget")) == [
            f"mail:work/m{number}" for number in (0, 2, 3, 9)
        ]
        assert len(await found(person, "source:mail:home budget")) == 5
        assert (await person.done("search:query", query="source:mail:work"))["total"] == 4
        await server.restart()
        person = await connect()
    for bad in (
        {"id": "m2", "gone": False},
        {"id": "m2", "gone": True, "text": "x"},
        {"id": 7, "gone": True},
    ):
        answer = await (await connect(source="mail:work")).done("records:put", records=[bad])
        assert len(answer["rejected"]) == 1


async def test_records_of_people_are_local(connect: Connect) -> None:
    person = await connect()
    await person.done("records:put", records=[HELLO])
    assert await found(person, "source:local budget") == ["local/r1"]


async def test_a_repeat_under_the_same_op_gets_the_first_ack(server: RunningServer, connect: Connect) -> None:
    person = await connect()
    payload = {"records": [HELLO, 7], "op": "once"}
    first = await person.request("records:put", payload)
    await server.restart()
    person = await connect()
    again = await person.request("records:put", payload)
    assert again["replay"] is True
    assert again["data"] == first["data"]
    error = await person.refused("records:put", records=[record("r2", "x")], op="once")
    assert error["code"] == "conflict"


@pytest.mark.usefixtures("search_files")
async def test_acked_records_survive_kill_9(server: RunningServer, connect: Connect) -> None:
    person = await connect()
    acked: list[str] = []

    async def put(number: int) -> None:
        id = f"r{number}"
        ack = await person.request("records:put", records=[record(id, f"survivor number{number}")])
        if ack["ok"]:
            acked.append(id)

    puts = [asyncio.ensure_future(put(number)) for number in range(200)]
    await until(lambda: len(acked) >= 20, "some acks")
    await server.kill()
    for one in puts:
        one.cancel()
    await asyncio.gather(*puts, return_exceptions=True)
    await server.start()
    person = await connect()
    kept = set(await found(person, "survivor", limit=100)) | set(
        await found(person, "survivor", limit=100, offset=100)
    )
    assert {f"local/{id}" for id in acked} <= kept
    old_file.check(server.data_dir / "search.db")


@pytest.mark.parametrize("part", range(4))
async def test_no_nasty_string_is_an_error(connect: Connect, part: int) -> None:
    person = await connect()
    await person.done("records:put", records=[HELLO])
    for text in NASTY[part::4]:
        ack = await person.request("search:query", query=text)
        assert ack["ok"], (text[:50], ack)


async def test_a_query_that_is_no_query_is_refused(connect: Connect) -> None:
    person = await connect()
    bad: list[Json] = [
        {"limit": 0},
        {"limit": 101},
        {"offset": -1},
        {"since": "x"},
        {"x": 1},
        {"channel": ""},
    ]
    payloads: list[Json] = [{}, {"query": 7}, *({"query": "a", **more} for more in bad)]
    for payload in payloads:
        assert (await person.refused("search:query", payload))["code"] == "bad_request"


async def test_too_many_records_at_once_are_refused(connect: Connect) -> None:
    person = await connect()
    error = await person.refused("records:put", records=[record(f"r{n}", "x") for n in range(1_001)])
    assert error["code"] == "too_large"
    assert (await person.done("search:stats", {}))["records"] == 0


async def test_a_text_of_10_mb_is_refused_and_the_connection_goes_on(connect: Connect) -> None:
    person = await connect()
    assert (await person.refused("records:put", records=[record("r1", "x" * 10_000_000)]))[
        "code"
    ] == "too_large"
    [rejected] = (await person.done("records:put", records=[record("r1", "x" * 200_000)]))["rejected"]
    assert rejected["path"] == "text"


async def test_a_viewer_searches_and_does_not_put(serve: Serve, tmp_path: Path) -> None:
    from sio_server.clients import tokens
    from sio_server.registry.roles import Role

    viewer = tokens.add(tmp_path / "tokens.json", "eve", Role.VIEWER, None)
    server = await serve(f"--tokens={tmp_path / 'tokens.json'}")
    client = await PythonClient(token=viewer).connect(server.url)
    assert (await client.refused("records:put", records=[HELLO]))["code"] == "forbidden"
    assert await found(client, "budget") == []
    await client.disconnect()


async def test_filters_of_the_request_narrow_the_search(connect: Connect) -> None:
    for source in ("slack:work", "mail"):
        collector = await connect(source=source)
        days = [record(f"d{day}", "budget", f"2026-03-0{day}") for day in range(1, 6)]
        await collector.done("records:put", records=days)
    person = await connect()
    assert len(await found(person, "budget")) == 10
    assert len(await found(person, "budget", source="slack")) == 5
    assert await found(person, "budget", source="mail", since="2026-03-02", until="2026-03-02") == ["mail/d2"]
    assert await found(person, "budget source:slack", source="mail") == []
    assert len(await found(person, "", source="mail", limit=3)) == 3


async def test_stats_count_what_there_is(server: RunningServer, connect: Connect) -> None:
    for source, number in (("slack:work", 3), ("mail", 2)):
        records = [record(f"r{n}", "x", f"2026-0{n + 1}-01") for n in range(number)]
        await (await connect(source=source)).done("records:put", records=records)
    person = await connect()
    summary = await person.done("search:stats", {})
    assert summary.pop("bytes") > 0
    assert summary == {
        "records": 5,
        "by_source": {"mail": 2, "slack:work": 3},
        "oldest": "2026-01-01T00:00:00Z",
        "newest": "2026-03-01T00:00:00Z",
    }
    await found(person, "x")
    _, stats = await server.get("/stats")
    assert stats["search"]["records"] == 5
    assert stats["search"]["p50_ms"] > 0
    assert stats["totals"]["records_put"] == {"indexed": 5, "unchanged": 0, "rejected": 0}
    assert (await person.done("stats:get", {}))["search"]["by_source"] == summary["by_source"]


@pytest.mark.usefixtures("search_files")
async def test_an_old_file_is_found_by_itself_and_searched(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "data" / "data").mkdir(parents=True)
    old_file.make(tmp_path / "data" / "data" / "search.db")
    server = await serve()
    client = await PythonClient().connect(server.url)
    assert len(await found(client, "budget source:slack")) == 3
    await until_adopted(client)
    assert await found(client, "from:ana") == ["slack/row;1"]
    await client.disconnect()
    assert await server.stop() == 0
    old_file.check(tmp_path / "data" / "data" / "search.db")
    assert not (tmp_path / "data" / "data" / "search.db-wal").exists()


async def until_adopted(client: PythonClient) -> None:
    await until_found(lambda: found(client, "from:ana"), "the records of the old file")


async def test_a_file_may_be_named(serve: Serve, tmp_path: Path) -> None:
    old_file.make(tmp_path / "mine.db")
    server = await serve(f"--search-db={tmp_path / 'mine.db'}")
    client = await PythonClient().connect(server.url)
    assert len(await found(client, "budget")) == 4
    await client.disconnect()


async def test_a_newer_search_on_a_channel_ends_the_one_before(connect: Connect) -> None:
    person, other = await connect(), await connect()
    await person.done("records:put", records=[record(f"r{n}", f"text {n}") for n in range(1_000)])
    typed = ["t", "te", "tex", "text"]
    asked = [
        person.request("search:query", query=f"{word}*", channel="box") for _ in range(20) for word in typed
    ]
    beside = other.request("search:query", query="text", channel="box")
    *acks, others = await asyncio.gather(*asked, beside)
    assert all(ack["ok"] for ack in acks)
    assert acks[-1]["data"]["total"] > 0
    assert "superseded" not in acks[-1]["data"]
    assert "superseded" not in others["data"], "a channel is the client's own"
    for ack in acks:
        if "superseded" in ack["data"]:
            assert ack["data"]["hits"] == []


async def test_searching_while_indexing_sees_every_acked_record(connect: Connect) -> None:
    writer, reader = await connect(source="mail"), await connect()
    acked = 0

    async def write() -> None:
        nonlocal acked
        for part in range(20):
            batch = [record(f"p{part}-{n}", f"walrus number {n}") for n in range(100)]
            await writer.done("records:put", records=batch)
            acked += 100

    writing = asyncio.ensure_future(write())
    while not writing.done():
        before = acked
        answer = await reader.done("search:query", query="walrus")
        assert "partial" in answer or answer["total"] >= min(before, 1_001)
        assert not answer["hits"] or answer["hits"][0]["source"] == "mail"
    await writing
    assert (await reader.done("search:query", query="walrus"))["total"] == 2_000


async def test_a_search_does_not_wait_for_changes_and_changes_not_for_it(connect: Connect) -> None:
    person = await connect()
    put = person.request("priorities:put", items=[{"id": "p", "title": "Ship"}])
    searches = [person.request("search:query", query="ship") for _ in range(20)]
    acks = await asyncio.gather(put, *searches)
    assert all(ack["ok"] for ack in acks)


async def test_a_server_that_stops_finishes_the_puts_that_wait(
    server: RunningServer, connect: Connect
) -> None:
    person = await connect()
    puts = [
        asyncio.ensure_future(
            person.request("records:put", records=[record(f"r{part}-{n}", "last words") for n in range(200)])
        )
        for part in range(10)
    ]
    await until(lambda: any(put.done() for put in puts), "a first ack")
    assert await server.stop() == 0
    acks = [put.result() for put in puts if put.done() and not put.exception()]
    acked = sum(ack["data"]["indexed"] for ack in acks if ack["ok"])
    assert all(ack["ok"] or ack["error"]["code"] == "draining" for ack in acks)
    for put in puts:
        put.cancel()
    await asyncio.gather(*puts, return_exceptions=True)
    await server.start()
    person = await connect()
    assert (await person.done("search:stats", {}))["records"] >= acked > 0


@pytest.mark.usefixtures("search_files")
async def test_the_file_can_be_copied_while_it_is_used(
    server: RunningServer, connect: Connect, tmp_path: Path
) -> None:
    person = await connect()
    await person.done("records:put", records=[HELLO])
    assert await server.stop() == 0
    shutil.copy(server.data_dir / "search.db", tmp_path / "copy.db")
    old_file.check(tmp_path / "copy.db")
