"""Why a server cannot be reached, in words: no library's own text, and no name of a class."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
import requests

from adjutant_client.reasons import plainly
from tests.running import ROOT

_NAME_OF_CLASS = re.compile(r"type\(\w+\)\.__name__")
Answers = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def test_no_message_has_the_name_of_a_class() -> None:
    paths = [path for name in ("collectors", "adjutant_client") for path in (ROOT / name).rglob("*.py")]
    found = {str(path.relative_to(ROOT)) for path in paths if _NAME_OF_CLASS.search(path.read_text("utf-8"))}
    assert found == set()


async def _hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()
    writer.close()


async def _babbles(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()
    writer.write(b"* OK IMAP4rev1\r\n\r\n")
    writer.close()


async def _is_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


@pytest.fixture
async def ports() -> AsyncIterator[Callable[[Answers], Awaitable[int]]]:
    """Listens, and answers so."""
    servers = list[asyncio.Server]()

    async def listening(answers: Answers) -> int:
        servers.append(await asyncio.start_server(answers, "127.0.0.1", 0))
        port: int = servers[-1].sockets[0].getsockname()[1]
        return port

    yield listening
    for server in servers:
        server.close()


def _asked_by_requests(url: str) -> Exception:
    try:
        requests.get(url, timeout=0.2)
    except requests.RequestException as error:
        return error
    raise AssertionError(url)


async def _asked_by_aiohttp(url: str) -> Exception:
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.2)) as session:
            await session.get(url)
    except (aiohttp.ClientError, TimeoutError) as error:
        return error
    raise AssertionError(url)


@pytest.mark.parametrize(
    ("answers", "scheme", "said"),
    [
        (_hangs_up, "http", {"the connection was lost", "connection reset by peer"}),
        (_babbles, "http", {"the connection was lost", "what answers there cannot be understood"}),
        (_is_silent, "http", {"there is no answer in time"}),
        (_babbles, "https", {"it does not speak TLS"}),
    ],
    ids=["hangs up", "no HTTP", "silent", "no TLS"],
)
async def test_what_goes_wrong_is_said_in_words(
    ports: Callable[[Answers], Awaitable[int]], answers: Answers, scheme: str, said: set[str]
) -> None:
    url = f"{scheme}://127.0.0.1:{await ports(answers)}/"
    assert plainly(await _asked_by_aiohttp(url)) in said
    assert plainly(await asyncio.to_thread(_asked_by_requests, url)) in said


async def test_there_is_no_server() -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))  # nobody listens
        url = f"http://127.0.0.1:{one.getsockname()[1]}/"
        for error in (await _asked_by_aiohttp(url), await asyncio.to_thread(_asked_by_requests, url)):
            assert plainly(error) == "refused: nothing is listening there"
    assert plainly(OSError(101, "Network is unreachable")) == "network is unreachable"
    assert plainly(ValueError("<urllib3.connection.HTTPSConnection object at 0x7f>")) == (
        "what answers there cannot be understood"
    )
