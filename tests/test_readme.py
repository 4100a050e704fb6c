"""README's snippets do what README says."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE

import pytest

from tests.conftest import Connect
from tests.node.driver import NODE_FOLDER, require_node
from tests.running import ROOT, WAIT_S, RunningServer


def snippet(language: str, using: str = "") -> bytes:
    """The one snippet that has this text."""
    readme = (ROOT / "README.md").read_text("utf-8")
    found = re.findall(rf"```{language}\n(.*?)```", readme, re.DOTALL)
    [chosen] = [each for each in found if using in each]
    return str(chosen).encode()


def promised(section: str) -> list[str]:
    """What README says that the section's snippet prints, line by line."""
    readme = (ROOT / "README.md").read_text("utf-8")
    block = rf"^## {section}\n.*?^prints\n\n((?:    [^\n]*\n)+)"
    printed = re.search(block, readme, re.DOTALL | re.MULTILINE)
    assert printed is not None
    return [line.strip() for line in printed[1].splitlines()]


async def test_the_python_snippet_puts_a_priority_and_completes_it(
    server: RunningServer, connect: Connect
) -> None:
    dashboard = await connect()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-", stdin=PIPE, stdout=PIPE, env=os.environ | {"ADJUTANT_URL": server.url}
    )
    printed, _ = await asyncio.wait_for(
        process.communicate(snippet("python", using="priorities:complete")), WAIT_S
    )
    assert (process.returncode, printed) == (0, b"P1 done\n")
    await dashboard.in_step(2)
    assert (await dashboard.state())["priorities"][0]["status"] == "done"


async def test_the_javascript_snippet_prints_changes_and_comes_back_after_a_restart(
    server: RunningServer, connect: Connect
) -> None:
    process = await asyncio.create_subprocess_exec(
        *(require_node(), "--input-type=module", "-"),
        stdin=PIPE,
        stdout=PIPE,
        cwd=NODE_FOLDER,
        env=os.environ | {"ADJUTANT_URL": server.url},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(snippet("js", using="state:patch"))
    process.stdin.close()

    async def line_with(text: str) -> str:
        assert process.stdout is not None
        async with asyncio.timeout(WAIT_S):
            while text not in (line := (await process.stdout.readline()).decode()):
                assert line, "the snippet ended"
        return line

    try:
        await line_with("snapshot 0")
        client = await connect(client="ana")
        await client.done("priorities:put", items=[{"id": "p", "title": "Sign"}])
        assert "1 ana priorities P1" in await line_with("1 ana")
        await server.restart()
        await line_with("current 1")
    finally:
        process.kill()
        await process.communicate()


@pytest.mark.parametrize(("section", "using"), [("Commands", "command:run"), ("Search", "records:put")])
async def test_a_snippet_prints_what_readme_says(server: RunningServer, section: str, using: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(require_node(), "--input-type=module", "-"),
        stdin=PIPE,
        stdout=PIPE,
        cwd=NODE_FOLDER,
        env=os.environ | {"ADJUTANT_URL": server.url},
    )
    printed, _ = await asyncio.wait_for(process.communicate(snippet("js", using=using)), WAIT_S)
    lines = " ".join(line.strip() for line in printed.decode().splitlines()).split()
    assert lines == " ".join(promised(section)).split()
    assert process.returncode == 0
