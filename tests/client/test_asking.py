"""A request is carried out once, whatever happens to the connection; its caller hears what became of it."""

from __future__ import annotations

import asyncio
import math
from contextlib import aclosing
from typing import Any

import pytest

from adjutant_client import Client, Refused, Stage, Unreachable
from models.batch import PutDone
from models.priorities import GivenPriority, Priority, PutPriorities
from tests.conftest import Connect
from tests.line import LineBetween
from tests.running import WAIT_S, PythonClient, RunningServer, until

Json = Any
EVENT = {"id": "e1", "title": "Board call", "start": "2026-11-23T09:00:00Z"}


def collector(url: str, within_s: float = WAIT_S) -> Client:
    return Client(url, client="test", source="ics:test", within_s=within_s)


async def test_a_request_whose_answer_was_lost_has_one_effect(
    server: RunningServer, connect: Connect
) -> None:
    dashboard = await connect()
    async with LineBetween(server) as line, collector(line.url) as client:
        await client.request("system:set", {"status": "COLLECTING"})
        line.hold()
        put = asyncio.ensure_future(client.request("calendar:put", {"items": [EVENT]}, PutDone))
        await dashboard.wait_for("state:patch", lambda patch: patch["changes"][0]["section"] == "calendar")
        line.cut()
        answer = await put
        assert (answer.data.added, answer.replay) == (1, True)
        assert line.connections == 2
    puts = [patch for patch in dashboard.received("state:patch") if "calendar" in str(patch["changes"])]
    assert len(puts) == 1


async def test_requests_go_on_over_a_restart_of_the_server(server: RunningServer) -> None:
    async with collector(server.url) as client:
        assert (await client.request("calendar:put", {"items": [EVENT]})).data["added"] == 1
        await server.kill()
        second = asyncio.ensure_future(client.request("calendar:put", {"items": [EVENT]}))
        await server.start()
        assert (await second).data["unchanged"] == 1


async def test_many_requests_at_once_are_each_carried_out_once_over_kills_of_the_server(
    server: RunningServer,
) -> None:
    async with collector(server.url, within_s=math.inf) as client:
        asked = [
            asyncio.ensure_future(client.request("priorities:put", {"items": [{"id": str(n), "title": "T"}]}))
            for n in range(60)
        ]
        for done in (10, 30):
            await until(lambda done=done: sum(one.done() for one in asked) >= done, "some answers")  # type: ignore[misc]
            await server.restart()
        answers = await asyncio.gather(*asked)
        state = (await client.ask("state:get", {})).data["state"]
    assert sorted(item["rev"] for item in state["priorities"]) == [state["priorities"][0]["rev"]] * 60
    assert all(answer.data["added"] == 1 for answer in answers)


async def test_payloads_and_answers_may_be_models(server: RunningServer) -> None:
    async with Client(server.url, client="bo") as client:
        given = GivenPriority(id="sign", title="Sign", due_date="2026-12-01")
        put = await client.request("priorities:put", PutPriorities(items=[given]), PutDone)
        again = await client.request("priorities:put", {"items": [given]}, PutDone)
        done = await client.request("priorities:complete", {"code": put.data.codes["sign"]}, Priority)
    assert (put.data.added, again.data.unchanged, done.data.status, done.seq) == (1, 1, "done", 2)


async def test_what_was_not_set_in_a_model_is_not_sent(server: RunningServer, person: PythonClient) -> None:
    async with Client(server.url, client="bo") as client:
        await client.request("priorities:put", {"items": [GivenPriority(id="a", title="A", rank=3)]})
        await client.request("priorities:put", {"items": [GivenPriority(id="a", title="B")]})
    assert [(item["title"], item["rank"]) for item in (await person.state())["priorities"]] == [("B", 3)]


async def test_a_payload_that_is_not_json_is_an_error_of_the_caller(server: RunningServer) -> None:
    async with Client(server.url, client="bo") as client:
        with pytest.raises(ValueError, match="object"):
            await client.ask("state:get", {"sections": [object()]})
        with pytest.raises(ValueError, match="surrogates"):
            await client.ask("state:get", {"sections": ["\ud800"]})
        with pytest.raises(Refused):  # never null in its place
            await client.request("priorities:put", {"items": [], "run": math.nan})
        assert (await client.ask("state:get", {"sections": ["system"]})).data["seq"] == 0


async def test_an_answer_that_is_not_of_the_model_is_said_to_be(server: RunningServer) -> None:
    async with Client(server.url, client="bo") as client:
        with pytest.raises(ValueError, match="not what this client expects"):
            await client.ask("state:get", {"sections": []}, PutDone)


async def test_a_refusal_is_an_exception_with_the_reason(server: RunningServer) -> None:
    async with collector(server.url) as client:
        with pytest.raises(Refused, match="items: ") as refusal:
            await client.request("calendar:put", {"items": "none"})
    assert refusal.value.code == "bad_request"
    assert refusal.value.details[0]["path"] == "items"
    async with Client(server.url, client="mail") as client:
        with pytest.raises(Refused, match="there is no command") as refusal:
            await client.request("command:run", {"text": "frobnicate"})
        with pytest.raises(Refused, match="At character 5: ") as refusal:
            await client.request("command:run", {"text": "add task x"})
    assert str(refusal.value).count("This must be priority") == 1


async def test_patience_ends_when_there_is_no_server(server: RunningServer) -> None:
    await server.kill()
    async with collector(server.url, within_s=0.0) as client:
        for _ in range(2):  # each request makes an attempt of its own
            with pytest.raises(Unreachable, match=server.url) as away:
                await client.request("system:set", {"status": "IDLE"})
            assert not away.value.sent
        await server.start()
        await client.request("system:set", {"status": "IDLE"})


async def test_patience_ends_and_says_whether_anything_was_sent(server: RunningServer) -> None:
    async with LineBetween(server) as line, Client(line.url, client="bo") as client:
        await client.ask("state:get", {})
        line.hold()
        with pytest.raises(Unreachable) as sent:
            await client.ask("state:get", {}, within_s=0.1)
        await server.kill()
        line.cut()
        await until(lambda: client.link.stage is Stage.OFFLINE, "the loss")
        with pytest.raises(Unreachable) as unsent:
            await client.ask("state:get", {}, within_s=0.1)
    assert (sent.value.sent, unsent.value.sent) == (True, False)


async def test_a_collection_that_runs_already_is_refused_at_once(
    server: RunningServer, connect: Connect
) -> None:
    source = await connect(source="notes:work")
    source.answers["source:collect"] = {"ok": True}
    await source.done("source:hello", ttl_s=600, modes=["quick", "full"])
    async with Client(server.url, client="bo", within_s=math.inf) as client:
        await client.request("collection:start", {"mode": "full"})
        with pytest.raises(Refused, match="is already running") as refusal:
            await client.request("collection:start", {"mode": "full"})
    assert refusal.value.code == "busy"


async def another_protocol() -> asyncio.Server:
    """What listens, and is no web server at all."""

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-other\r\n")
        writer.close()

    return await asyncio.start_server(greet, "127.0.0.1", 0)


async def test_why_there_is_no_connection_is_said_as_far_as_it_is_known(server: RunningServer) -> None:
    other = await another_protocol()
    port = other.sockets[0].getsockname()[1]
    whys = {
        server.http_url: "what answers there is not an Adjutant server",
        f"{server.url}/nowhere/": "Nothing here",
        f"http://127.0.0.1:{port}": "what answers there does not speak HTTP",
        server.url.replace("http:", "https:"): "it does not speak TLS",
        "http://nowhere.invalid:8000": "there is no such host",
        "http://127.0.0.1:1": "refused: nothing is listening there",
    }
    async with other:
        for url, why in whys.items():
            async with collector(url, within_s=0.0) as client:
                with pytest.raises(Unreachable, match=f"{url}: .*{why}"):
                    await client.request("system:set", {"status": "IDLE"})


async def test_a_password_in_the_address_is_never_shown(server: RunningServer) -> None:
    url = server.url.replace("//", "//ana:secret@")
    async with collector(url) as client:
        assert (await client.request("calendar:put", {"items": [EVENT]})).data["added"] == 1
        await server.kill()
    async with collector(url, within_s=0.0) as client:
        with pytest.raises(Unreachable) as away:
            await client.request("system:set", {"status": "IDLE"})
    assert str(away.value).startswith(server.url)


@pytest.mark.parametrize("turns", range(8))
async def test_a_request_can_be_cancelled_at_any_moment_of_connecting(
    server: RunningServer, turns: int
) -> None:
    async with collector(server.url) as client:
        asked = asyncio.ensure_future(client.ask("state:get", {}))
        async with aclosing(client.changes()) as changes:
            async for link in changes:
                if link.stage is not Stage.CONNECTING:
                    break
        for _ in range(turns):
            await asyncio.sleep(0)
        was_cancelled = asked.cancel()
        await asyncio.wait([asked])
        assert asked.cancelled() == was_cancelled
        await client.ask("state:get", {})
