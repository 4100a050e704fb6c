"""A hit's short name means what the person was shown, or is refused: never another record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.ack import ErrorCode
from sio_server.registry.errors import Refusal
from sio_server.search import names
from sio_server.search.names import HitNames
from tests.conftest import Connect
from tests.running import PythonClient, RunningServer
from tests.search.shelf import record

Json = Any

BUDGET = record("a", "Budget: Ana wants the figures by Friday")
LEASE = record("b", "Lease: Bo threatens to leave")


def hit(id: str, snippet: str = "words") -> Json:
    return {"id": id, "snippet": snippet, "source": "notes", "title": "Title", "at": None}


async def name(given: HitNames, person: str, *hits: Json) -> list[str]:
    return [one["name"] for one in await given.give(person, hits)]


def is_stale(given: HitNames, person: str, called: str) -> bool:
    try:
        return given.hit(person, called) is None and False
    except Refusal as refusal:
        return refusal.code is ErrorCode.STALE_TARGET


async def searched(client: PythonClient, query: str) -> str:
    done = await client.done("command:run", text=f"search {query}")
    [found] = done["steps"][0]["data"]["hits"]
    called: str = found["name"]
    return called


async def test_after_a_restart_a_name_never_takes_another_record(
    server: RunningServer, connect: Connect
) -> None:
    person = await connect(client="ana")
    await person.done("records:put", records=[BUDGET, LEASE])
    assert await searched(person, "budget") == "S1"
    seen = (await person.done("state:get", {}))["seq"]
    await server.kill()
    await server.start()
    person = await connect(client="ana")
    later = await searched(person, "lease")
    assert later != "S1"
    error = await person.refused("command:run", text="add owe S1", seen=seen)
    assert error["code"] == "stale_target"
    assert "search again" in error["message"]
    done = await person.done("command:run", text=f"add owe {later}", seen=seen)
    assert done["steps"][0]["data"]["items"][0]["title"] == LEASE["text"]


async def test_who_was_forgotten_for_others_gets_no_name_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "PEOPLE_KEPT", 10)
    given = HitNames()
    assert await name(given, "ana", hit("a"), hit("b")) == ["S1", "S2"]
    for number in range(10):
        await name(given, f"person {number}", hit("c"))
    assert is_stale(given, "ana", "S1")
    assert await name(given, "ana", hit("d")) == ["S3"]
    assert is_stale(given, "ana", "S2")


async def test_of_many_hits_the_oldest_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "HITS_KEPT", 3)
    given = HitNames()
    await name(given, "ana", *map(hit, "abcd"))
    assert is_stale(given, "ana", "S1")
    assert given.hit("ana", "S4")["id"] == "d"  # type: ignore[index]
    assert given.hit("ana", "S5") is None, "there never was one"
    assert await name(given, "ana", hit("a")) == ["S5"]


async def test_other_words_of_the_same_record_get_another_name() -> None:
    given = HitNames()
    assert await name(given, "ana", hit("a", "the budget")) == ["S1"]
    assert await name(given, "ana", hit("a", "the lease"), hit("a", "the budget")) == ["S2", "S1"]
    assert given.hit("ana", "S1")["snippet"] == "the budget"  # type: ignore[index]


async def test_names_are_a_persons_own() -> None:
    given = HitNames()
    await name(given, "ana", hit("a"))
    assert given.hit("bo", "S1") is None
    assert await name(given, "bo", hit("b")) == ["S1"]


@pytest.mark.parametrize("orderly", [False, True])
async def test_a_run_begins_above_all_numbers_of_the_one_before(tmp_path: Path, orderly: bool) -> None:
    file = tmp_path / "hit-names"
    used: set[str] = set()
    for _ in range(4):
        run = HitNames(file)
        assert all(is_stale(run, "ana", called) for called in used)
        for number in range(70):
            used_now = await name(run, "ana", hit(f"{number}"), hit(f"{number}+"))
            assert used.isdisjoint(used_now)
            used.update(used_now)
        if orderly:
            await run.close()
    assert max(int(called[1:]) for called in used) <= (560 if orderly else 750), "they stay short"


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff\xff", b"-"])
async def test_when_it_cannot_be_read_how_far_they_went_they_go_on_far_away(
    tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "hit-names"
    file.write_bytes(content)
    [called] = await name(HitNames(file), "ana", hit("a"))
    assert int(called[1:]) > 100_000


async def test_when_it_cannot_be_noted_how_far_they_go_searching_goes_on(tmp_path: Path) -> None:
    given = HitNames(tmp_path / "no such folder" / "hit-names")
    [called] = await name(given, "ana", hit("a"))
    assert int(called[1:]) > 100_000
    assert await name(given, "ana", hit("a"), hit("b")) == [called, f"S{int(called[1:]) + 1}"]
    assert given.hit("ana", called) is not None


async def test_a_server_that_is_not_alone_names_no_hit_as_another_does(tmp_path: Path) -> None:
    [first] = await name(HitNames(tmp_path / "one"), "ana", hit("a"))
    second = HitNames(tmp_path / "two", apart=True)
    [other] = await name(second, "ana", hit("b"))
    assert first == "S1"
    assert int(other[1:]) > 1_000
    with pytest.raises(Refusal):
        second.hit("ana", first)
    await second.close()
    for is_beside_others in (True, False):
        run = HitNames(tmp_path / "two", apart=is_beside_others)
        [later] = await name(run, "ana", hit("c"))
        await run.close()
        assert int(later[1:]) == int(other[1:]) + 1  # it goes on there, also after a restart
        other = later


async def test_servers_that_had_the_same_numbers_before_they_were_set_apart_are_so_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has given 1,500 names before it noted whether it is alone."""
    draws = iter([2, 7])
    monkeypatch.setattr("random.choice", lambda starts: starts[next(draws)])
    servers = []
    for file in (tmp_path / "one", tmp_path / "two"):
        file.write_text("1500".rjust(20))
        servers.append(HitNames(file, apart=True))
    given = [await name(server, "ana", hit("a")) for server in servers]
    assert given == [["S4001"], ["S9001"]]
    assert is_stale(servers[0], "ana", "S9001"), "nor does it take a name above its own for a text"
    assert is_stale(servers[1], "ana", "S4001")
    assert is_stale(servers[1], "ana", "S1500")
    for file, [first] in zip((tmp_path / "one", tmp_path / "two"), given, strict=True):
        [later] = await name(HitNames(file, apart=True), "ana", hit("a"))
        assert int(first[1:]) < int(later[1:]) < int(first[1:]) + 40, "set apart once"


@pytest.mark.parametrize("used", [0, 999, 1_000, 898_999, 899_000, 950_000])
async def test_a_server_that_is_set_apart_goes_on_above_its_own_numbers(tmp_path: Path, used: int) -> None:
    (tmp_path / "file").write_text(str(used))
    [called] = await name(HitNames(tmp_path / "file", apart=True), "ana", hit("a"))
    assert used < int(called[1:]) <= max(used, 899_000) + 1
