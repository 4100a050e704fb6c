"""Records in PostgreSQL: they are found as those in a file are, by every server alike, and nothing that was
acknowledged is lost. With `--postgresql` all of tests/search runs there.

Tested here: search/address, search/postgres/feed, search/postgres/ingest, search/postgres/labels,
search/postgres/lexemes, search/postgres/ops, search/postgres/people, search/postgres/rows,
search/postgres/session, search/postgres/statistics, search/postgres/store, search/postgres/tables,
search/postgres/texts, search/postgres/vocabulary.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.people import GivenPerson
from models.records import GivenRecord
from sio_server.clock import SystemClock
from sio_server.registry.errors import Refusal
from sio_server.search import index as indexing
from sio_server.search import matching, time_index
from sio_server.search.address import Database
from sio_server.search.board_index import BoardIndex
from sio_server.search.cancellation import Cancellation, Interrupted
from sio_server.search.index import Index
from sio_server.search.postgres import lexemes, texts
from sio_server.search.process import IndexProcess
from sio_server.search.query import Query, parse
from sio_server.search.store import Reader
from sio_server.search.tokenizer import Tokenizer
from tests import postgres
from tests.conftest import Serve
from tests.examples import examples
from tests.running import WAIT_S, PythonClient, until
from tests.search import test_oracle as oracle
from tests.search.shelf import AnyShelf, Json, file_shelf, record, shelf

pytestmark = pytest.mark.skipif(postgres.programs() is None, reason=postgres.MISSING)

_SLOW = "SELECT pg_sleep(60)"


@pytest.fixture(autouse=True)
def in_postgresql() -> Iterator[None]:
    with postgres.in_use():
        yield


@pytest.fixture
def store(tmp_path: Path) -> Iterator[AnyShelf]:
    with shelf(tmp_path) as opened:
        yield opened


def database() -> psycopg.Connection:
    url = postgres.shared().url("records")
    return psycopg.connect(url, autocommit=True, options="-c search_path=adjutant")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[AnyShelf, AnyShelf]]:
    """The same records in either engine; each example has a source of its own."""
    folder = tmp_path_factory.mktemp("both")
    with postgres.in_use(), shelf(folder) as here, file_shelf(folder / "search.db") as there:
        yield here, there


@given(corpus=oracle.corpora, asked=st.lists(oracle.queries, min_size=1, max_size=6))
@examples(15)
def test_both_engines_find_the_same_in_the_same_order_with_the_same_scores(
    both: tuple[AnyShelf, AnyShelf], corpus: list[oracle.Said], asked: list[str]
) -> None:
    for one in both:
        one.put([said.as_record() for said in corpus])
    for text in asked:
        here, there = (one.ask(text, limit=100) for one in both)
        scores = [[hit.pop("score", 0) for hit in found["hits"]] for found in (here, there)]
        # Words with one beginning are counted by estimate, and a phrase once.
        exact = all(len(term.tokens) == 1 and not term.is_prefix for term in parse(text, both[0].words).terms)
        assert not exact or here == there or _ties(scores[1]), text
        assert {hit["id"] for hit in here["hits"]} == {hit["id"] for hit in there["hits"]}
        if exact:
            assert scores[0] == pytest.approx(scores[1], rel=2e-3)
    for one in both:
        one.put([{"id": said.id, "gone": True} for said in corpus])


def _ties(scores: list[float]) -> bool:
    return len(set(scores)) < len(scores)


@pytest.fixture
async def nodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Index, Index]]:
    """Two servers' indexes on one board."""
    monkeypatch.setattr(indexing, "MAINTAIN_EVERY_S", 0.01)
    place = postgres.place_of_records(tmp_path)
    opened = Index(place, SystemClock()), Index(place, SystemClock())
    for one in opened:
        await one.start()
    yield opened
    for one in opened:
        await one.stop(5.0)


async def put(index: Index, *records: Json, op: str | None = None, most: Json = (999, 999)) -> Json:
    answer, replayed = await index.put(
        "notes", records, GivenRecord, None if op is None else ("ana", op), most
    )
    return answer | {"replayed": replayed}


async def ids(index: Index, query: str, **more: Json) -> list[str]:
    found = await index.search(1, query=query, **more)
    return [hit["id"].partition("/")[2] for hit in found["hits"]]


async def test_what_one_server_puts_changes_or_removes_another_finds_so(nodes: tuple[Index, Index]) -> None:
    one, other = nodes
    assert (await put(one, record("a", "apples", meta={"from": "Ana"}), record("b", "pears")))["indexed"] == 2
    assert await ids(other, "apples OR pears") in (["a", "b"], ["b", "a"])
    assert await ids(other, "from:ana") == ["a"]
    answer = await put(
        other, record("a", "oranges", "2020-01-01", meta={"from": "Ben"}), record("b", "pears")
    )
    assert answer == {"indexed": 1, "unchanged": 1, "held": 2, "rejected": [], "replayed": False}
    assert await ids(one, "apples") == await ids(one, "from:ana") == []
    assert await ids(one, "from:ben before:2021") == ["a"]
    assert (await put(one, {"id": "a", "gone": True}, {"id": "none", "gone": True}))["removed"] == 1
    assert await ids(other, "oranges") == await ids(other, "from:ben") == []
    assert (await other.summary())["by_source"] == {"notes": 1}
    assert (await put(other, record("a", "oranges")))["held"] == 2
    assert await ids(one, "", limit=5) in (["a", "b"], ["b", "a"])


async def test_both_put_at_once_and_nothing_is_lost_or_twice(nodes: tuple[Index, Index]) -> None:
    puts = [
        put(nodes[number % 2], *(record(f"r{number}-{n}", f"word{n} budget") for n in range(5)))
        for number in range(20)
    ]
    await asyncio.gather(*puts, *(put(index, record("same", "budget")) for index in nodes * 3))
    for index in nodes:
        found = await index.search(1, query="budget", limit=100)
        assert (found["total"], len(found["hits"])) == (101, 100)
        assert (await index.summary())["records"] == 101


async def test_an_op_has_one_effect_at_whichever_server_it_is_repeated(nodes: tuple[Index, Index]) -> None:
    one, other = nodes
    first = await put(one, record("a", "x"), 7, op="op")
    again = await put(other, record("a", "x"), 7, op="op")
    assert again == first | {"replayed": True}
    with pytest.raises(Refusal, match="already used"):
        await put(other, record("a", "y"), op="op")
    with pytest.raises(Refusal, match="1 records of notes, and may be 1"):
        await put(other, record("b", "y"), most=(5, 1))
    assert await ids(one, "y") == []


async def test_people_of_one_server_are_known_at_the_other(nodes: tuple[Index, Index]) -> None:
    one, other = nodes
    people = [{"id": "p", "names": ["Ana Silva"], "addresses": ["ana@example.org"]}]
    done = await one.put_people("chat", people, GivenPerson, None)
    assert (done["added"], done["removed"]) == (1, 0)
    await until(lambda: other.people.names_of("Ana Silva") != [], "the person")
    await put(other, record("a", "x", meta={"from": "ana@example.org"}))
    assert await ids(other, 'from:"Ana Silva"') == ["a"]
    assert (await other.put_people("chat", [], GivenPerson, []))["removed"] == 1
    await until(lambda: one.people.names_of("Ana Silva") == [], "nobody")


async def test_what_is_put_is_there_after_a_restart_and_boards_do_not_see_each_other(tmp_path: Path) -> None:
    with shelf(tmp_path / "one") as here:
        here.put([record("a", "budget 予算会議", meta={"from": "Ana"}), record("b", "the budget")])
    with shelf(tmp_path / "one") as here, shelf(tmp_path / "two") as there:
        there.put([record("c", "budget")])
        assert set(here.ids("budget")) == {"a", "b"}
        assert here.ids("会議") == here.ids("from:ana") == ["a"]
        assert there.ids("budget") == there.ids("b*") == ["c"]
        assert there.ids("from:ana") == there.ids("会議") == []


@pytest.fixture
def small_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten records are many, and a block has sixteen."""
    monkeypatch.setattr(matching, "RANKED_AT_MOST", 10)
    monkeypatch.setattr(matching, "COLLECTED_AT_MOST", 20)
    monkeypatch.setattr(time_index, "BLOCK_BITS", 4)
    monkeypatch.setattr(time_index, "BLOCK_SIZE", 16)


@pytest.mark.usefixtures("small_bounds")
def test_a_broad_query_gives_its_newest_and_says_at_least(store: AnyShelf) -> None:
    store.put(
        [record(f"r{day}", "budget", f"2026-{day // 28 + 1:02}-{day % 28 + 1:02}") for day in range(200)]
    )
    for _ in range(2):
        found = store.ask("budget", limit=3)
        assert [hit["id"] for hit in found["hits"]] == ["notes/r199", "notes/r198", "notes/r197"]
        assert (found["ranked"], found["total"], found["at_least"]) == ("newest", 21, True)
    assert store.ids("budget", limit=3, offset=3) == ["r196", "r195", "r194"]
    store.put([{"id": f"r{day}", "gone": True} for day in range(5, 200)])
    found = store.ask("budget")
    assert (found["ranked"], found["total"]) == ("relevance", 5), "it is forgotten that there were many"


@pytest.mark.usefixtures("small_bounds")
def test_what_was_common_long_ago_is_collected_at_once(
    store: AnyShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    years = range(1900, 2000)
    store.put([record(f"r{year}", "budget" if year < 1940 else "meeting", f"{year}-01-01") for year in years])
    monkeypatch.setattr(matching, "WALKED_AT_MOST", 3)
    for most in (39, 40):  # then there are more than are collected, and just as many
        monkeypatch.setattr(matching, "THEN_AT_MOST", most)
        found = store.ask("budget", limit=3)
        assert [hit["id"] for hit in found["hits"]] == ["notes/r1939", "notes/r1938", "notes/r1937"]
        assert (found["ranked"], found["total"], found["at_least"]) == ("newest", 21, True)


def test_words_of_a_long_text_are_found_wherever_they_stand(store: AnyShelf) -> None:
    many = " ".join(f"{n:x}" for n in range(17_000))
    often = "the other " * 300
    long = "x" * 3_000
    store.put(
        [
            record("far", f"{many} budget meeting"),
            record("often", f"{often} the budget meeting"),
            record("apart", f"{many} budget or meeting"),
            record("long", f"{long} budget"),
        ]
    )
    assert set(store.ids('"budget meeting"')) == {"far", "often"}
    assert store.ids('"the budget"') == ["often"]
    assert set(store.ids('budget -"budget meeting"')) == {"apart", "long"}
    assert store.ids(long) == store.ids(f"{'x' * 2_000}*") == ["long"]
    assert store.ids("x" * 2_999) == []


def test_the_last_position_that_is_kept_makes_no_phrase_with_one_that_is_not(store: AnyShelf) -> None:
    before = " ".join(f"{n:x}" for n in range(lexemes.POSITIONS - 1))
    store.put([record("last", f"{before} budget or meeting"), record("over", f"{before} budget meeting")])
    assert store.ids('"budget meeting"') == ["over"]


def test_a_common_word_of_a_large_board_is_not_counted(
    store: AnyShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "COUNTED_TO", 10)
    store.put([record(f"r{n}", "budget meeting" if n % 4 else "budget") for n in range(200)])
    with database() as connection:
        connection.execute("ANALYZE record_words")
    query = parse("budget meeting", Tokenizer.alone())

    def weighed(reader: Reader) -> list[int]:
        return [reader.text._having(group) for group in query.groups]  # type: ignore[attr-defined]

    assert store.file.look(Cancellation(), weighed) == [200, 150]


def test_a_cancelled_search_ends_and_the_next_one_is_not_disturbed(store: AnyShelf) -> None:
    store.put([record("a", "budget")])
    slow = Cancellation(), Cancellation()
    for search in slow:
        threading.Timer(0.1, search.cancel).start()
        ended = list[Json]()
        store.file.look(search, lambda reader, to=ended: to.append(reader.text._session.ask(_SLOW)))
        assert not ended
        assert store.ids("budget") == ["a"]


def test_ranks_are_in_the_order_of_the_records_also_once_some_have_changed(store: AnyShelf) -> None:
    """What lists them goes through the blocks of ids in order (time_index.by_block)."""
    store.put([record(id, f"budget meeting {id}") for id in "abcde"])
    store.put([record(id, f"the budget meeting {id}") for id in "ca"])
    for text in ("budget meeting", '"budget meeting"'):
        query = parse(text, Tokenizer.alone())

        def ranked(reader: Reader, query: Query = query) -> list[int]:
            return [id for id, _ in reader.text.ranked(query)]

        assert store.file.look(Cancellation(), ranked) == [1, 2, 3, 4, 5]


def test_a_search_that_is_out_of_time_shows_what_it_has_found(store: AnyShelf) -> None:
    """Its statement is ended, and it reads on in the same transaction (search/matching)."""
    store.put([record("a", "budget")])
    search = Cancellation()

    def cancel() -> None:
        runs = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query = %s"
        with database() as connection:
            ends_s = time.monotonic() + WAIT_S
            while connection.execute(runs, (_SLOW,)).fetchall() == [(0,)] and time.monotonic() < ends_s:
                time.sleep(0.01)
        search.cancel()

    def ask(reader: Reader) -> list[str]:
        rows: Json = reader.rows
        waiting = threading.Thread(target=cancel, daemon=True)
        waiting.start()
        with pytest.raises(Interrupted):
            rows._session.ask(_SLOW)
        waiting.join()
        return [row[5] for row in reader.rows.of([1])]

    assert store.file.look(search, ask) == ["a"]
    assert store.ids("budget") == ["a"]


async def test_a_database_that_was_set_back_is_read_again(tmp_path: Path, nodes: tuple[Index, Index]) -> None:
    """The lost puts are as many as the ones that follow, so that the version alone does not tell."""
    one, _ = nodes
    await put(one, record("a", "apples"))
    with database() as connection:
        board = postgres.place_of_records(tmp_path)._board  # type: ignore[attr-defined]
        names = ("record_boards", "record_puts", "records", "record_words", "record_labels")
        kept = {
            name: connection.execute(f"SELECT * FROM {name} WHERE board = %s".encode(), (board,)).fetchall()
            for name in names
        }
        await put(one, record("b", "pears"), record("c", "plums"))
        assert await ids(one, "pears") == ["b"]
        with connection.transaction():
            for name, rows in kept.items():
                connection.execute(f"DELETE FROM {name} WHERE board = %s".encode(), (board,))
                for row in rows:
                    places = ", ".join(["%s"] * len(row))
                    over = " OVERRIDING SYSTEM VALUE" if name == "record_boards" else ""
                    connection.execute(f"INSERT INTO {name}{over} VALUES ({places})".encode(), row)
    other = Index(postgres.place_of_records(tmp_path), SystemClock())
    await other.start()
    await put(other, record("d", "pears", meta={"from": "Ben"}))
    await other.stop(5.0)
    assert await ids(one, "pears") == await ids(one, "from:ben") == ["d"]
    assert (await one.summary())["records"] == 2


async def test_two_processes_and_their_other_boards_have_the_same_records() -> None:
    url = postgres.shared().url("records")
    one, other = (IndexProcess(Database(url, "two-processes"), "info") for _ in range(2))
    await asyncio.gather(one.start(), other.start())
    boards = [BoardIndex(process, Database(url, "two-processes-cfo")) for process in (one, other)]
    for board in boards:
        await board.start()
    try:
        await one.put("notes", [record("a", "budget")], GivenRecord, None)
        await boards[0].put("notes", [record("b", "budget")], GivenRecord, None)
        for index, id in ((one, "a"), (other, "a"), (boards[0], "b"), (boards[1], "b")):
            found = await index.search(1, query="budget")
            assert [hit["id"] for hit in found["hits"]] == [f"notes/{id}"]
            assert index.fault is None
    finally:
        await asyncio.gather(*(board.stop(5.0) for board in boards))
        await asyncio.gather(one.stop(5.0), other.stop(5.0))


async def total(client: PythonClient, query: str) -> int:
    """Once there is an answer."""
    while True:
        ack = await client.request("search:query", query=query)
        if ack["ok"]:
            number: int = ack["data"]["total"]
            return number
        assert (ack["error"]["code"], ack["error"]["retry"]) == ("storage_unavailable", "same_op")
        await asyncio.sleep(0.05)


async def test_a_database_that_goes_and_comes_back_is_used_again(serve: Serve) -> None:
    own = postgres.Postgres()
    own.start()
    server = await serve(f"--log-url={own.url('board')}", f"--search-url={own.url('board')}")
    client = await PythonClient().connect(server.url)
    await client.done("records:put", records=[record("a", "budget")])
    own.end_sessions()
    assert await total(client, "budget") == 1
    own.kill()
    refused = await client.refused("search:query", query="budget")
    assert (refused["code"], refused["retry"]) == ("storage_unavailable", "same_op")
    assert "postgresql://127.0.0.1" in refused["message"]
    own.start()
    assert await total(client, "budget") == 1
    await client.done("records:put", records=[record("b", "budget")])
    own.freeze()
    refused = await client.refused("search:query", query="budget")
    assert (refused["code"], refused["retry"]) == ("storage_unavailable", "same_op")
    own.freeze(False)
    assert await total(client, "budget") == 2
    await client.disconnect()
    own.remove()
