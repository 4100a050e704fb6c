"""A program under a test that hangs fails the test, with what it said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.forked import ForkedProcess

HANGS = """
import sys, time
sys.stderr.write("cannot go on\\n")
sys.stderr.flush()
print("begun\\nwaits", flush=True)
time.sleep(3_600)
"""


async def test_a_program_that_hangs_fails_and_what_it_said_is_told(tmp_path: Path) -> None:
    program = tmp_path / "hangs.py"
    program.write_text(HANGS)
    process = await ForkedProcess(str(program)).start({})
    assert process.stdout is not None
    assert await process.stdout.readline() == b"begun\n"
    try:
        with pytest.raises(
            AssertionError, match=r"hangs\.py has not ended within 1 s(.*\n)+waits\ncannot go on"
        ):
            await process.communicate(within_s=1.0)
        with pytest.raises(AssertionError, match=r"the end of python \S+hangs\.py: not within 0 s"):
            await process.wait(0.1)
    finally:
        process.kill()
        await process.wait()
        process.close()
