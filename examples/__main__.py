"""`python -m examples`: writes example files, and starts server, dashboard and collectors on them."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from examples import world
from examples.living import changes

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "examples"
# By the collector: what it reads, and its name on the board.
COLLECTORS = {
    "ics": ("work.ics", "ics:work"),
    "notes": ("notes", "notes:desk"),
    "slack": ("chat", "slack:team"),
    "mail": ("mail", "mail:inbox"),
}
CHANGE_EVERY_S = 20.0


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 after Ctrl-C, else the server's, whose end ends everything."""
    options, of_server = _options(arguments)
    now = datetime.now().astimezone()
    board, data = options.folder / "board", options.folder / "data"
    world.write(board, now)
    shutil.rmtree(data, ignore_errors=True)  # the demo's own, new each time
    data.mkdir(parents=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        me = (f"--me={world.NAMES[world.ME]}", f"--me={world.ME}")
        with running([str(ROOT / "serve.py"), f"--data-dir={data}", *me, *of_server], data) as server:
            assert server.stdout is not None
            first_line = server.stdout.readline()
            if not first_line:
                return server.wait()
            url = first_line.split()[1]
            with _collecting(board, data, url):
                _say(url, board)
                alive = iter(()) if options.still else changes(board, now)
                while not _ended(server, CHANGE_EVERY_S):
                    if change := next(alive, None):
                        print(f"  {change}", flush=True)
                return server.wait()
    except KeyboardInterrupt:
        return 0


@contextmanager
def running(command: Sequence[str], data: Path, name: str = "server") -> Iterator[subprocess.Popen[str]]:
    """Runs a Python program for the block; its standard error goes to the data folder."""
    # The collectors' own files belong to the demo too.
    environment = os.environ | {"XDG_STATE_HOME": str(data)}
    with (data / f"{name}.log").open("w") as log:
        errors = None if name == "server" else log
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=environment,
            text=True,
            stdout=subprocess.PIPE if name == "server" else log,
            stderr=errors,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _collecting(board: Path, data: Path, url: str) -> Iterator[None]:
    """Runs every collector, each on its files."""
    with contextlib.ExitStack() as stack:
        for name, (part, source) in COLLECTORS.items():
            where = ("--url", url, "--source", source)
            command = ["-m", f"collectors.{name}", str(board / part), *where, "--watch"]
            stack.enter_context(running(command, data, name))
        yield


def _ended(server: subprocess.Popen[str], within_s: float) -> bool:
    ends_at = time.monotonic() + within_s
    while time.monotonic() < ends_at:
        if server.poll() is not None:
            return True
        time.sleep(0.1)
    return False


def _say(url: str, board: Path) -> None:
    print(f"Board: {url}")
    print(f"It shows the files in {board}: change one and watch. Ctrl-C stops the demo.", flush=True)


def _options(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(
        prog="python -m examples",
        description="Runs the server, the dashboard and the collectors on example files.",
        epilog="Other arguments go to the server, such as --port 9000.",
    )
    parser.add_argument("--folder", type=Path, default=HERE, help="where to write the files (examples)")
    parser.add_argument("--still", action="store_true", help="nothing changes by itself")
    return parser.parse_known_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
