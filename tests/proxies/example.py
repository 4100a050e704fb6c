"""nginx, HAProxy and Caddy as docs/operations.md shows them, in front of a server."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.running import ROOT, WAIT_S, RunningServer, until

PATH = "/of/the/team"
SHOWN = re.findall(r"```(\w+)\n(.*?)```", (ROOT / "docs" / "operations.md").read_text("utf-8"), re.DOTALL)


@dataclass(frozen=True)
class Kind:
    """A proxy program.

    `package` is Debian's; `around` is what stands around the example in its file, and `host` what stands for
    the host; `command` starts it. In these FOLDER, FILE and EXAMPLE are filled in.
    """

    package: str
    command: str
    around: str = "EXAMPLE"
    host: str = "localhost"


NGINX = """
daemon off; master_process off; pid FOLDER/pid; error_log stderr;
events {}
http {
    access_log off;
    client_body_temp_path FOLDER/body; proxy_temp_path FOLDER/proxy;
    fastcgi_temp_path FOLDER/fastcgi; uwsgi_temp_path FOLDER/uwsgi; scgi_temp_path FOLDER/scgi;
    EXAMPLE
}
"""
CADDY = "{\n    admin off\n    auto_https disable_redirects\n}\nEXAMPLE"
KINDS = {
    "nginx": Kind("nginx-light", "nginx -e stderr -p FOLDER -c FILE", NGINX),
    "haproxy": Kind("haproxy", "haproxy -db -f FILE"),
    "caddy": Kind("caddy", "caddy run --adapter caddyfile --config FILE", CADDY, "localhost:443"),
}


@dataclass(frozen=True)
class Certificate:
    """A certificate that vouches for itself; `both` also holds its key."""

    file: Path
    key: Path
    both: Path

    @classmethod
    async def made(cls, folder: Path) -> Certificate:
        """For this machine."""
        made = cls(folder / "board.crt", folder / "board.key", folder / "both.pem")
        extensions = ("subjectAltName=DNS:localhost", "keyUsage=critical,digitalSignature,keyCertSign")
        process = await asyncio.create_subprocess_exec(
            *(
                program("openssl", "openssl"),
                "req",
                "-x509",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
            ),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *(word for extension in extensions for word in ("-addext", extension)),
            *("-keyout", str(made.key), "-out", str(made.file)),
            stderr=DEVNULL,
        )
        assert await process.wait() == 0
        made.both.write_bytes(made.file.read_bytes() + made.key.read_bytes())
        return made


def program(name: str, package: str) -> str:
    """The path of a program; else skips the test (under CI: fails it)."""
    # Debian has servers in a folder that is not in everybody's PATH.
    if path := shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
        return path
    reason = f"{name} is not installed: examples of proxies are not tried (apt-get install {package})"
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


class Proxy:
    """The page's example of this proxy, with the server's ports, a port of its own and another path."""

    def __init__(self, name: str, server: RunningServer, certificate: Certificate, folder: Path) -> None:
        kind, file = KINDS[name], folder / "proxy.conf"
        self.name = name
        self._port = free_port()
        self.origin = f"https://localhost:{self._port}"
        self.url = f"{self.origin}{PATH}/"
        self._log = folder / "proxy.log"
        self._process: Process | None = None
        self._command = filled(kind.command, {"FOLDER": folder, "FILE": file}).split()
        self._command[0] = program(name, kind.package)
        [example] = [text for language, text in SHOWN if language == name]
        places = {
            "/etc/ssl/board.pem": certificate.both,
            "/etc/ssl/board.key": certificate.key,
            "/board/": f"{PATH}/",
            "/board ": f"{PATH} ",
            "board.example.org": kind.host.replace("443", str(self._port)),
            ":8000": f":{server.port}",
            ":8001": f":{server.http_port}",
            "443": self._port,
        }
        around = filled(kind.around, {"FOLDER": folder})
        file.write_text(around.replace("EXAMPLE", filled(example, places)))

    async def start(self) -> None:
        """Returns when it takes connections."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdout=log, stderr=log, env={"HOME": str(self._log.parent)}
            )
        await until(self._takes_connections, "the proxy")

    def kill(self) -> None:
        """All that goes through it breaks off."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.kill()

    async def stop(self) -> None:
        """Returns when it is gone."""
        self.kill()
        assert self._process is not None
        await asyncio.wait_for(self._process.wait(), WAIT_S)

    async def restart(self) -> None:
        """Kills it and starts it again."""
        await self.stop()
        await self.start()

    def _takes_connections(self) -> bool:
        assert self._process is not None
        assert self._process.returncode is None, self._log.read_text()
        with socket.socket() as trying:
            return trying.connect_ex(("127.0.0.1", self._port)) == 0


def filled(text: str, places: Mapping[str, object]) -> str:
    """The text with these in their places, all at once: digits of a port may be those of another place."""
    return re.sub("|".join(map(re.escape, places)), lambda found: str(places[found[0]]), text)


def free_port() -> int:
    """Of this machine."""
    with socket.socket() as trying:
        trying.bind(("127.0.0.1", 0))
        return int(trying.getsockname()[1])
