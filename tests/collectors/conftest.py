"""Fixtures: a mail server, the password of an account, and a client that sees the board."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.collectors.mail_server import MailServer
from tests.collectors.programs import PASSWORD
from tests.collectors.slack_server import TOKENS, Slack
from tests.conftest import Connect
from tests.running import PythonClient


@pytest.fixture
async def mails() -> AsyncIterator[MailServer]:
    """An empty mailbox, in a server of its own."""
    server = MailServer()
    await server.start()
    yield server
    await server.remove()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file with the password of the account."""
    path = tmp_path / "password"
    path.touch(0o600)
    path.write_text(PASSWORD)
    return path


@pytest.fixture
async def board(connect: Connect) -> PythonClient:
    """Sees all, and is no source."""
    return await connect(client="wall")


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    """An empty workspace, in a server of its own."""
    server = Slack()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def slack_tokens(tmp_path: Path) -> Path:
    """A file with the tokens of the workspace."""
    path = tmp_path / "tokens"
    path.touch(0o600)
    path.write_text(TOKENS)
    return path
