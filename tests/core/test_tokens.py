"""Tokens that expire, are renewed and listed (clients/tokens.py)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.base import format_instant
from sio_server.clients import tokens
from sio_server.clients.tokens import Keyring, TokenError
from sio_server.flags import SettingsError
from sio_server.registry.roles import Role
from sio_server.settings import read
from tests.abuse.arena import changed_server
from tests.forked import completed
from tests.running import ROOT, PythonClient, RunningServer, until

HOUR = timedelta(hours=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


def expire(file: Path, name: str, at: datetime) -> None:
    """Sets the expiry in the file, as time alone cannot in a test."""
    content = json.loads(file.read_text())
    for token in content["tokens"]:
        if token["name"] == name:
            token["expires_at"] = format_instant(at)
    file.write_text(json.dumps(content))


def test_a_token_is_good_until_it_expires_and_again_once_it_is_renewed(file: Path) -> None:
    secret = tokens.add(file, "ana", Role.EDITOR, None, expires=HOUR)
    lasting = tokens.add(file, "bo", Role.EDITOR, None)
    keyring = Keyring(file)
    found = keyring.find(secret)
    assert found is not None
    assert keyring.lets_in(found.sha256, Role.EDITOR, None)
    assert not keyring.reload()
    expire(file, "ana", datetime.now(UTC) - HOUR)
    assert keyring.reload()
    assert keyring.find(secret) is None
    assert not keyring.lets_in(found.sha256, Role.EDITOR, None)
    assert keyring.find(lasting) is not None
    tokens.renew(file, "ana", None)
    assert keyring.reload()
    assert keyring.find(secret) is not None
    with pytest.raises(TokenError, match="no token named eve"):
        tokens.renew(file, "eve", HOUR)


def test_a_token_that_expires_is_noticed_without_a_change_of_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens.add(file, "ana", Role.EDITOR, None, expires=HOUR)
    keyring = Keyring(file)

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime(2999, 1, 1, tzinfo=UTC)

    monkeypatch.setattr(tokens, "datetime", Later)
    assert keyring.reload()
    assert not keyring.reload()


def test_the_list_says_everything_but_the_tokens(file: Path) -> None:
    secret = tokens.add(file, "ana", Role.EDITOR, None, expires=HOUR)
    tokens.add(file, "work", Role.COLLECTOR, "ics:work")
    keyring = Keyring(file)
    assert keyring.find(secret) is not None
    keyring.note_used([])
    expire(file, "ana", datetime.now(UTC) - HOUR)
    heading, ana, work = tokens.listed(file)
    assert ana[:3] == ("ana", "editor", "")
    assert ana[4].endswith("(expired)")
    assert datetime.fromisoformat(ana[5]) > datetime.now(UTC) - HOUR
    assert (work[2], *work[4:]) == ("ics:work", "never", "never", "main")
    told = "".join("".join(row) for row in (heading, ana, work))
    assert secret not in told + (file.parent / "tokens-used.json").read_text()
    assert tokens.digest(secret) not in told
    (file.parent / "tokens-used.json").write_text("[]")
    assert tokens.listed(file)[1][5] == "never"


def serve_py(file: Path, *arguments: str) -> tuple[int, str, str]:
    ended = completed(str(ROOT / "serve.py"), "token", *arguments, "--tokens", str(file))
    return ended.returncode, ended.stdout, ended.stderr


def test_the_command_line_adds_renews_and_lists(file: Path) -> None:
    assert serve_py(file, "add", "ana", "--role", "viewer", "--expires", "90d")[0] == 0
    status, told, _ = serve_py(file, "list")
    assert status == 0
    heading, ana = told.splitlines()
    assert heading.split()[:2] == ["name", "role"]
    expires = datetime.fromisoformat(ana.split()[3])
    assert timedelta(days=89) < expires - datetime.now(UTC) <= timedelta(days=90)
    assert serve_py(file, "renew", "ana", "--expires", "2y")[0] == 0
    assert serve_py(file, "renew", "eve")[0] == 2
    status, _, complaint = serve_py(file, "add", "bo", "--role", "viewer", "--expires=90")
    assert (status, "--expires" in complaint) == (2, True)


@pytest.mark.parametrize("wrong", ["90", "d", "0d", "-1d", "1.5d", "101y", "1m"])
def test_what_is_no_time_to_expire_in_is_refused(file: Path, wrong: str) -> None:
    line = ("token", "add", "bo", "--role", "viewer", f"--expires={wrong}", "--tokens", str(file))
    with pytest.raises(SettingsError, match="--expires"):
        read(line, {})


NOTES_EACH_USE = """
from sio_server.clients import tokens

tokens.USED_EVERY_S = 0.0
"""


@pytest.fixture
async def server(file: Path, tmp_path: Path) -> AsyncIterator[RunningServer]:
    """Not started yet; it notes at each look who is there, and not each minute."""
    server = changed_server(tmp_path, NOTES_EACH_USE, f"--tokens={file}")
    yield server
    await server.kill()


async def test_a_connection_ends_when_its_token_expires_and_not_when_it_is_renewed(
    file: Path, server: RunningServer
) -> None:
    short = tokens.add(file, "short", Role.VIEWER, None, expires=HOUR)
    renewed = tokens.add(file, "renewed", Role.VIEWER, None, expires=HOUR)
    await server.start()
    guest, board = [await PythonClient(token=secret).connect(server.url) for secret in (short, renewed)]
    for client in (guest, board):
        await client.wait_for("state:sync")
    tokens.renew(file, "renewed", 2 * HOUR)
    expire(file, "short", datetime.now(UTC))
    bye = await guest.wait_for("server:bye")
    assert (bye["code"], bye["retry"], "expired" in bye["message"]) == ("unauthorized", "no", True)
    await until(lambda: not guest.sio.connected, "the end")
    assert board.sio.connected
    assert (await PythonClient(token=short).connect_refused(server.url))["data"]["code"] == "unauthorized"
    await until(lambda: "renewed" in tokens.last_used(file), "the note of its use")
    await board.disconnect()
    await asyncio.sleep(0)
