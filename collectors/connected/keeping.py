"""`adjutant run`: a process for each account, started again when it ends."""

from __future__ import annotations

import asyncio
import fcntl
import os
import random
import signal
import sys
from argparse import Namespace
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from adjutant_client.arguments import Parser, add_server
from collectors.connected.book import BookError, Entry, book_path, entries
from collectors.connected.kinds import module_of
from collectors.program import PARENT

_ROOT = Path(__file__).parent.parent.parent
_LOOK_S = 1.0
"""How often the file of accounts is looked at."""
_AGAIN_S, _AGAIN_MAX_S = 1.0, 300.0  # after an end that nobody asked for, doubled each time
_WELL_S = 60.0  # having run for so long, a collector that ends begins with the short wait again
_STOP_S = 10.0  # for a collector to finish, before it is killed
_LINE_MAX = 1 << 16  # bytes of a collector's line that are held
_WRONG = 2
"""The exit status of a command line that is wrong: trying again changes nothing."""


def run(words: Sequence[str]) -> int:
    """The exit status: 0 when it was ended by Ctrl-C or SIGTERM."""
    about = "Reads all connected accounts, each in a process of its own, until it is ended with Ctrl-C."
    parser = Parser(prog="adjutant run", description=about)
    add_server(parser.add_argument, "a collector's token, for accounts without one of their own")
    given = parser.parse_args(words)
    path = book_path()
    try:
        found = entries(path)
        lock = _locked(path)
    except BookError as error:
        print(f"adjutant: {error}", file=sys.stderr)
        return 1
    if not found:
        why = "no account is connected yet: what `adjutant connect` adds is read at once"
        print(f"adjutant: {why}", file=sys.stderr)
    try:
        return asyncio.run(_until_ended(_Keeper(path, given)))
    finally:
        os.close(lock)


def _locked(path: Path) -> int:
    """Two of these would start everything twice. Errors: BookError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(path.with_name(f"{path.name}.lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise BookError("another `adjutant run` is reading these accounts already") from None
    return lock


async def _until_ended(keeper: _Keeper) -> int:
    work, loop = asyncio.ensure_future(keeper.go_on()), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, work.cancel)
    with suppress(asyncio.CancelledError):
        await work
    return 0


@dataclass
class _Keeper:
    """Follows the file of accounts."""

    path: Path
    given: Namespace
    _kept: dict[str, tuple[Entry, asyncio.Task[None]]] = field(default_factory=dict)

    async def go_on(self) -> None:
        """Until it is cancelled; then all processes have ended."""
        told = ""
        try:
            while True:
                try:
                    await self._follow(entries(self.path))
                    told = ""
                except BookError as error:  # somebody is writing in it: what runs goes on
                    if str(error) != told:
                        _say("adjutant", told := str(error))
                await asyncio.sleep(_LOOK_S)
        finally:
            await self._end([task for _, task in self._kept.values()])

    async def _follow(self, wanted: dict[str, Entry]) -> None:
        # A secret by itself may be replaced by the collector, and is read each time it is needed.
        wanted = {name: entry.model_copy(update={"secret": SecretStr("")}) for name, entry in wanted.items()}
        others = {name for name, (entry, _) in self._kept.items() if wanted.get(name) != entry}
        await self._end([self._kept.pop(name)[1] for name in others])
        for name, entry in wanted.items():
            if name not in self._kept:
                self._kept[name] = entry, asyncio.ensure_future(_keep(entry, self.given))

    async def _end(self, tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _keep(entry: Entry, given: Namespace) -> None:
    """Runs the account's collector for ever; whatever becomes of it touches no other."""
    again_s, loop = _AGAIN_S, asyncio.get_running_loop()
    while True:
        begun_s = loop.time()
        try:
            status = await _run_once(entry, given)
        except OSError as error:  # there are too many processes, or no memory
            _say(entry.name, f"it cannot be started: {error.strerror}")
            status = -1
        if status == _WRONG:
            _say(entry.name, "it is not started again until the account is connected anew")
            await asyncio.Event().wait()
        again_s = _AGAIN_S if loop.time() - begun_s > _WELL_S else min(2 * again_s, _AGAIN_MAX_S)
        pause_s = again_s * random.uniform(0.5, 1.0)
        _say(entry.name, f"it ended ({_ending(status)}) and is started again in {pause_s:.0f} s")
        await asyncio.sleep(pause_s)


async def _run_once(entry: Entry, given: Namespace) -> int:
    """The exit status; nothing in the command line is a secret."""
    command = (
        *("-m", module_of(entry.collector), *entry.arguments),
        *("--account", entry.name, "--source", entry.name, "--url", given.url, "--watch"),
        *(() if given.board is None else ("--board", given.board)),
    )
    token = entry.token.get_secret_value() or given.token or ""
    environment = os.environ | {"ADJUTANT_TOKEN": token, PARENT: str(os.getpid())}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *command),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        cwd=_ROOT,
        env=environment,
        limit=_LINE_MAX,
        start_new_session=True,  # Ctrl-C is for us: we end them in order
    )
    try:
        await _pass_on(entry.name, process)
        return await process.wait()
    finally:
        await _stop(process)


async def _pass_on(name: str, process: Process) -> None:
    assert process.stdout is not None
    while True:
        try:
            line = await process.stdout.readline()
        except ValueError:  # longer than any line of ours: it is dropped
            continue
        if not line:
            return
        _say(name, line.decode(errors="replace").rstrip())


async def _stop(process: Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_STOP_S):
            await process.communicate()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _ending(status: int) -> str:
    return f"by signal {-status}" if status < 0 else f"exit status {status}"


def _say(name: str, what: str) -> None:
    print(f"{name}: {what}", flush=True)
