"""Who may come in and what they may do: the connect packet, tokens and roles (clients/admission)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from sio_server.clients import tokens
from sio_server.registry.roles import READERS, Role
from tests.abuse.arena import PATIENT, TRANSPORTS, VALUE, Arena, changed_server, check_refusal
from tests.abuse.raw import RawSocket, Session, dump
from tests.forked import ForkedServer
from tests.running import WAIT_S

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOLDERS = {
    "viewer": (Role.VIEWER, None),
    "editor": (Role.EDITOR, None),
    "collector": (Role.COLLECTOR, "ics:work"),
    "roving": (Role.COLLECTOR, None),
    "admin": (Role.ADMIN, None),
}


class Guarded(Arena):
    """An arena on a server with tokens, one for each of the holders."""

    tokens: dict[str, str]
    file: Path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def guarded(tmp_path_factory: pytest.TempPathFactory, both_paths: str) -> AsyncIterator[Guarded]:
    """A server with tokens."""
    data_dir = tmp_path_factory.mktemp("guarded") / "data"
    file = data_dir / "tokens.json"
    given = {name: tokens.add(file, name, role, source) for name, (role, source) in HOLDERS.items()}
    server = changed_server(data_dir.parent, PATIENT)
    await server.start()
    try:
        async with Guarded.on(server, token=given["admin"]) as arena:
            assert isinstance(arena, Guarded)
            arena.tokens, arena.file = given, file
            yield arena
    finally:
        await server.kill()


async def refusal(session: Session, auth: str) -> Any:
    """What a refused connect says."""
    await session.send(f"40{auth}")
    return json.loads((await session.next_of("44{"))[2:])


async def answer_to_connect(session: Session) -> str:
    """How the packet begins that answers a connect."""
    await session.send("40{}")
    return (await session.next())[:2]


BAD_AUTH: dict[str, str] = {
    "a list": f'["{VALUE}"]',
    "a text": f'"{VALUE}"',
    "a number": "1",
    "a boolean": "true",
    "an unknown field": f'{{"zz":"{VALUE}"}}',
    "the field __proto__": '{"__proto__":{"admin":true}}',
    "NaN": '{"client":NaN}',
    "a lone surrogate": '{"client":"\\ud800"}',
    "lists 33 deep": '{"resume":' + "[" * 33 + "]" * 33 + "}",
    "lists 1,000 deep": '{"resume":' + "[" * 1_000 + "]" * 1_000 + "}",
    "lists 30,000 deep": '{"resume":' + "[" * 30_000 + "]" * 30_000 + "}",
    "5,000 fields": "{" + ",".join(f'"k{n}":1' for n in range(5_000)) + "}",
    "1 MB": f'{{"client":"{"c" * (1 << 20)}"}}',
    "10 MB": f'{{"client":"{"c" * (10 << 20)}"}}',
    "a token that is a number": '{"token":1}',
    "a token of 8,001 characters": f'{{"token":"{"t" * 8_001}"}}',
    "a name that is empty": '{"client":""}',
    "a name of 101 characters": f'{{"client":"{VALUE + "c" * 95}"}}',
    "a name with a line break": f'{{"client":"{VALUE}\\n"}}',
    "a source with a slash": '{"source":"ics/work"}',
    "the source that is nobody's": '{"source":"local"}',
    "a source that is empty": '{"source":""}',
    "a source with a line break": '{"source":"ics:work\\n"}',
    "a source of 65 characters": f'{{"source":"{"s" * 65}"}}',
    "rooms that are a text": '{"rooms":"state"}',
    "a room that there is not": '{"rooms":["nope"]}',
    "the room of all rooms": '{"rooms":["*"]}',
    "a room that is a number": '{"rooms":[1]}',
    "33 rooms": f'{{"rooms":{dump(["state"] * 33)}}}',
}


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("auth", BAD_AUTH.values(), ids=BAD_AUTH)
async def test_a_bad_auth_payload_is_refused_and_hears_nothing(
    arena: Arena, auth: str, transport: str
) -> None:
    async with arena.undisturbed(), arena.attacker(transport, joined=False) as session:
        refused = await refusal(session, auth)
        assert refused["data"] == {"code": "bad_request", "retry": "no"}
        assert VALUE not in dump(refused)
        assert len(refused["message"]) < 500
        await arena.nudge_unseen(session)


BAD_TOKENS: dict[str, dict[str, Any]] = {
    "no token": {},
    "a token that is null": {"token": None},
    "an empty token": {"token": ""},
    "a wrong token": {"token": VALUE * 6},
    "the name of a token": {"token": "admin"},
    "a token with a space": {"token": "ADMIN "},
    "half a token": {"token": "HALF"},
    "a token and another one's source": {"token": "COLLECTOR", "source": "ics:home"},
    "a viewer as a source": {"token": "VIEWER", "source": "ics:work"},
    "an editor as a source": {"token": "EDITOR", "source": "ics:work"},
    "a collector for no source as one": {"token": "ROVING", "source": "ics:work"},
    "a collector that would follow the board": {"token": "COLLECTOR", "rooms": ["state"]},
    "a collector that would follow a section": {"token": "ROVING", "rooms": ["sources"]},
}


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("auth", BAD_TOKENS.values(), ids=BAD_TOKENS)
async def test_who_shows_no_good_token_is_refused_and_hears_nothing(
    guarded: Guarded, auth: dict[str, Any], transport: str
) -> None:
    text = dump(auth)
    for name, token in guarded.tokens.items():
        text = text.replace(name.upper(), token)
    text = text.replace("HALF", guarded.tokens["admin"][:20])
    async with guarded.undisturbed(), guarded.attacker(transport, joined=False) as session:
        refused = await refusal(session, text)
        assert refused["data"] == {"code": "unauthorized", "retry": "no"}
        assert VALUE not in dump(refused)
        await guarded.nudge_unseen(session)
    assert not any(token in guarded.server.log() for token in guarded.tokens.values())


async def test_who_was_refused_may_try_again_on_the_same_connection(guarded: Guarded) -> None:
    async with guarded.undisturbed(), guarded.attacker(joined=False) as session:
        assert (await refusal(session, '{"token":"wrong"}'))["data"]["code"] == "unauthorized"
        await session.join(token=guarded.tokens["viewer"])
        assert (await session.ask("state:get", {}))["ok"]


SYSTEM: tuple[str, Any] = ("system:set", {"message": "mine"})
PUT: tuple[str, Any] = ("priorities:put", {"items": []})
FORBIDDEN: dict[str, list[tuple[str, Any]]] = {
    "viewer": [
        SYSTEM,
        PUT,
        *(
            (f"{section}:{verb}", {})
            for section in ("calendar", "priorities", "commitments")
            for verb in ("put", "drop", "edit")
        ),
        ("priorities:complete", {"code": "P1"}),
        ("priorities:snooze", {"code": "P1", "until": "2100-01-01"}),
        ("commitments:reopen", {"code": "M1"}),
        ("brief:set", {"brief": {"text": "mine"}}),
        ("brief:generate", {"kind": "daily"}),
        ("brief:clear", {}),
        ("command:run", {"text": "brief"}),
        ("command:run", {"text": "search a | add owe S1"}),
    ],
    "collector": [
        ("priorities:complete", {"code": "P1"}),
        ("priorities:edit", {"code": "P1", "set": {"title": "mine"}}),
        ("calendar:edit", {"code": "C1", "set": {"title": "mine"}}),
        ("calendar:drop", {"codes": ["C1"]}),
        ("commitments:complete", {"code": "M1"}),
        ("brief:set", {"brief": {"text": "mine"}}),
        ("brief:generate", {"kind": "meeting", "code": "C1"}),
        ("brief:clear", {}),
    ],
    "roving": [
        *(PUT, SYSTEM, ("calendar:put", {"items": []}), ("calendar:drop", {"ids": ["e1"]})),
        ("records:put", {"records": [{"id": "n1", "text": "mine", "at": "2026-11-23"}]}),
        ("people:put", {"items": [{"id": "n1", "names": ["Ana"]}]}),
        ("source:hello", {}),
    ],
}


@pytest.mark.parametrize(
    ("holder", "event", "payload"),
    [(holder, *request) for holder, requests in FORBIDDEN.items() for request in requests],
)
async def test_a_role_does_not_reach_beyond_itself(
    guarded: Guarded, holder: str, event: str, payload: Any
) -> None:
    async with guarded.undisturbed(), guarded.attacker(token=guarded.tokens[holder]) as session:
        check_refusal(await session.ask(event, payload), "forbidden", None)


async def test_a_collector_sees_and_drops_only_what_is_its_own(guarded: Guarded) -> None:
    async with guarded.undisturbed(), guarded.attacker(token=guarded.tokens["collector"]) as session:
        for id in ("e1", "ics:home/e1", "../e1"):
            ack = await session.ask("calendar:drop", {"ids": [id]})
            assert ack["data"] == {"removed": 0}


async def test_everybody_but_collectors_may_read(guarded: Guarded) -> None:
    async with guarded.undisturbed():
        for holder, token in guarded.tokens.items():
            reads = HOLDERS[holder][0] in READERS
            async with guarded.attacker(token=token) as session:
                assert (await session.ask("state:get", {}))["ok"], holder
                assert (await session.ask("state:subscribe", {"rooms": ["state"]}))["ok"] is reads, holder


async def test_a_revoked_token_ends_its_connections_with_a_good_bye(guarded: Guarded) -> None:
    secret = tokens.add(guarded.file, "short-lived", Role.EDITOR, None)
    async with guarded.undisturbed(), guarded.attacker(joined=False) as session:
        await session.send(f'40{{"token":"{secret}"}}')
        while (await session.next()).startswith("44"):
            await asyncio.sleep(0.25)  # the server looks at the file every two seconds
            await session.send(f'40{{"token":"{secret}"}}')
        tokens.remove(guarded.file, "short-lived")
        packets, _ = await session.last_words()
        assert json.loads(packets[-3][2:])[1]["code"] == "unauthorized"
        assert packets[-2:] == ["41", "1"]


async def test_other_hosts_are_served_where_there_are_tokens_and_other_origins_are_not(
    guarded: Guarded,
) -> None:
    async with guarded.undisturbed():
        host = ("Host", "board.example")
        session = await RawSocket.open(guarded.server, headers=[host, ("Origin", "https://board.example")])
        assert (await (await session.join(token=guarded.tokens["viewer"])).ask("state:get", {}))["ok"]
        await session.leave()


async def test_guessing_tokens_is_ended_and_logged_and_shuts_out_nobody_with_a_good_one(
    tmp_path: Path,
) -> None:
    """With a server of its own, since the address that is noted is everybody's here."""
    data_dir = tmp_path / "data"
    secret = tokens.add(data_dir / "tokens.json", "viewer", Role.VIEWER, None)
    server = ForkedServer(data_dir)
    await server.start()
    try:
        session = await RawSocket.open(server)
        answers = [(await refusal(session, f'{{"token":"guess-{n}"}}'))["data"] for n in range(100)]
        assert all(answer == {"code": "unauthorized", "retry": "no"} for answer in answers)
        for _ in range(2):
            shut_out = {"code": "unauthorized", "retry": "after", "after_ms": 60_000}
            assert (await refusal(session, '{"token":"guess"}'))["data"] == shut_out
            await session.last_words()
            await session.leave()
            session = await RawSocket.open(server)
        assert (await (await session.join(token=secret)).ask("state:get", {}))["ok"]
        await session.leave()
        assert "guess-" not in server.log()
        [line] = [line for line in server.log().splitlines() if "refused 127.0.0.1" in line]
        assert "token" in line
    finally:
        await server.kill()


async def test_administrators_come_in_when_all_connections_are_taken(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    secrets = {role: tokens.add(data_dir / "tokens.json", role, role, None) for role in Role}
    server = ForkedServer(data_dir, "--max-connections=2")
    await server.start()
    try:
        sessions = [await RawSocket.open(server) for _ in range(4)]
        for session, role in zip(sessions, (Role.VIEWER, Role.EDITOR), strict=False):
            await session.join(token=secrets[role])
        refused = await refusal(sessions[2], dump({"token": secrets[Role.VIEWER]}))
        assert refused["data"]["code"] == "too_many_connections"
        assert (await (await sessions[3].join(token=secrets[Role.ADMIN])).ask("state:get", {}))["ok"]
        for session in sessions:
            await session.leave()
    finally:
        await server.kill()


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_sessions_of_nobody_make_way_and_shut_nobody_out(tmp_path: Path, transport: str) -> None:
    """The one that is silent longest goes first."""
    server = ForkedServer(tmp_path / "data", "--max-connections=3", "--max-strangers=5")
    await server.start()
    try:
        silent = [await TRANSPORTS[transport].open(server) for _ in range(20)]
        person = await TRANSPORTS[transport].open(server)
        assert (await (await person.join()).ask("state:get", {}))["ok"]
        for session in silent[:16]:
            await session.last_words()
            await (session.forget() if transport == "polling" else session.leave())
        assert (await (await silent[-1].join()).ask("state:get", {}))["ok"]
        for session in (person, *silent[16:]):
            await session.leave()
    finally:
        await server.kill()


async def test_of_too_many_connections_the_newest_are_told_to_come_later(tmp_path: Path) -> None:
    server = ForkedServer(tmp_path / "data", "--max-connections=2")
    await server.start()
    try:
        first, second, third = [await RawSocket.open(server) for _ in range(3)]
        await first.join()
        await second.join()
        refused = (await refusal(third, "{}"))["data"]
        assert refused == {"code": "too_many_connections", "retry": "after", "after_ms": 10_000}
        await first.send("41")
        async with asyncio.timeout(WAIT_S):
            while await answer_to_connect(third) == "44":  # the first one's leave may not be seen yet
                pass
        await third.next_of('42["state:sync"')
        for session in (first, second, third):
            await session.leave()
    finally:
        await server.kill()
