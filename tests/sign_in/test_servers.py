"""Signing in to real servers: with tokens of an OpenID Connect provider, and by a function of one's own
(sign_in/plug_in.py); renewed and ended (clients/renewal.py); and the settings of it all."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from sio_server.app import SIGN_IN_EVERY_S
from sio_server.clients import tokens
from sio_server.registry.roles import Role
from tests.conftest import Serve
from tests.forked import completed
from tests.proxies.example import free_port
from tests.running import ROOT, PythonClient, RunningServer, until, until_found
from tests.sign_in.minting import claims, new_pair, pair

Json = Any
CHECK = (str(ROOT / "serve.py"), "--check", "--port=0", "--http-port=0")
SOON = 5.0  # within which a connection ends, as is promised


class Provider:
    """An OpenID Connect provider, as a process."""

    def __init__(self, *users: Json, max_age_s: int = 3600) -> None:
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self._users = users
        self._max_age_s = max_age_s
        self._process: Process | None = None

    async def start(self) -> Provider:
        """Itself, once it answers. Each start makes it a new key."""
        told = [f"--user-claims={json.dumps(user)}" for user in self._users]
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", f"--port={self.port}"),
            *(f"--token-max-age={self._max_age_s}", *told),
            stdout=DEVNULL,
            stderr=DEVNULL,
        )
        await until_found(self._answers, "a provider")
        return self

    async def _answers(self) -> bool:
        try:
            await self.discover()
        except aiohttp.ClientError:
            return False
        return True

    async def stop(self) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def discover(self) -> Json:
        url = f"{self.issuer}/.well-known/openid-configuration"
        async with aiohttp.ClientSession() as http, http.get(url) as answer:
            return await answer.json()

    async def id_token(self, sub: str, client: str = "adjutant") -> str:
        """What a page gets when this user signs in."""
        told = await self.discover()
        back = {"redirect_uri": "http://127.0.0.1/back", "client_id": client}
        asked = back | {"response_type": "code", "scope": "openid profile email", "state": "x"}
        async with aiohttp.ClientSession() as http:
            url = told["authorization_endpoint"]
            async with http.post(url, params=asked, data={"sub": sub}, allow_redirects=False) as answer:
                [code] = parse_qs(urlsplit(answer.headers["Location"]).query)["code"]
            grant = back | {"grant_type": "authorization_code", "code": code, "client_secret": "any"}
            async with http.post(told["token_endpoint"], data=grant) as answer:
                return str((await answer.json())["id_token"])


StartProvider = Callable[..., Awaitable[Provider]]


@pytest.fixture
async def provide() -> AsyncIterator[StartProvider]:
    running: list[Provider] = []

    async def start(*users: Json, **options: Any) -> Provider:
        running.append(Provider(*users, **options))
        return await running[-1].start()

    yield start
    for provider in running:
        await provider.stop()


async def flags_for(provider: Provider, audience: str = "adjutant") -> tuple[str, ...]:
    jwks = (await provider.discover())["jwks_uri"]
    return (f"--jwks={jwks}", f"--jwt-issuer={provider.issuer}", f"--jwt-audience={audience}")


async def ends(client: PythonClient) -> Json:
    """What the client is told when it is ended."""
    bye = await client.wait_for("server:bye")
    await until(lambda: not client.sio.connected, "the end")
    return bye


def test_the_server_looks_often_enough_to_end_a_connection_in_time() -> None:
    assert SIGN_IN_EVERY_S < SOON


async def test_who_signed_in_at_a_provider_is_let_in_with_their_role(
    serve: Serve, provide: StartProvider
) -> None:
    provider = await provide({"sub": "ana", "role": "editor"}, {"sub": "bo", "role": "viewer"}, {"sub": "cy"})
    server = await serve(*await flags_for(provider))
    ana = await PythonClient(token=await provider.id_token("ana")).connect(server.url)
    await ana.done("priorities:put", items=[{"id": "a", "title": "From Ana"}])
    bo = await PythonClient(token=await provider.id_token("bo")).connect(server.url)
    ack = await bo.request("priorities:put", {"items": [{"id": "b", "title": "From Bo"}]})
    assert ack["error"]["code"] == "forbidden"
    refused = {
        "no role": await provider.id_token("cy"),
        "aud": await provider.id_token("ana", client="another"),
        "not know this token": "wrong",
        "with a token": None,
    }
    for sentence, token in refused.items():
        told = await PythonClient(token=token).connect_refused(server.url)
        assert (told["data"]["code"], sentence in told["message"]) == ("unauthorized", True), told
    for client in (ana, bo):
        await client.disconnect()


async def test_a_provider_that_changes_its_key_ends_what_the_old_one_signed(
    serve: Serve, provide: StartProvider
) -> None:
    provider = await provide({"sub": "ana", "role": "editor"}, {"sub": "bo", "role": "editor"})
    server = await serve(*await flags_for(provider))
    old = await provider.id_token("ana")
    ana = await PythonClient(token=old).connect(server.url)
    await ana.wait_for("state:sync")
    await provider.stop()
    await provider.start()
    await asyncio.sleep(10)  # the server fetches no more often, whatever it is shown
    bo = await PythonClient(token=await provider.id_token("bo")).connect(server.url)
    bye = await ends(ana)
    assert (bye["code"], bye["retry"]) == ("unauthorized", "no")
    assert (await PythonClient(token=old).connect_refused(server.url))["data"]["code"] == "unauthorized"
    assert bo.sio.connected
    await bo.disconnect()


def jwt_file(folder: Path, algorithm: str = "HS256") -> str:
    return f"--jwt-key={pair(algorithm).written(folder)}"


async def test_a_connection_ends_when_its_token_does_unless_it_is_renewed(
    serve: Serve, tmp_path: Path
) -> None:
    server = await serve(jwt_file(tmp_path), "--jwt-leeway=0")
    sign = pair("HS256").sign
    short = claims(exp=int(time.time()) + 6)
    ended, renewed = [await PythonClient(token=sign(short)).connect(server.url) for _ in range(2)]
    await renewed.wait_for("state:sync")
    told = await renewed.done("auth:refresh", token=sign(claims()))
    assert told["expires_at"]
    bye = await ends(ended)
    assert (bye["code"], bye["retry"]) == ("unauthorized", "no")
    await renewed.done("priorities:put", items=[{"id": "a", "title": "Still here"}])
    assert [event for event, _ in renewed.events].count("state:sync") == 1
    await renewed.disconnect()


async def test_a_sign_in_is_renewed_by_the_same_person_role_and_source_only(
    serve: Serve, tmp_path: Path
) -> None:
    file = tmp_path / "tokens.json"
    own = tokens.add(file, "u-1", Role.EDITOR, None)
    server = await serve(jwt_file(tmp_path), f"--tokens={file}")
    sign = pair("HS256").sign
    ana = await PythonClient(token=sign(claims())).connect(server.url)
    others = {
        "somebody": claims(sub="u-2"),
        "a role": claims(role="admin"),
        "a source": claims(role="collector", source="ics:a"),
    }
    for case, told in others.items():
        ack = await ana.request("auth:refresh", {"token": sign(told)})
        assert (ack["error"]["code"], "connect again" in ack["error"]["message"]) == ("forbidden", True), case
    assert (await ana.request("auth:refresh", {"token": own}))["error"]["code"] == "forbidden"
    for wrong in ("x", sign(claims(exp=1)), new_pair("ES256").sign(claims())):
        ack = await ana.request("auth:refresh", {"token": wrong})
        assert ack["error"]["code"] == "unauthorized"
        assert wrong == "x" or wrong not in json.dumps(ack)
    assert await ana.done("auth:refresh", token=sign(claims(preferred_username="Ana")))
    assert ana.sio.connected
    await ana.disconnect()


async def test_a_collector_comes_in_with_a_token_for_its_source(serve: Serve, tmp_path: Path) -> None:
    server = await serve(jwt_file(tmp_path, "EdDSA"), "--source-claim=adjutant.source")
    told = claims(role="collector", adjutant={"source": "ics:work"})
    work = await PythonClient(token=pair("EdDSA").sign(told), source="ics:work").connect(server.url)
    await work.done("source:hello", ttl_s=60)
    refused = await PythonClient(token=pair("EdDSA").sign(told), source="ics:home").connect_refused(
        server.url
    )
    assert "another source" in refused["message"]
    await work.disconnect()


PLUG_IN = """
import asyncio
from sio_server.sign_in.base import Identity, NotSignedIn

GONE = set()

async def who(shown):
    if shown.token == "slow":
        await asyncio.sleep(60)
    if shown.token == "broken":
        raise RuntimeError("a fault of its own")
    if shown.token == "odd":
        return "ana"
    if shown.token == "locked":
        raise NotSignedIn("You have been locked out.")
    if shown.token == "bye":
        GONE.add("ana")
    return Identity("ana", "Ana", "editor") if shown.token == "ana" else None

who.still_good = lambda identity: identity.id not in GONE

def plain(shown):
    return Identity("bo", "Bo", "viewer") if shown.token == "bo" else None

nothing = 5
"""


@pytest.fixture
def plug_in(tmp_path: Path) -> dict[str, str]:
    """The environment in which its module is found."""
    (tmp_path / "office_sign_in.py").write_text(PLUG_IN)
    return {"PYTHONPATH": str(tmp_path)}


async def test_a_function_of_ones_own_says_who_is_let_in(serve: Serve, plug_in: dict[str, str]) -> None:
    server: RunningServer = await serve("--authenticator=office_sign_in:who", env=plug_in)
    ana = await PythonClient(token="ana").connect(server.url)
    await ana.done("priorities:put", items=[{"id": "a", "title": "From Ana"}])
    sentences = {
        "locked": "locked out",
        "broken": "try again later",
        "odd": "authenticator is at fault",
        "slow": "try again later",
        "wrong": "does not know this token",
    }
    for token, sentence in sentences.items():
        told = await PythonClient(token=token).connect_refused(server.url)
        assert (told["data"]["code"], sentence in told["message"]) == ("unauthorized", True), told
    assert "a fault of its own" in server.log()
    await PythonClient(token="bye").connect_refused(server.url)
    bye = await ends(ana)
    assert bye["code"] == "unauthorized"


async def test_a_plain_function_will_do_and_a_token_file_comes_first(
    serve: Serve, plug_in: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "tokens.json"
    own = tokens.add(file, "cy", Role.EDITOR, None)
    server = await serve("--authenticator=office_sign_in:plain", f"--tokens={file}", env=plug_in)
    for token in ("bo", own):
        client = await PythonClient(token=token).connect(server.url)
        await client.disconnect()


@pytest.mark.parametrize("name", ["office_sign_in:nobody", "office_sign_in:nothing", "no_such_module:who"])
def test_a_function_that_is_not_there_stops_the_start(
    name: str, plug_in: dict[str, str], tmp_path: Path
) -> None:
    ended = completed(*CHECK, f"--authenticator={name}", f"--data-dir={tmp_path / 'data'}", **plug_in)
    assert (ended.returncode, name in ended.stderr, len(ended.stderr.splitlines())) == (2, True, 1)


WRONG: dict[str, tuple[str, ...]] = {
    "name one of them": ("--jwt-key=k", "--jwks=https://a.example/k"),
    "--jwt-issuer": ("--jwks=https://a.example/k", "--jwt-audience=a"),
    "fetched by https": ("--jwks=http://a.example/k",),
    "--trusted-proxy": ("--proxy-user-header=Remote-User", "--roles=r"),
    "say with --roles": ("--proxy-user-header=Remote-User", "--trusted-proxy=127.0.0.1"),
    "--proxy-user-header too": ("--proxy-groups-header=Remote-Groups",),
    "a proxy looks like": ("--trusted-proxy=everybody",),
    "a header looks like": ("--proxy-user-header=Remote User",),
    "package.module:function": ("--authenticator=office",),
    "name both": ("--tls-cert=c",),
    "people sign in": ("--no-tokens", "--jwt-key=k"),
    "cannot read the key in": ("--jwt-key=/nowhere/key",),
    "cannot read the roles": ("--jwt-key=/nowhere/key", "--roles=/nowhere/roles"),
    "cannot use the certificate": ("--tls-cert=/nowhere/c", "--tls-key=/nowhere/k"),
}


@pytest.mark.parametrize("sentence", WRONG)
def test_settings_that_do_not_fit_stop_the_start_with_a_sentence(sentence: str, tmp_path: Path) -> None:
    data = f"--data-dir={tmp_path / 'data'}"
    ended = completed(*CHECK, data, *WRONG[sentence])
    assert (ended.returncode, sentence in ended.stderr) == (2, True), ended.stderr
    assert "Traceback" not in ended.stderr


async def test_a_store_where_people_signed_in_stays_closed_without_that(tmp_path: Path, serve: Serve) -> None:
    server = await serve(jwt_file(tmp_path))
    await server.stop()
    ended = completed(*CHECK, f"--data-dir={server.data_dir}")
    assert (ended.returncode, "sign in as before" in ended.stderr) == (2, True)
