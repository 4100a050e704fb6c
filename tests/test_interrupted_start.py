"""Ctrl-C while a program is still loading its modules, which takes a second: it ends, and says nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import pytest

from tests.running import ROOT, WAIT_S

PROGRAMS = {
    "connect": ("-m", "collectors.connected", "connect", "ics"),
    "collector": ("-m", "collectors.ics", "examples/sample.ics", "--no-spool"),
    "terminal": ("-m", "terminal", "status"),
    "server": ("serve.py", "--port", "0", "--http-port", "0"),
}
LOADED = (b" pydantic_core\n", b" aiohttp.typedefs\n")
"""Modules that each program loads, and that Python reports on the way."""


@pytest.mark.parametrize("loaded", LOADED)
@pytest.mark.parametrize("program", PROGRAMS)
async def test_ctrl_c_in_the_first_second_prints_no_traceback(
    program: str, loaded: bytes, tmp_path: Path
) -> None:
    environment = os.environ | {
        "PYTHONPROFILEIMPORTTIME": "1",
        "ADJUTANT_URL": "http://127.0.0.1:9",
        "ADJUTANT_DATA_DIR": str(tmp_path),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *PROGRAMS[program]),
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=PIPE,
        cwd=ROOT,
        env=environment,
    )
    assert process.stderr is not None
    async with asyncio.timeout(WAIT_S):
        while (line := await process.stderr.readline()) and not line.endswith(loaded):
            pass
        if line:
            process.send_signal(signal.SIGINT)
        said = (await process.stderr.read()).decode()
        status = await process.wait()
    assert line, f"{loaded!r} is not loaded"
    assert "Traceback" not in said
    assert "KeyboardInterrupt" not in said
    assert status in (-signal.SIGINT, 130)
