"""The client installed alone, in an environment of its own, and used from another folder."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tomllib
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from sio_server.settings import VERSION
from tests.conftest import Connect
from tests.running import ROOT, WAIT_S, RunningServer
from tests.test_readme import snippet

CLIENT = ROOT / "adjutant_client"


def needed(by: Distribution) -> Iterator[Distribution]:
    """What a distribution declares that it needs, and what that needs in turn."""
    for line in by.requires or []:
        need = Requirement(line)
        if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in ["", *need.extras]):
            found = distribution(need.name)
            assert found.version in need.specifier, line
            yield found
            yield from needed(found)


def lend(distributions: Iterator[Distribution], site_packages: Path) -> None:
    """Puts installed distributions into another environment, by links."""
    for each in distributions:
        for top in {file.parts[0] for file in each.files or [] if ".." not in file.parts}:
            link = site_packages / top
            if not link.exists():
                link.symlink_to(Path(str(each.locate_file(top))))


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has the client, what it declares that it needs, and nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    run = (sys.executable, "-m")
    subprocess.run([*run, "venv", "--without-pip", folder / "venv"], check=True)
    quiet = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-index")
    build = (*run, "pip", "wheel", *quiet, "--no-build-isolation", "--wheel-dir", folder, CLIENT)
    subprocess.run(build, check=True, cwd=folder)
    [wheel] = folder.glob("*.whl")
    [site_packages] = (folder / "venv").glob("lib/python*/site-packages")
    subprocess.run([*run, "pip", "install", *quiet, "--target", site_packages, wheel], check=True)
    [info] = site_packages.glob("*.dist-info")
    lend(needed(Distribution.at(info)), site_packages)
    return folder / "venv" / "bin" / "python"


async def run(python: Path, program: str, folder: Path, **environment: str) -> str:
    """What the program prints; it is run in an empty folder, and must end well."""
    process = await asyncio.create_subprocess_exec(
        *(str(python), "-W", "error", "-"),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        cwd=folder,
        env={"PATH": os.environ["PATH"]} | environment,
    )
    printed, said = await asyncio.wait_for(process.communicate(program.encode()), 4 * WAIT_S)
    assert (process.returncode, said.decode()) == (0, "")
    return printed.decode()


async def test_readmes_lines_put_a_priority_and_complete_it(
    python: Path, server: RunningServer, connect: Connect, tmp_path: Path
) -> None:
    dashboard = await connect()
    lines = snippet("python", using="adjutant_client").decode()
    assert await run(python, lines, tmp_path, ADJUTANT_URL=server.url) == "P1 done\n"
    await dashboard.in_step(2)
    assert (await dashboard.state())["priorities"][0]["status"] == "done"


WHOLE = """
import importlib, importlib.util, pkgutil
import adjutant_client

names = [one.name for one in pkgutil.walk_packages(adjutant_client.__path__, "adjutant_client.")]
for name in names:
    importlib.import_module(name)
print(len(names) > 25, [name for name in ("models", "handlers", "sio_server", "collectors", "apsw", "uvicorn")
                        if importlib.util.find_spec(name)])
"""


async def test_it_is_whole_and_brings_nothing_of_the_server(python: Path, tmp_path: Path) -> None:
    assert await run(python, WHOLE, tmp_path) == "True []\n"


TYPED = """
import os
from adjutant_client import Blocking, Client
from adjutant_client.models.batch import PutDone
from adjutant_client.models.priorities import GivenPriority, Priority, PutPriorities

with Blocking(Client(os.environ["ADJUTANT_URL"], client="script", follow=True)) as board:
    given = PutPriorities(items=[GivenPriority(id="sign", title="Sign")])
    put = board.request("priorities:put", given, PutDone)
    done = board.request("priorities:complete", {"code": put.data.codes["sign"], "seen": put.seq}, Priority)
    print(done.data.status.value, [item["title"] for item in board.items("priorities")])
"""


async def test_its_models_are_in_it(python: Path, server: RunningServer, tmp_path: Path) -> None:
    assert await run(python, TYPED, tmp_path, ADJUTANT_URL=server.url) == "done ['Sign']\n"


def test_it_has_the_servers_version_and_leaves_nothing_beside_its_sources(python: Path) -> None:
    project = tomllib.loads((CLIENT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == VERSION
    assert not [path for path in CLIENT.iterdir() if re.search("build$|egg-info$|dist$|^models$", path.name)]
