"""Handlers that fail: the client gets `internal` and an error id, the log the reason, others nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.abuse.arena import TRANSPORTS, Arena
from tests.abuse.raw import RawSocket, ack_of, dump

pytestmark = pytest.mark.asyncio(loop_scope="module")

# The server starts with a family more.
SITECUSTOMIZE = """
from handlers import REGISTRY
from models.base import Nothing, Writes
from models.system import SystemItem
from sio_server.registry.ops import Put
from sio_server.registry.registry import Delta, Family
from sio_server.registry.roles import READERS

family = Family("broken")


def fail(*arguments):
    raise RuntimeError("sEcReT")


async def fail_later(*arguments):
    fail()


def rule(name, function):
    family.rule(name, Writes, roles=READERS)(function)


rule("rule", fail)
rule("reply", lambda view, payload, ctx: Delta([Put("system", SystemItem(message="half"))], fail))
rule("section", lambda view, payload, ctx: Delta([Put("nowhere", SystemItem())]))
rule("answer", lambda view, payload, ctx: Delta([Put("system", SystemItem(message="half"))], {1, 2}))
rule("nothing", lambda view, payload, ctx: None)
family.query("query", Nothing)(fail)
family.query("later", Nothing)(fail_later)
family.query("value", Nothing)(lambda asker, payload: {1, 2})
REGISTRY.requests.update({request.event: request for request in family.requests})
"""
VERBS = ("rule", "reply", "section", "answer", "nothing", "query", "later", "value")
EVENTS = [f"broken:{verb}" for verb in VERBS]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def broken(tmp_path_factory: pytest.TempPathFactory, both_paths: str) -> AsyncIterator[Arena]:
    """A server with handlers that fail."""
    async with Arena.in_folder(tmp_path_factory.mktemp("broken"), SITECUSTOMIZE) as arena:
        yield arena


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("event", EVENTS)
async def test_a_handler_that_fails_is_an_internal_error_with_an_id_from_the_log(
    broken: Arena, event: str, transport: str
) -> None:
    async with broken.undisturbed(), broken.attacker(transport) as session:
        ack = await session.ask(event, {})
        check_internal(broken, ack)
        assert (await session.ask("state:get", {}, id=2))["ok"]


@pytest.mark.parametrize("event", EVENTS)
async def test_it_costs_only_its_own_request_in_a_batch(broken: Arena, event: str) -> None:
    async with broken.unharmed(), broken.attacker() as session:
        change = ["system:set", {"message": event}]
        texts = [
            dump(change),
            dump([event, {}]),
            '["nope",{}]',
            dump(change),
            dump([event, {}]),
            dump(change),
        ]
        packets = [f"42{id}{text}".encode() for id, text in enumerate(texts)]
        await session.write(RawSocket.frames(packets))
        answers = {}
        for _ in texts:
            answer = await session.next_of("43")
            ack = ack_of(answer)
            answers[int(answer[2])] = "ok" if ack["ok"] else ack["error"]["code"]
        assert answers == {0: "ok", 1: "internal", 2: "unknown_event", 3: "ok", 4: "internal", 5: "ok"}
        broken.forget_log()


def check_internal(arena: Arena, ack: object) -> None:
    """The ack says no more than that, and where to look; the log has it."""
    assert isinstance(ack, dict)
    assert (ack["ok"], ack["error"]["code"], ack["error"]["retry"]) == (False, "internal", "no")
    assert "sEcReT" not in dump(ack)
    assert "Traceback" not in dump(ack)
    assert f"error_id {ack['error']['error_id']}" in arena.forget_log()
