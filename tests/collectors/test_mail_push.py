"""`python -m collectors.mail` and `python -m collectors.git` as a person runs them, against a real server."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.collectors import programs
from tests.collectors.mail_samples import mbox, message
from tests.collectors.repositories import Made, needs_git
from tests.conftest import Connect
from tests.forked import ForkedProcess
from tests.running import RunningServer


async def run(server: RunningServer, collector: str, *arguments: object) -> tuple[int, Any]:
    """Exit status and report; nothing is printed beside it."""
    status, printed = await programs.run(collector, server, "--json", *arguments)
    return status, json.loads(printed)


async def test_mail_goes_out_and_what_could_not_be_read_is_in_the_report(
    server: RunningServer, connect: Connect, tmp_path: Path
) -> None:
    good, bad = tmp_path / "Team.mbox", tmp_path / "bad.mbox"
    good.write_bytes(mbox(*(message(id=f"{n}@x") for n in range(2_500))))
    bad.write_bytes(b"no mail")
    status, report = await run(server, "mail", good)
    assert (status, report["source"], report["read"]) == (0, "mail:team", {"records": 2_500, "people": 2})
    status, report = await run(server, "mail", good, bad)
    assert (status, report["read"]) == (1, {"records": 2_500, "people": 2})
    assert [one["where"] for one in report["findings"] if one["kind"] == "skipped"] == ["bad.mbox"]
    sources = (await (await connect(client="wall")).state())["sources"]
    assert [source["id"] for source in sources] == ["mail:team"]


@needs_git
async def test_commits_go_out_and_a_second_quick_run_brings_the_new_ones(
    server: RunningServer, tmp_path: Path
) -> None:
    made = Made(tmp_path / "Work")
    made.commit("Begin", -300)
    status, report = await run(server, "git", made.path)
    assert (status, report["source"], report["read"]) == (0, "git:work", {"records": 1})
    made.run("commit", "-q", "--allow-empty", "-m", "New", at_s="4000000000 +0000")
    status, report = await run(server, "git", made.path, "--mode", "quick")
    taken = "records" in report["board"]  # a server that takes none is brought all again
    assert (status, report["read"]) == (0, {"records": 1 if taken else 2})
    assert [one["why"] for one in report["findings"] if one["where"]] == ["its date is in the future"]


@pytest.mark.parametrize(
    ("collector", "arguments", "said"),
    [
        ("mail", (), "PATH"),
        ("git", (), "REPO"),
        ("git", (".", "--find", "0"), "is not a number from 1"),
        ("git", (".", "--since", "soon"), "is not a date such as"),
        ("git", (".", "--max-commits", "many"), "is not a number from 1"),
    ],
)
async def test_a_wrong_command_line_is_exit_status_2(
    collector: str, arguments: tuple[str, ...], said: str
) -> None:
    process = await ForkedProcess("-m", f"collectors.{collector}", *arguments).start(os.environ)
    _, err = await process.communicate()
    assert process.returncode == 2
    assert said in err.decode()
