"""Notices on closed pages (push/notices, push/delivery, push/service, push/keys, outgoing.py): real servers
send to a push service of our own (tests.push_service) over HTTPS."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec

from sio_server.clients import tokens
from sio_server.outgoing import NotPublic, refuse_private
from sio_server.push import keys
from sio_server.push.keys import PushKeyError, ServerKey, from_url64
from sio_server.push.service import PushService, Sent
from sio_server.registry.notices import Pushed
from sio_server.registry.roles import Role
from tests.conftest import Serve
from tests.push_service import Browser, PushServer, push_server
from tests.running import PythonClient, RunningServer, until

http_ece = pytest.importorskip("http_ece", reason="requirements-push.txt")
Json = Any
NOTIFY = {"notify": {"before_min": 5}}


@pytest.fixture(scope="module")
async def push(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PushServer]:
    async with push_server(tmp_path_factory.mktemp("push")) as server:
        yield server


@pytest.fixture(autouse=True)
def _nothing_got(push: PushServer) -> None:
    push.got.clear()
    push.answers.clear()


async def serving(serve: Serve, push: PushServer, *flags: str) -> RunningServer:
    env = {"SSL_CERT_FILE": str(push.certificate.file)}
    return await serve(
        f"--push-service={push.host}", "--push-contact=mailto:ops@example.org", *flags, env=env
    )


async def subscribed(server: RunningServer, push: PushServer, name: str, **auth: Json) -> str:
    """A person whose browser is notified, and whose page is closed; the device's id."""
    client = await PythonClient(**auth).connect(server.url)
    await client.done("prefs:set", set=NOTIFY)
    told = await client.done("push:subscribe", push.subscription(name))
    assert [one["device"] for one in told["devices"]] == [name]
    await client.disconnect()
    return str(told["id"])


def in_minutes(minutes: float) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def given(number: int, assignee: str) -> Json:
    return {"id": f"p{number}", "title": f"Sign lease {number}", "assignee": assignee}


async def test_a_closed_page_is_told_of_a_meeting_a_task_and_a_failed_source_once_each_over_a_kill(
    serve: Serve, push: PushServer
) -> None:
    server = await serving(serve, push)
    await subscribed(server, push, "nina", client="nina", person="Nina Weber")
    ana = await PythonClient(client="ana").connect(server.url)
    call = {"title": "Board call", "start": in_minutes(4.5), "end": in_minutes(40)}
    declined, later = call | {"id": "d", "answer": "declined"}, call | {"id": "l", "start": in_minutes(30)}
    await ana.done("calendar:put", items=[call | {"id": "c"}, declined, later])
    await ana.done("calendar:put", items=[call | {"id": "w", "private": True, "title": "Dr. Weiss"}])
    await ana.done("priorities:put", items=[given(1, "Nina Weber"), given(2, "Bo")])
    source = await PythonClient(source="ics:work", client="ics:work").connect(server.url)
    run = (await source.done("source:hello", ttl_s=3600))["run"]
    await source.done("source:finish", run=run, ok=False, error="the file is gone")
    await until(lambda: len(push.told("nina")) >= 4)
    titles = {
        "In 5 min: Board call",
        "In 5 min: Busy",
        "ana gave you something: Sign lease 1",
        "ics:work failed: the file is gone",
    }
    assert {*push.told("nina")} == titles
    assert {one["board"] for one in push.messages("nina")} == {"main"}
    key = (await ana.done("push:get"))["key"]
    for got in push.got:
        claims = push.signed(got, key)
        assert claims["sub"] == "mailto:ops@example.org"
        assert b"lease" not in got.body
        with pytest.raises(InvalidTag):
            Browser().decrypted(got.body)
    assert len({got.headers["Topic"] for got in push.got}) == len(push.got)
    await ana.disconnect()
    await source.disconnect()
    await server.restart()
    ana = await PythonClient(client="ana").connect(server.url)
    await ana.done(
        "priorities:put",
        items=[given(1, "Nina Weber") | {"title": "Sign the new lease"}, given(3, "Nina Weber")],
    )
    await until(lambda: "ana gave you something: Sign lease 3" in push.told("nina"))
    assert len(push.told("nina")) == 5, push.told("nina")
    await ana.disconnect()
    path = server.data_dir / keys.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_what_a_service_could_not_take_is_sent_again_also_after_a_kill(
    serve: Serve, push: PushServer
) -> None:
    server = await serving(serve, push)
    await subscribed(server, push, "nina", client="nina", person="Nina Weber")
    push.answers = [(429, {"Retry-After": "1"}), (503, {"Retry-After": "3600"})]
    ana = await PythonClient(client="ana").connect(server.url)
    await ana.done("priorities:put", items=[given(1, "Nina Weber")])
    await until(lambda: len(push.got) == 2, "the second try, when the service said")
    await ana.disconnect()
    await server.restart()
    await until(lambda: len(push.got) == 3, "sent after the restart")
    assert push.told("nina") == ["ana gave you something: Sign lease 1"] * 3


def test_what_one_device_has_is_no_more_on_its_way_though_another_had_it_or_left_meanwhile() -> None:
    devices = {"a": {"since": "2026"}, "b": {"since": "2026"}}
    one: Json = {"tag": "one", "fields": {}, "to": ["a", "b"]}
    other: Json = one | {"tag": "other"}
    both = Pushed(devices, due=(one, other))
    assert both.sent(one, "a").sent(one, "b").due == (other,)
    assert both.without("a").sent(one, "b").due == (other | {"to": ["b"]},)
    assert both.sent(one, "b").without("a").due == (other | {"to": ["b"]},)


async def test_each_of_two_browsers_is_told_once(serve: Serve, push: PushServer) -> None:
    server = await serving(serve, push)
    await subscribed(server, push, "desk", client="nina", person="Nina Weber")
    nina = await PythonClient(client="nina", person="Nina Weber").connect(server.url)
    await nina.done("push:subscribe", push.subscription("phone"))
    await nina.disconnect()
    ana = await PythonClient(client="ana").connect(server.url)
    numbers = range(1, 11)
    for number in numbers:
        await ana.done("priorities:put", items=[given(number, "Nina Weber")])
    last = "ana gave you something: Sign lease 10"
    await until(lambda: last in push.told("desk") and last in push.told("phone"))
    await ana.disconnect()
    expected = [f"ana gave you something: Sign lease {number}" for number in numbers]
    assert [push.told("desk"), push.told("phone")] == [expected, expected]


async def test_a_browser_that_is_gone_is_taken_away_and_the_other_stays(
    serve: Serve, push: PushServer
) -> None:
    server = await serving(serve, push)
    await subscribed(server, push, "gone", client="nina", person="Nina Weber")
    nina = await PythonClient(client="nina", person="Nina Weber").connect(server.url)
    await nina.done("push:subscribe", push.subscription("phone"))
    push.answers = [(410, {})]
    ana = await PythonClient(client="ana").connect(server.url)
    await ana.done("priorities:put", items=[given(1, "Nina Weber")])
    await until(lambda: len(push.got) == 2, "one for each")
    while len(devices := (await nina.done("push:get"))["devices"]) > 1:
        pass
    gone = next(one.path for one in push.got)
    assert devices[0]["device"] == {"/gone": "phone", "/phone": "gone"}[gone]
    await nina.disconnect()
    await ana.disconnect()


async def test_a_private_source_and_a_revoked_token_are_told_to_nobody(
    serve: Serve, push: PushServer, tmp_path: Path
) -> None:
    file = tmp_path / "tokens.json"
    secrets = {name: tokens.add(file, name, Role.EDITOR, None) for name in ("ana", "bo", "eve")}
    mail = tokens.add(file, "mail", Role.COLLECTOR, "mail")
    server = await serving(serve, push, f"--tokens={file}", "--private=mail=ana")
    for name, secret in secrets.items():
        await subscribed(server, push, name, token=secret)
    tokens.remove(file, "eve")
    source = await PythonClient(token=mail, source="mail").connect(server.url)
    run = (await source.done("source:hello", ttl_s=3600))["run"]
    await source.done("priorities:put", items=[given(1, "ana"), given(2, "bo"), given(9, "eve")])
    await source.done("source:finish", run=run, ok=False, error="wrong password")
    bo = await PythonClient(token=secrets["bo"]).connect(server.url)
    await bo.done("priorities:put", items=[given(3, "ana"), given(4, "bo"), given(5, "eve")])
    await until(lambda: len(push.told("ana")) >= 3)
    ana = await PythonClient(token=secrets["ana"]).connect(server.url)
    await ana.done("priorities:put", items=[given(6, "bo")])
    await until(lambda: push.told("bo"))
    assert push.told("bo") == ["ana gave you something: Sign lease 6"]
    assert sorted(push.told("ana")) == [
        "bo gave you something: Sign lease 3",
        "mail failed: wrong password",
        "mail gave you something: Sign lease 1",
    ]
    assert push.told("eve") == []
    for client in (source, bo, ana):
        await client.disconnect()


async def test_devices_are_one_persons_few_and_of_known_services(serve: Serve, push: PushServer) -> None:
    server = await serving(serve, push)
    ana = await PythonClient(client="ana", person="ana").connect(server.url)
    bo = await PythonClient(client="bo", person="bo").connect(server.url)
    shared = push.subscription("shared")
    await ana.done("push:subscribe", shared)
    id = (await bo.done("push:subscribe", shared))["id"]
    assert (await ana.done("push:get"))["devices"] == []
    for endpoint in (
        "https://10.0.0.1/x",
        "https://fcm.googleapis.com.example.org/x",
        f"{push.origin}.example.org/x",
    ):
        error = await ana.refused("push:subscribe", shared | {"endpoint": endpoint})
        assert (error["code"], "--push-service" in error["message"]) == ("bad_request", True)
    for endpoint in (
        "http://fcm.googleapis.com/x",
        "https://x@fcm.googleapis.com/x",
        "https://fcm.googleapis.com",
    ):
        assert (await ana.refused("push:subscribe", shared | {"endpoint": endpoint}))["code"] == "bad_request"
    for number in range(9):
        await bo.done("push:subscribe", push.subscription(f"bo{number}"))
    assert (await bo.refused("push:subscribe", push.subscription("bo9")))["code"] == "too_large"
    left = await bo.done("push:unsubscribe", id=id)
    assert len(left["devices"]) == 9
    await ana.disconnect()
    await bo.disconnect()


async def test_an_open_page_is_told_by_an_event_and_of_many_things_how_many(
    serve: Serve, push: PushServer
) -> None:
    server = await serving(serve, push)
    nina = await PythonClient(client="nina", person="Nina Weber").connect(server.url)
    await nina.done("prefs:set", set=NOTIFY)
    ana = await PythonClient(client="ana").connect(server.url)
    await ana.done("priorities:put", items=[given(number, "Nina Weber") for number in range(30)])
    told = (await nina.wait_for("push:notices"))["notices"]
    assert [one["kind"] for one in told] == ["given"] * 19 + ["more"]
    assert told[-1]["fields"] == {"count": "11"}
    await nina.done("priorities:put", items=[given(50, "Nina Weber")])
    await ana.done("priorities:put", items=[given(51, "Nina Weber")])
    event = await nina.wait_for("push:notices", lambda told: len(told["notices"]) == 1)
    assert event["notices"][0]["fields"] == {"title": "Sign lease 51", "who": "ana"}
    await nina.disconnect()
    await ana.disconnect()


def test_a_known_message_is_decrypted_as_the_standard_shows_it() -> None:
    """RFC 8291, appendix A: so that our service is no mirror of the server."""
    secret = int.from_bytes(from_url64("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"))
    browser = Browser(ec.derive_private_key(secret, ec.SECP256R1()), from_url64("BTBZMqHH6r4Tts7J_aSIgg"))
    body = (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A"
        "_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    assert browser.decrypted(from_url64(body)) == b"When I grow up, I want to be a watermelon"


def test_the_key_stays_the_same_and_a_wrong_file_is_told(tmp_path: Path) -> None:
    first = ServerKey.kept(tmp_path).public
    assert (len(from_url64(first)), ServerKey.kept(tmp_path).public) == (65, first)
    (tmp_path / keys.FILE).write_text("nonsense")
    with pytest.raises(PushKeyError, match="put the right file back"):
        ServerKey.kept(tmp_path)


async def test_only_public_addresses_are_sent_to_and_what_is_no_longer_allowed_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(NotPublic):
        refuse_private("10.0.0.1")
    monkeypatch.setattr("sio_server.push.service.SERVICES", ("localhost",))
    service = PushService(ServerKey.kept(tmp_path), http_ece.encrypt, (), None)
    device = {"endpoint": "https://localhost/x", "keys": Browser().keys}
    assert (await service.send(device, b"x", "t", 60)).sent is Sent.LATER  # it has a private address
    device["endpoint"] = "https://else.example.org/x"
    assert (await service.send(device, b"x", "t", 60)).sent is Sent.GONE
