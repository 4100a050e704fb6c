"""The directory that sources feed (search/people, handlers/people): on real sockets, in the real file."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from tests.conftest import Connect, Serve
from tests.running import PythonClient, RunningServer
from tests.search.shelf import record

Json = Any

ANA = {"id": "ana", "names": ["Ana Silva", "asilva"], "addresses": ["ana@example.org", "as@home.example"]}
BO = {"id": "bo", "names": ["Bo Berg"], "addresses": ["bo@example.org"]}


async def told(client: PythonClient, items: list[Json], **more: Json) -> Json:
    return await client.done("people:put", items=items, **more)


async def hits(client: PythonClient, query: str) -> list[str]:
    answer = await client.done("search:query", query=query)
    return sorted(hit["id"].partition("/")[2] for hit in answer["hits"])


async def suggested(client: PythonClient, text: str) -> list[str]:
    answer = await client.done("command:suggest", text=text)
    return [one["text"] for one in answer["suggestions"]]


async def person_of(client: PythonClient, text: str) -> Json:
    """What the board calls the one who owes."""
    state = (await client.done("state:get"))["state"]
    every = state["commitments"]["owe"] + state["commitments"]["owed"]
    return next(one["person"] for one in every if one["description"] == text)


async def test_what_a_source_says_of_people_is_counted_and_what_it_lacks_goes(connect: Connect) -> None:
    source = await connect(source="vcard:all")
    assert await told(source, [ANA, BO]) == {
        "added": 2,
        "changed": 0,
        "unchanged": 0,
        "removed": 0,
        "rejected": [],
    }
    more = await told(source, [ANA | {"names": ["Ana Silva"]}, BO], mode="replace")
    assert (more["changed"], more["unchanged"], more["removed"]) == (1, 1, 0)
    less = await told(source, [BO], mode="replace")
    assert less["removed"] == 1
    assert (await told(source, [BO], mode="replace", spare=["x"]))["removed"] == 0
    kept = await told(source, [ANA], mode="replace", spare=["bo"])
    assert (kept["added"], kept["removed"]) == (1, 0)
    assert (await told(source, [ANA], mode="replace", complete=False))["removed"] == 0
    ack = await source.request("people:put", items=[], mode="replace")
    assert ack["error"]["code"] == "bad_request"
    assert (await told(source, [], mode="replace", allow_empty=True))["removed"] == 2


async def test_a_bad_person_is_named_and_the_others_are_taken(connect: Connect) -> None:
    source = await connect(source="vcard:all")
    bad = [
        {"id": "a", "names": ["x\ny"]},
        {"id": "b", "addresses": ["no address"]},
        {"id": "c"},
        {"names": ["No Id"]},
        {"id": "d", "names": ["D"] * 11},
        {"id": "e", "names": ["Ok"], "phone": "1"},
        7,
    ]
    done = await told(source, [*bad, ANA])
    assert done["added"] == 1
    assert [(one["index"], one["path"]) for one in done["rejected"]] == [
        *((0, "names.0"), (1, "addresses.0"), (2, "names"), (3, "id"), (4, "names"), (5, "phone"), (6, "")),
    ]


@pytest.mark.usefixtures("search_files")
async def test_nothing_but_names_and_addresses_is_kept(connect: Connect, server: RunningServer) -> None:
    await told(await connect(source="vcard:all"), [ANA])
    rows = (
        sqlite3.connect(server.data_dir / "search.db").execute("SELECT * FROM adjutant_directory").fetchall()
    )
    assert rows == [
        *[("vcard:all", "ana", '["Ana Silva","asilva"]', '["ana@example.org","as@home.example"]')],
    ]


async def test_commitments_have_one_name_for_all_the_names_of_a_person(connect: Connect) -> None:
    person = await connect()
    items = [
        {"id": str(n), "direction": "owed", "description": f"d{n}", "assignee": who}
        for n, who in enumerate(["@asilva", "Ana", "Ana Silva <as@home.example>", "Bo, ana", "Cy"])
    ]
    await person.done("commitments:put", items=items)
    assert await person_of(person, "d1") == "Ana"
    await told(await connect(source="vcard:all"), [ANA, BO])
    for n, name in enumerate(["Ana Silva"] * 3 + ["Bo Berg, Ana Silva", "Cy"]):
        await until_named(person, f"d{n}", name)
    await told(await connect(source="vcard:all"), [BO], mode="replace")
    await until_named(person, "d1", "Ana")


async def until_named(client: PythonClient, text: str, name: str) -> None:
    """The board names people anew within seconds."""
    found: list[str] = []

    async def look() -> bool:
        found[:] = [await person_of(client, text)]
        return found == [name]

    while not await look():
        await client.wait_for("state:patch")


async def test_a_search_finds_a_person_by_all_names(connect: Connect) -> None:
    chat = await connect(source="slack:work")
    records = [
        record("1", "hello", meta={"user_name": "asilva"}),
        record("2", "hello", meta={"from": "Ana Silva <ana@example.org>"}),
        record("3", "hello", meta={"from": "as@home.example"}),
        record("4", "ask Ana Silva about it", meta={"from": "bo@example.org"}),
        record("5", "nothing", meta={"from": "Anabel <anabel@example.org>"}),
    ]
    await chat.done("records:put", records=records)
    person = await connect()
    assert await hits(person, "from:asilva") == ["1"]
    await told(await connect(source="vcard:all"), [ANA, BO])
    for name in ("asilva", "ana", '"Ana Silva"', "as@home.example"):
        for key in ("from", "person", "author"):
            assert await hits(person, f"{key}:{name}") == ["1", "2", "3"], (key, name)
    assert await hits(person, "hello -from:@ana") == []
    assert await hits(person, "@ana") == ["1", "2", "3", "4"]
    assert await hits(person, "@bo ask") == ["4"]


async def test_names_are_completed_after_from_and_at(connect: Connect) -> None:
    await told(await connect(source="vcard:all"), [ANA, BO])
    person = await connect()
    assert await suggested(person, "search x from:an") == ['search x from:"Ana Silva"']
    assert await suggested(person, 'search person:"Ana S') == ['search from:"Ana Silva"']
    assert await suggested(person, "search -from:bo") == ['search -from:"Bo Berg"']
    assert await suggested(person, "search @sil") == ["search @asilva"]
    assert await suggested(person, "search @be") == ["search @Bo.Berg"]
    assert await suggested(person, "search mail@ana") == []


async def test_the_directory_outlives_a_restart_and_a_forgotten_source_takes_its_people_along(
    server: RunningServer, connect: Connect
) -> None:
    source = await connect(source="vcard:all")
    await source.done("source:hello", ttl_s=60)
    await told(source, [ANA])
    await server.restart()
    person = await connect()
    await until_suggested(person, ['search from:"Ana Silva"'])
    await person.done("source:forget", source="vcard:all")
    await until_suggested(person, [])


async def until_suggested(client: PythonClient, texts: list[str]) -> None:
    while await suggested(client, "search from:an") != texts:
        await client.done("stats:get")


async def test_the_board_is_for_whom_the_server_or_the_token_says(serve: Serve, connect: Connect) -> None:
    mine = await serve("--me", "Ana Silva", "--me", "ana@example.org", name="mine")
    source = await connect(url=mine.url, source="ics:work")
    welcome = await source.done("source:hello", ttl_s=60)
    assert welcome["me"] == ["Ana Silva", "ana@example.org"]
    await told(source, [ANA])
    welcome = await source.done("source:hello", ttl_s=60)
    assert set(welcome["me"]) == {"Ana Silva", "asilva", "ana@example.org", "as@home.example"}
    meeting: Json = {"id": "1", "title": "Review", "start": "2026-12-01T09:00:00Z"}
    meeting["attendees"] = ["as@home.example", "Bo <bo@example.org>"]
    code = (await source.done("calendar:put", items=[meeting]))["codes"]["1"]
    person = await connect(url=mine.url)
    brief = await person.done("brief:generate", kind="meeting", code=code, full=True)
    said = {one["title"]: [item["text"] for item in one["items"]] for one in brief["sections"]}
    assert said["Attendees"] == ["Bo"]
