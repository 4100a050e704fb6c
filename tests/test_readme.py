"""The snippets in README and in the guides in docs/ do what their text says."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from asyncio.subprocess import PIPE

import pytest

from tests.conftest import Connect
from tests.node.driver import NODE_FOLDER, require_node
from tests.running import ROOT, WAIT_S, RunningServer


def snippet(language: str, using: str, page: str = "README.md") -> bytes:
    """The page's one snippet that has this text."""
    found = re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)
    [chosen] = [each for each in found if using in each]
    return str(chosen).encode()


def promised(page: str) -> list[str]:
    """What the page says that its snippet prints, line by line."""
    block = r"^prints\n\n((?:    [^\n]*\n)+)"
    printed = re.search(block, (ROOT / page).read_text("utf-8"), re.MULTILINE)
    assert printed is not None
    return [line.strip() for line in printed[1].splitlines()]


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
    process.stdin.write(snippet("js", using="state:patch", page="docs/clients.md"))
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


@pytest.mark.parametrize(
    ("page", "using"), [("docs/commands.md", "command:run"), ("docs/search.md", "records:put")]
)
async def test_a_snippet_prints_what_its_page_says(server: RunningServer, page: str, using: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(require_node(), "--input-type=module", "-"),
        stdin=PIPE,
        stdout=PIPE,
        cwd=NODE_FOLDER,
        env=os.environ | {"ADJUTANT_URL": server.url},
    )
    printed, _ = await asyncio.wait_for(process.communicate(snippet("js", using, page)), WAIT_S)
    lines = " ".join(line.strip() for line in printed.decode().splitlines()).split()
    assert lines == " ".join(promised(page)).split()
    assert process.returncode == 0


async def test_the_client_module_works_from_where_its_page_says(
    server: RunningServer, connect: Connect
) -> None:
    client = await connect(client="ana")
    await client.done("priorities:put", items=[{"id": "p", "title": "Sign"}])
    process = await asyncio.create_subprocess_exec(
        *(require_node(), "--input-type=module", "-"),
        stdin=PIPE,
        stdout=PIPE,
        cwd=ROOT / "dashboard",
        env=os.environ | {"ADJUTANT_URL": server.url},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(snippet("js", using="new Client(io", page="docs/dashboard.md"))
    process.stdin.close()
    try:
        async with asyncio.timeout(WAIT_S):
            while (line := (await process.stdout.readline()).decode()) != "done: Try my board\n":
                assert line, "the snippet ended"
    finally:
        process.kill()
        await process.communicate()
    [untouched] = [one for one in (await client.state())["priorities"] if one["id"] == "p"]
    assert untouched["status"] == "open", "it completes an item of its own"


# A socket that loses what the server sent: the first delta begins after a hole.
LOSING = """
const heard = {}, asked = [];
const io = () => ({ on: (event, hear) => (heard[event] = hear), emit: (...given) => asked.push(given) });
SNIPPET
const changes = (seq) => [{ section: "priorities", id: `p${seq}`, put: { id: `p${seq}` } }];
const patch = (seq) => ({ ...at(seq), prev: seq - 1, cause: { actor: "a" }, changes: changes(seq) });
const at = (seq) => ({ epoch: "e", seq, mark: `m${seq}` });
const state = { system: { id: "s" }, commitments: { owe: [], owed: [] }, active_brief: null, priorities: [] };
heard["state:sync"]({ ...at(1), mode: "snapshot", state });
heard["state:sync"]({ ...at(4), mode: "delta", from: 3, patches: [patch(4)] });
const [[event, position, answer]] = asked;
answer({ ok: true, data: { ...at(4), mode: "delta", from: 1, patches: [2, 3, 4].map(patch) } });
console.log(JSON.stringify([event, position, held, Object.keys(items.priorities)]));
"""


async def test_a_hole_inside_a_delta_is_repaired_by_the_javascript_snippet() -> None:
    code = (
        snippet("js", using="state:patch", page="docs/clients.md").decode().split("\n", 1)[1]
    )  # without its import
    program = LOSING.replace("SNIPPET", code)
    process = await asyncio.create_subprocess_exec(
        *(require_node(), "--input-type=module", "-"), stdin=PIPE, stdout=PIPE, cwd=NODE_FOLDER
    )
    printed, _ = await asyncio.wait_for(process.communicate(program.encode()), WAIT_S)
    at = {"epoch": "e", "seq": 1, "mark": "m1"}
    assert json.loads(printed.decode().splitlines()[-1]) == [
        *("state:sync", at, {"epoch": "e", "seq": 4, "mark": "m4"}),
        ["p2", "p3", "p4"],
    ]


async def test_the_sample_calendar_that_readme_names_comes_to_the_board(
    server: RunningServer, connect: Connect
) -> None:
    [named] = re.findall(r"-m collectors\.ics (\S+)", (ROOT / "README.md").read_text("utf-8"))
    command = ("-m", "collectors.ics", named, "--no-spool", "--url", server.url)
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=PIPE, cwd=ROOT)
    await asyncio.wait_for(process.communicate(), WAIT_S)
    assert process.returncode == 0
    board = await connect()
    assert "Budget review" in {event["title"] for event in (await board.state())["calendar"]}
