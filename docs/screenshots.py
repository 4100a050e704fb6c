"""`make screenshots [ARGS="desk wall"]`: the pictures in docs/screenshots/, of one full day, and what a
screen reader says of it."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.dashboard.browsing import chromium, chromium_path, driving
from tests.dashboard.screens import NAMES, picture, screens
from tests.dashboard.spoken import run_through

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "screenshots"
SPOKEN = ROOT / "docs" / "screen-reader.md"


def main(wanted: list[str]) -> int:
    """The exit status: 2 without Chromium, or for a picture that there is not."""
    if unknown := set(wanted) - set(NAMES):
        print(f"adjutant: there is no picture {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    if chromium_path() is None:
        print("adjutant: Chromium is not installed (on Debian: apt-get install chromium)", file=sys.stderr)
        return 2
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as address:
        asyncio.run(_take(address, Path(folder), wanted or list(NAMES)))
        if not wanted:
            with tempfile.TemporaryDirectory() as other:
                asyncio.run(_listen(address, Path(other)))
    return 0


async def _take(address: str, folder: Path, wanted: list[str]) -> None:
    async with driving(address) as browser:
        async for name, page in screens(browser, folder):
            if name in wanted:
                file = PICTURES / f"{name}.png"
                file.write_bytes(await picture(page))
                print(file.relative_to(ROOT))


async def _listen(address: str, folder: Path) -> None:
    async with driving(address) as browser:
        SPOKEN.write_text(await run_through(browser, folder), "utf-8")
    print(SPOKEN.relative_to(ROOT))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
