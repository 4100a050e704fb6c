"""A real mail server: Debian's Dovecot, with its files in a folder of the test's."""

from __future__ import annotations

import asyncio
import base64
import getpass
import grp
import hashlib
import hmac
import json
import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient

from tests.collectors.programs import PASSWORD
from tests.running import listens

DOVECOT = shutil.which("dovecot", path=f"/usr/sbin:{os.environ.get('PATH', '')}")
NEEDS_DOVECOT = pytest.mark.skipif(DOVECOT is None, reason="Dovecot is not installed (.ci/run installs it)")
USER = "ana@example.org"
_ROOM_BYTES = 2 << 30
KEY = b"a key of the test"
CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain xoauth2
auth_failure_delay = 0
default_internal_user = {owner}
default_login_user = {login}
default_internal_group = {group}
mail_uid = {owner}
mail_gid = {group}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{folder}/mail/%u
mailbox_list_index = yes
mail_fsync = never
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
userdb {{
  driver = static
  args = uid={owner} gid={group} home={folder}/homes/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Trash {{
    special_use = \\Trash
    auto = create
  }}
  mailbox Junk {{
    special_use = \\Junk
    auto = create
  }}
  mailbox Gesendet {{
    special_use = \\Sent
  }}
  mailbox Ablage {{
    special_use = \\Archive
  }}
  mailbox Entwürfe {{
    special_use = \\Drafts
  }}
}}
"""
OAUTH2 = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = sub
"""


class MailServer:
    """Started on a free port; `box` is a connection of its owner, `configuration` what it has in place of
    CONFIGURATION."""

    configuration = ""

    def __init__(self) -> None:
        self.folder, self.port = Path(tempfile.mkdtemp(prefix="mail", dir=_quick_place())), _free_port()
        self._boxes: list[IMAPClient] = []
        self.folder.chmod(0o755)  # its processes have users of their own, who cannot see the test's folder
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Returns when it answers."""
        (self.folder / "keys/default/HS256").mkdir(parents=True, exist_ok=True)
        (self.folder / "keys/default/HS256/default").write_bytes(base64.b64encode(KEY))
        (self.folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
        (self.folder / "oauth2.conf").write_text(OAUTH2.format(folder=self.folder))
        owner = _owner()
        for name in ("mail", "homes"):
            (self.folder / name).mkdir(exist_ok=True)
            if os.getuid() == 0:
                shutil.chown(self.folder / name, owner["owner"], owner["group"])
        text = self.configuration or CONFIGURATION.format(folder=self.folder, port=self.port, **owner)
        (self.folder / "dovecot.conf").write_text(text)
        assert DOVECOT is not None
        self._process = await asyncio.create_subprocess_exec(
            DOVECOT, "-F", "-c", str(self.folder / "dovecot.conf"), start_new_session=True
        )
        await listens(self.port)

    async def stop(self) -> None:
        """All of it is gone then. Its first process ends the others: if all were told at once, those that log
        people in would refuse every password, because the one that knows them is gone."""
        await self._end(os.kill)
        await self._end(os.killpg)
        self._process = None

    async def _end(self, kill: Callable[[int, int], None]) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                kill(self._process.pid, signal.SIGTERM)
            await self._process.wait()

    async def remove(self) -> None:
        """Stops it, and leaves nothing behind."""
        for box in self._boxes:
            with suppress(OSError):
                box.shutdown()
        await self._end(os.killpg)
        shutil.rmtree(self.folder, ignore_errors=True)

    def box(self) -> IMAPClient:
        """Logged in."""
        client = IMAPClient("127.0.0.1", port=self.port, ssl=False)
        self._boxes.append(client)
        client.sasl_login("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        return client


def token(**more: Any) -> str:
    """An access token that the server takes."""
    now = int(time.time())
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": USER, "iat": now, "exp": now + 600} | more)
    head = ".".join(_plain(json.dumps(part).encode()) for part in parts)
    return f"{head}.{_plain(hmac.digest(KEY, head.encode(), hashlib.sha256))}"


def _owner() -> dict[str, str]:
    """Whom its processes run as: Debian's users, or whoever runs the tests."""
    if os.getuid() == 0:
        return {"owner": "dovecot", "login": "dovenull", "group": "dovecot"}
    user = getpass.getuser()
    return {"owner": user, "login": user, "group": grp.getgrgid(os.getgid()).gr_name}


def _quick_place() -> str | None:
    """Memory, where there is enough: a mailbox is thousands of small files. None: wherever others are."""
    place = "/dev/shm"
    roomy = os.path.isdir(place) and shutil.disk_usage(place).free > _ROOM_BYTES
    return place if roomy else None


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _plain(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
