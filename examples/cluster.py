"""`python -m examples.cluster`: three nodes that serve the same boards from one PostgreSQL, and HAProxy."""

from __future__ import annotations

import argparse
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "deploy" / "haproxy-nodes.cfg"
NODES = ("one", "two", "three")
STARTS_WITHIN_S = 60.0
SYSTEM = f"{os.environ.get('PATH', '')}:/usr/sbin"  # Debian has servers there
ROLE = "postgres"


class Missing(Exception):
    """Something is not installed or does not start; the message says what to do."""


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 after Ctrl-C, 1 when a part of it ended by itself, 2 when it could not begin."""
    options, of_servers = _options(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="adjutant-cluster-") as folder, ExitStack() as stack:
        place = Path(folder)
        try:
            url = options.log_url or stack.enter_context(database())
            nodes = [stack.enter_context(_node(place / name, url, of_servers)) for name in NODES]
            balancer = stack.enter_context(
                proxy(place / "haproxy.cfg", options.port, [one[1] for one in nodes])
            )
            _say(options.port, nodes)
            parts = [balancer, *(process for process, _ in nodes)]
            while all(process.poll() is None for process in parts):
                time.sleep(0.2)
        except KeyboardInterrupt:
            for number in (signal.SIGINT, signal.SIGTERM):  # a second one would leave some of it running
                signal.signal(number, signal.SIG_IGN)
            return 0
        except Missing as error:
            print(f"cluster: {error}", file=sys.stderr)
            return 2
    print("cluster: a part of it has ended, see above; the rest is stopped", file=sys.stderr)
    return 1


@contextmanager
def database() -> Iterator[str]:
    """An instance of its own, which is deleted in the end; its address. Errors: Missing."""
    installed = Path("/usr/lib/postgresql").glob("[0-9]*/bin/postgres")
    newest = max(installed, key=lambda one: int(one.parent.parent.name), default=None)
    found = newest or shutil.which("postgres")
    if found is None:
        raise Missing("PostgreSQL is not installed: apt-get install postgresql, or name one with --log-url")
    programs = Path(found).resolve().parent
    user = ROLE if os.geteuid() == 0 else None  # it refuses to run as root
    with tempfile.TemporaryDirectory(prefix="adjutant-postgresql-", dir="/tmp" if user else None) as folder:
        if user is not None:
            entry = pwd.getpwnam(user)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        first = (programs / "initdb", "-A", "trust", "-U", ROLE, "-E", "UTF8", "--locale=C", "-D", "data")
        made = subprocess.run(first, cwd=folder, user=user, capture_output=True, text=True, check=False)
        if made.returncode != 0:
            raise Missing(f"PostgreSQL could not be set up: {made.stderr.strip()}")
        port = free_port()
        flags = ("-c", "listen_addresses=127.0.0.1", "-c", "max_connections=300")
        with (Path(folder) / "log").open("w") as log:
            process = subprocess.Popen(
                (programs / "postgres", "-D", "data", "-p", str(port), "-k", ".", *flags),
                cwd=folder,
                user=user,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        with _ending(process, signal.SIGINT):
            _until_listening(process, port, "PostgreSQL")
            yield f"postgresql://{ROLE}@127.0.0.1:{port}/postgres"


@contextmanager
def _node(
    folder: Path, url: str, flags: Sequence[str]
) -> Iterator[tuple[subprocess.Popen[bytes], list[str]]]:
    """A server with a data directory of its own; its process, and its two ports."""
    # In the environment, where no list of processes shows their password. One search for all nodes.
    environment = {"ADJUTANT_SEARCH_URL": url, **os.environ, "ADJUTANT_LOG_URL": url}
    places = (f"--data-dir={folder}", "--port=0", "--http-port=0")
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "serve.py"), *places, *flags],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the cluster, which ends its parts in order
    )
    with _ending(process, signal.SIGTERM):
        assert process.stdout is not None
        first_line = process.stdout.readline().decode()
        if not first_line:
            raise Missing("a node did not start, see above")
        yield process, re.findall(r"http://[^ ]*?:(\d+)", first_line)


@contextmanager
def proxy(file: Path, port: int, ports: Sequence[Sequence[str]]) -> Iterator[subprocess.Popen[bytes]]:
    """HAProxy with the example's configuration, with our ports in the place of its own."""
    program = shutil.which("haproxy", path=SYSTEM)
    if program is None:
        raise Missing("HAProxy is not installed: apt-get install haproxy")
    text = EXAMPLE.read_text().replace("bind 127.0.0.1:8000", f"bind 127.0.0.1:{port}")
    for number, (main, side) in enumerate(ports, 1):
        text = text.replace(f"127.0.0.1:80{number}1 port 80{number}2", f"127.0.0.1:{main} port {side}")
    file.write_text(text)
    process = subprocess.Popen([program, "-db", "-q", "-f", str(file)], start_new_session=True)
    with _ending(process, signal.SIGTERM):
        _until_listening(process, port, "HAProxy")
        yield process


@contextmanager
def _ending(process: subprocess.Popen[bytes], number: signal.Signals) -> Iterator[None]:
    """Ends the process after the block, in order."""
    try:
        yield
    finally:
        process.send_signal(number)
        process.wait()


def _until_listening(process: subprocess.Popen[bytes], port: int, what: str) -> None:
    ends_at = time.monotonic() + STARTS_WITHIN_S
    while process.poll() is None and time.monotonic() < ends_at:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.05)
    raise Missing(f"{what} did not start on port {port}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _say(port: int, nodes: Sequence[tuple[subprocess.Popen[bytes], Sequence[str]]]) -> None:
    print(f"Board: http://127.0.0.1:{port}/ (open it in a browser)")
    for name, (process, (main, side)) in zip(NODES, nodes, strict=True):
        print(f"  node {name}: http://127.0.0.1:{main}, health and metrics :{side}, process {process.pid}")
    print("Stop a node (kill PROCESS) and watch the others go on. Ctrl-C ends it all.", flush=True)


def _options(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(
        prog="python -m examples.cluster",
        description="Runs three nodes on one PostgreSQL behind HAProxy, with the dashboard on it.",
        epilog="Other arguments go to each node, such as --tz Europe/Berlin or --tokens FILE: who may enter"
        " is in a file that all nodes read. Boards but `main` have to be added to each data directory.",
    )
    parser.add_argument("--port", type=int, default=8000, help="of the load balancer (8000)")
    parser.add_argument("--log-url", metavar="URL", help="a database (an own one, deleted in the end)")
    return parser.parse_known_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
