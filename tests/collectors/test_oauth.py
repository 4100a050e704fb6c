"""Mailboxes by a sign-in in place of a password, against a real Dovecot and an authorization server of our
own."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.collectors.accounts_of_a_test import Adjutant, eventually
from tests.collectors.authorization_server import CODE, REFRESH, AuthorizationServer, client_file
from tests.collectors.mail_server import NEEDS_DOVECOT, USER, MailServer
from tests.proxies import example
from tests.running import PythonClient, RunningServer, until

pytestmark = NEEDS_DOVECOT
MAIL = (
    b"From: Bo <bo@example.org>\r\nTo: ana@example.org\r\nSubject: Hello\r\nMessage-ID: <%d@x>\r\n\r\nHi.\r\n"
)


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[AuthorizationServer]:
    server = AuthorizationServer()
    await server.start(await example.Certificate.made(tmp_path))
    yield server
    await server.stop()


@pytest.fixture
async def dovecot() -> AsyncIterator[MailServer]:
    server = MailServer()
    await server.start()
    server.box().append("INBOX", MAIL % 1)
    yield server
    await server.remove()


@pytest.fixture
async def adjutant(server: RunningServer, tmp_path: Path) -> AsyncIterator[Adjutant]:
    folder = tmp_path / "person"
    folder.mkdir()
    program = Adjutant(server, folder, REQUESTS_CA_BUNDLE=str(tmp_path / "board.crt"))
    yield program
    program.kill_collectors()


def where(dovecot: MailServer, *more: object) -> tuple[object, ...]:
    return (
        "connect",
        "imap",
        USER,
        "--host",
        "127.0.0.1",
        "--port",
        dovecot.port,
        "--security",
        "none",
        *more,
    )


async def until_records(board: PythonClient, number: int) -> None:
    async def look() -> bool:
        return any(one["records"] == number for one in (await board.state())["sources"])

    await eventually(look)


async def test_a_mailbox_is_connected_by_a_code_and_kept_up_with_by_renewed_tokens(
    adjutant: Adjutant, board: PythonClient, provider: AuthorizationServer, dovecot: MailServer
) -> None:
    app = ("--oauth", "microsoft", "--oauth-client", "an-app")
    asking = await adjutant.start(*where(dovecot, *app, "--oauth-authority", f"{provider.address}/tenant"))
    assert asking.stdout is not None
    first = (await asking.stdout.readline()).decode()
    assert CODE in first
    assert USER in first
    await until(lambda: "device_code" in provider.asked, "the first question for a token")
    provider.approved = True
    said = first + (await asking.stdout.read()).decode()
    adjutant.said += said
    assert await asking.wait() == 0, said
    provider.stale = 1  # the first token of the run is refused, though it should have lived
    await adjutant.run()
    await until_records(board, 1)
    assert provider.stale == 0
    dovecot.box().append("INBOX", MAIL % 2)
    await until_records(board, 2)
    await adjutant.stop()
    assert provider.refresh in adjutant.book.read_text()  # each is good for once, and the newest is kept
    state = str(await board.state())
    assert REFRESH.encode() not in adjutant.everything() + state.encode()
    provider.ended = True
    await adjutant.run()

    async def is_told() -> bool:
        return any("not taken any more" in str(one["message"]) for one in (await board.state())["sources"])

    await eventually(is_told)
    await adjutant.stop()
    assert [one["records"] for one in (await board.state())["sources"]] == [2]


async def test_a_mailbox_is_connected_in_a_browser(
    adjutant: Adjutant,
    board: PythonClient,
    provider: AuthorizationServer,
    dovecot: MailServer,
    tmp_path: Path,
) -> None:
    app = client_file(tmp_path / "client.json", provider.address)
    asking = await adjutant.start(*where(dovecot, "--oauth", "google", "--oauth-client", app))
    assert asking.stdout is not None
    lines = b""
    while not (found := re.search(rb"https://\S+/authorize\S+", lines)):
        lines += await asking.stdout.readline()
    async with aiohttp.ClientSession() as browser, browser.get(found[0].decode(), ssl=False) as shown:
        assert shown.status == 200
    said = (await asking.stdout.read()).decode()
    assert await asking.wait() == 0, said
    await adjutant.run()
    await until_records(board, 1)
    await adjutant.stop()
    assert "refresh_token" in provider.asked


async def test_what_is_missing_for_a_sign_in_is_said(adjutant: Adjutant, dovecot: MailServer) -> None:
    status, said = await adjutant(*where(dovecot, "--oauth", "microsoft"))
    assert (status, "--oauth-client" in said) == (2, True), said
    status, said = await adjutant(*where(dovecot, "--oauth", "google", "--oauth-client", "nowhere.json"))
    assert (status, "nowhere.json cannot be read: No such file" in said) == (1, True), said
    nowhere = ("--oauth-client", "x", "--oauth-authority", "https://127.0.0.1:9/tenant")
    status, said = await adjutant(*where(dovecot, "--oauth", "microsoft", *nowhere))
    assert (status, "cannot be asked" in said) == (1, True), said
