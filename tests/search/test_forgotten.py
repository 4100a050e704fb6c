"""A source that is forgotten takes its records along: neither `search` nor `show` finds them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.records import GivenRecord
from sio_server.search import ingest
from sio_server.search.ingest import RecordBatch
from sio_server.search.postgres import ingest as postgres_ingest
from tests.conftest import Connect
from tests.running import PythonClient, RunningServer
from tests.search.shelf import record, shelf

Json = Any
MAILS = [record(f"m{number}", f"The landlord wrote letter {number}") for number in range(4)]


async def told(client: PythonClient, line: str, **more: Json) -> Json:
    """The data of the line's one step."""
    return (await client.done("command:run", text=line, **more))["steps"][0]["data"]


async def brought(connect: Connect, source: str, records: list[Json]) -> PythonClient:
    client = await connect(source=source)
    await client.done("source:hello", ttl_s=60)
    await client.done("priorities:put", items=[{"id": "rent", "title": f"Pay the rent ({source})"}])
    assert (await client.done("records:put", records=records))["indexed"] == len(records)
    return client


async def test_forget_takes_the_records_away_and_says_so(server: RunningServer, connect: Connect) -> None:
    await brought(connect, "mail:box", MAILS)
    await brought(connect, "notes:home", [record("n1", "The landlord of the other house")])
    person = await connect(client="ana")
    before = (await told(person, "search landlord"))["hits"]
    [kept] = [hit["name"] for hit in before if hit["source"] == "notes:home"]
    gone = [hit for hit in before if hit["source"] == "mail:box"]
    assert len(gone) == len(MAILS)

    planned = await told(person, "forget mail:box", dry=True)
    assert "Items: 1; records: 4." in planned["text"]
    assert len((await told(person, "search landlord"))["hits"]) == len(before), "a dry line removes nothing"
    error = await person.refused("command:run", text="forget mail:box | approve P99")
    assert "a line of its own" in error["message"]
    assert len((await told(person, "search landlord"))["hits"]) == len(before)

    done = await person.done("command:run", text="forget mail:box")
    said = done["steps"][0]["data"]["text"]
    assert "Items: 1; records: 4." in said
    assert "`undo` brings back the items, not the records." in said

    async def is_gone(client: PythonClient) -> None:
        assert [hit["source"] for hit in (await told(client, "search landlord"))["hits"]] == ["notes:home"]
        for hit in gone:
            await client.refused("command:run", text=f"show {hit['name']}")
            await client.refused("command:run", text=f"add owe {hit['name']}")
            await client.refused("records:get", id=hit["id"])
        summary = await client.done("search:stats")
        assert summary["by_source"] == {"notes:home": 1}

    await is_gone(person)
    assert (await told(person, f"show {kept}"))["record"]["source"] == "notes:home"
    await person.done("command:undo", of=done["undo"])
    assert "mail:box" in [one["id"] for one in (await person.done("state:get"))["state"]["sources"]]
    await is_gone(person)
    await server.restart()
    await is_gone(await connect(client="ana"))


async def test_programs_forget_as_people_do_and_records_pushed_anew_are_found(connect: Connect) -> None:
    mail = await brought(connect, "mail:box", MAILS)
    person = await connect(client="ana")
    await person.done("source:forget", source="mail:box")
    assert (await told(person, "search landlord"))["total"] == 0
    await mail.done("source:hello", ttl_s=60)
    assert (await mail.done("records:put", records=MAILS))["indexed"] == len(MAILS)
    assert (await told(person, "search landlord"))["total"] == len(MAILS)


def test_many_records_go_in_several_puts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (ingest, postgres_ingest):
        monkeypatch.setattr(module, "GONE_AT_ONCE", 3)
    with shelf(tmp_path / "search.db") as store:
        store.put(MAILS, "mail:box")
        store.put([record("n1", "The landlord of the other house")], "notes:home")
        batch = RecordBatch("mail:box", (), GivenRecord, forget=True)
        assert [store.file.put(batch).removed for _ in range(3)] == [3, 1, 0]
        assert (store.ids("landlord"), store.ids("from:nobody landlord")) == (["n1"], [])
        assert store.file.time_index.counts == {"notes:home": 1}
