"""The `search` command: hits with short names, which later lines may use (search/names)."""

from __future__ import annotations

from typing import Any

from tests.conftest import Connect, Serve
from tests.running import PythonClient
from tests.search.shelf import record

Json = Any

RECORDS = [
    record("r1", "Ana wants the budget\nby Friday.", "2026-01-01", meta={"user_name": "Ana"}),
    record("r2", "The budget of last year", "2026-01-02"),
]


async def step(client: PythonClient, text: str, **more: Json) -> Json:
    [only] = (await client.done("command:run", text=text, **more))["steps"]
    return only


async def named(client: PythonClient, text: str) -> dict[str, str]:
    done = await step(client, text)
    assert done["status"] == "done", done
    return {hit["name"]: hit["id"] for hit in done["data"]["hits"]}


async def test_hits_get_names_that_stay_theirs(connect: Connect) -> None:
    ana, ben = await connect(client="ana"), await connect(client="ben")
    await ana.done("records:put", records=RECORDS)
    first = await named(ana, "search budget ana")
    assert first == {"S1": "local/r1"}
    both = await named(ana, "search budget")
    assert both == {"S1": "local/r1", "S2": "local/r2"}
    assert await named(ben, "search last year") == {"S1": "local/r2"}, "names are a person's own"


async def test_a_hit_becomes_a_commitment_that_names_its_record(connect: Connect) -> None:
    person = await connect(client="ana")
    await person.done("records:put", records=RECORDS)
    await named(person, "search friday")
    done = await step(person, "add owe s1")
    [item] = done["data"]["items"]
    assert item["title"] == "Ana wants the budget by Friday."
    [owed] = (await person.state())["commitments"]["owe"]
    assert owed["evidence"]["file"] == "records/local/r1"
    await person.done("command:run", text="undo")
    assert (await person.state())["commitments"]["owe"] == []


async def test_a_search_may_stand_among_other_steps(connect: Connect) -> None:
    person = await connect(client="ana")
    await person.done("records:put", records=RECORDS)
    text = "search friday | add priority S1 | add priority Call Ben | search no such word"
    done = await person.done("command:run", text=text, op="line")
    assert [one["status"] for one in done["steps"]] == ["done"] * 4
    assert done["steps"][3]["data"] == {"hits": [], "total": 0, "ranked": "relevance"}
    titles = {item["title"] for item in (await person.state())["priorities"]}
    assert titles == {"Ana wants the budget by Friday.", "Call Ben"}
    again = await person.request("command:run", text=text, op="line")
    assert again["replay"] is True
    assert again["data"] == done


async def test_a_name_of_no_hit_is_refused_and_a_quoted_one_is_text(connect: Connect) -> None:
    person = await connect(client="ana")
    error = await person.refused("command:run", text="add priority S3")
    assert "S3 is not one of your hits" in error["message"]
    done = await step(person, 'add priority "S3"')
    assert done["data"]["items"][0]["title"] == "S3"
    done = await step(person, "add priority S3 bucket")
    assert done["data"]["items"][0]["title"] == "S3 bucket"


async def test_a_dry_line_searches_and_changes_nothing(connect: Connect) -> None:
    person = await connect(client="ana")
    await person.done("records:put", records=RECORDS)
    done = await step(person, "search friday", dry=True)
    assert done["status"] == "planned"
    assert [hit["name"] for hit in done["data"]["hits"]] == ["S1"]


async def test_a_search_that_cannot_be_made_fails_as_a_step(serve: Serve) -> None:
    server = await serve("--search-db=/dev/null/nowhere.db")
    person = await PythonClient(client="ana").connect(server.url)
    error = await person.refused("command:run", text="search budget")
    assert error["code"] == "storage_unavailable"
    done = await person.done("command:run", text="add priority Ship | search budget | add priority Call")
    assert [one["status"] for one in done["steps"]] == ["done", "failed", "skipped"]
    await person.disconnect()


async def test_a_faulty_line_is_refused_before_anything_is_searched(connect: Connect) -> None:
    person = await connect(client="ana")
    await person.done("records:put", records=RECORDS)
    assert (await person.refused("command:run", text="search budget | aprove P1"))[
        "code"
    ] == "unknown_command"
    assert await named(person, "search last") == {"S1": "local/r2"}
