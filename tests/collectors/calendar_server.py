"""Real CalDAV servers, with their files in a folder of the test's: Radicale and Xandikos."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

import aiohttp

from tests.collectors.programs import PASSWORD
from tests.running import WAIT_S, listens

USER = "ana"


class Radicale:
    """With a user and a password."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, _free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.home = f"{self.url}{USER}/"
        self._process: asyncio.subprocess.Process | None = None

    def command(self) -> list[str]:
        (self.folder / "users").write_text(f"{USER}:{PASSWORD}\n", encoding="utf-8")
        options = {
            "server-hosts": f"127.0.0.1:{self.port}",
            "auth-type": "htpasswd",
            "auth-htpasswd-filename": str(self.folder / "users"),
            "auth-htpasswd-encryption": "plain",
            "auth-delay": "0",
            "encoding-request": "utf-8",
            "storage-filesystem-folder": str(self.folder / "storage"),
        }
        return ["-m", "radicale", *(f"--{name}={value}" for name, value in options.items())]

    async def start(self) -> None:
        """Returns when it answers."""
        self.folder.mkdir(exist_ok=True)
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, *self.command()),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        await listens(self.port)

    async def stop(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
            self._process = None

    async def ask(
        self, method: str, path: str, data: bytes = b"", *statuses: int, within_s: float = WAIT_S
    ) -> None:
        """A request of the account's owner, below the home of the calendars. Errors: TimeoutError."""
        said = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        headers = {"Authorization": f"Basic {said}"}
        headers |= {"Content-Type": "text/calendar; charset=utf-8"} if data else {}
        limit = aiohttp.ClientTimeout(total=within_s)
        try:
            async with (
                aiohttp.ClientSession(timeout=limit) as session,
                session.request(method, self.home + path, data=data or None, headers=headers) as response,
            ):
                assert response.status in (statuses or (200, 201, 204)), await response.text()
        except TimeoutError:
            raise TimeoutError(f"no answer to {method} {path} within {within_s:.0f} s") from None


class Xandikos(Radicale):
    """It knows no users: whoever reaches it is one."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.home = f"{self.url}user/calendars/"

    def command(self) -> list[str]:
        where = (f"--port={self.port}", "--listen-address=127.0.0.1", f"--directory={self.folder / 'dav'}")
        return ["-m", "xandikos", "serve", *where, "--defaults", "--current-user-principal=/user/"]


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
