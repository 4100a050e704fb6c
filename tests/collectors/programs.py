"""Collectors as a person runs them: `python -m collectors.NAME`, against a real server."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE

from tests.forked import ForkedProcess
from tests.running import ROOT, WAIT_S, Program, RunningServer

WITHIN_S = WAIT_S
PASSWORD = "planted-s3cret-wörd"
"""Of all accounts: tests search for it in logs, errors and the state."""


async def start(
    program: str, server: RunningServer, *arguments: object, token: str = "", before: tuple[str, ...] = ()
) -> Program:
    """The program, running; its spool is beside the server's data."""
    command = ("-m", f"collectors.{program}", "--url", server.url, *map(str, arguments))
    environment = os.environ | {"ADJUTANT_TOKEN": token, "XDG_STATE_HOME": str(server.data_dir.parent)}
    if not before:
        return await ForkedProcess(*command).start(environment)
    return await asyncio.create_subprocess_exec(
        *(*before, sys.executable, *command), stdout=PIPE, stderr=PIPE, cwd=ROOT, env=environment
    )


async def run(
    program: str, server: RunningServer, *arguments: object, token: str = "", before: tuple[str, ...] = ()
) -> tuple[int, str]:
    """Exit status and all that was printed; there is never a traceback in it."""
    process = await start(program, server, *arguments, token=token, before=before)
    out, err = await process.communicate()
    printed = (out + err).decode()
    assert "Traceback" not in printed
    assert process.returncode is not None
    return process.returncode, printed
