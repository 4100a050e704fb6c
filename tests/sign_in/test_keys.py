"""Keys from an address (sign_in/keys.py): fetched anew when they rotate, and at no great cost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from sio_server.sign_in import keys
from sio_server.sign_in.base import NotSignedIn, Shown
from sio_server.sign_in.jwt import Claims, JwtSignIn
from sio_server.sign_in.keys import MAX_BYTES, FetchedKeys
from sio_server.sign_in.roles import Roles
from tests.running import until
from tests.sign_in.minting import SECRET, by_hand, claims, new_pair

Json = Any


@dataclass
class Provider:
    """Answers with `body`, and counts how often it was asked."""

    body: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    waits: asyncio.Event | None = None
    asked: int = 0
    address: str = ""

    def offer(self, *jwks: Json) -> None:
        self.body = json.dumps({"keys": jwks}).encode()

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.waits is not None:
            await self.waits.wait()
        return web.Response(body=self.body, status=self.status, headers=self.headers)


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    provider = Provider()
    app = web.Application()
    app.router.add_get("/{path:.*}", provider.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    provider.address = f"http://127.0.0.1:{runner.addresses[0][1]}/keys"
    yield provider
    if provider.waits is not None:
        provider.waits.set()
    await runner.cleanup()


def by(provider: Provider) -> tuple[JwtSignIn, FetchedKeys]:
    fetched = FetchedKeys(provider.address)
    return JwtSignIn(fetched, Claims(), Roles(None)), fetched


async def fetch(fetched: FetchedKeys) -> None:
    await fetched.refresh()
    await until(lambda: fetched._fetching is None, "the keys")


async def test_a_new_key_is_fetched_when_a_token_names_it_and_an_old_one_is_forgotten(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "FETCH_AGAIN_S", 0.0)
    old, new = new_pair("RS256"), new_pair("RS256")
    provider.offer(old.jwk(kid="1"))
    sign_in, _ = by(provider)
    found = await sign_in.identify(Shown(old.sign(claims(), kid="1")))
    assert found is not None
    assert sign_in.still_good(found)
    assert await sign_in.identify(Shown(old.sign(claims(), kid="1")))
    assert provider.asked == 1
    provider.offer(new.jwk(kid="2"))
    assert await sign_in.identify(Shown(new.sign(claims(), kid="2")))
    assert not sign_in.still_good(found)
    assert provider.asked == 2


async def test_tokens_with_keys_that_nobody_knows_make_it_ask_once_in_a_while(provider: Provider) -> None:
    key = new_pair("ES256")
    provider.offer(key.jwk(kid="1"))
    sign_in, fetched = by(provider)
    await fetch(fetched)
    provider.waits = asyncio.Event()
    fetched._fetched_s -= keys.FETCH_AGAIN_S
    tries = [
        asyncio.ensure_future(sign_in.identify(Shown(by_hand({"alg": "ES256", "kid": str(n)}, {}))))
        for n in range(50)
    ]
    await until(lambda: provider.asked == 2, "the question")
    assert await sign_in.identify(Shown(key.sign(claims(), kid="1")))  # nobody else waits for the answer
    provider.waits.set()
    assert all(isinstance(e, NotSignedIn) for e in await asyncio.gather(*tries, return_exceptions=True))
    for number in range(50):
        with pytest.raises(NotSignedIn):
            await sign_in.identify(Shown(by_hand({"alg": "ES256", "kid": f"x{number}"}, {})))
    assert provider.asked == 2


async def test_without_keys_a_token_is_neither_right_nor_wrong(provider: Provider) -> None:
    provider.status = 503
    sign_in, fetched = by(provider)
    key = new_pair("ES256")
    with pytest.raises(NotSignedIn, match="cannot be checked now") as error:
        await sign_in.identify(Shown(key.sign(claims())))
    assert error.value.after_ms
    provider.status = 200
    provider.offer(key.jwk())
    fetched._next_s = 0.0
    await fetch(fetched)
    assert await sign_in.identify(Shown(key.sign(claims())))


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500},
        {"status": 302, "headers": {"Location": "/elsewhere"}},
        {"body": b"[" * 100_000},
        {"body": b"{}"},
        {"body": b"\xff"},
        {"body": b'{"keys": [' + b" " * MAX_BYTES + b"]}"},
    ],
)
async def test_an_answer_that_cannot_be_used_leaves_the_keys_as_they_were(
    provider: Provider, answer: Json, caplog: pytest.LogCaptureFixture
) -> None:
    key = new_pair("ES256")
    provider.offer(key.jwk(kid="1"))
    sign_in, fetched = by(provider)
    await fetch(fetched)
    for name, value in answer.items():
        setattr(provider, name, value)
    fetched._next_s = 0.0
    await fetch(fetched)
    assert provider.asked == 2
    assert "the keys stay as they were" in caplog.text
    assert await sign_in.identify(Shown(key.sign(claims(), kid="1")))


async def test_a_secret_at_an_address_is_no_key(provider: Provider) -> None:
    key = new_pair("ES256")
    secret = {"kty": "oct", "k": by_hand({}, {}, SECRET).rpartition(".")[2]}
    provider.offer(secret, key.jwk())
    sign_in, _ = by(provider)
    assert await sign_in.identify(Shown(key.sign(claims())))
    with pytest.raises(NotSignedIn, match="not signed"):
        await sign_in.identify(Shown(new_pair("HS256").sign(claims())))


async def test_an_address_where_nobody_answers_is_named(caplog: pytest.LogCaptureFixture) -> None:
    fetched = FetchedKeys("http://127.0.0.1:1/keys")
    await fetch(fetched)
    assert "cannot fetch the keys from http://127.0.0.1:1/keys" in caplog.text
    assert not fetched.are_known
