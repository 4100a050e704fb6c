"""`make screenshots`: the pictures in docs/screenshots/, of the demo's board as its collectors fill it."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.dashboard.browsing import Sight, chromium, chromium_path, driving

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "screenshots"
DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
}
WALL: dict[str, Any] = {"viewport": {"width": 1920, "height": 1080}, "color_scheme": "dark"}


def main() -> int:
    """The exit status: 2 without Chromium."""
    if chromium_path() is None:
        print("adjutant: Chromium is not installed (on Debian: apt-get install chromium)", file=sys.stderr)
        return 2
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as address:
        asyncio.run(_take_all(address, Path(folder)))
    return 0


async def _take_all(address: str, folder: Path) -> None:
    async with _demo(folder) as url, driving(address) as browser:

        async def look(path: str, options: dict[str, Any]) -> Sight:
            context = await browser.new_context(**options)
            sight = await Sight(await context.new_page()).open(url + path)
            await sight.page.wait_for_selector("[data-code^=C]")
            await sight.page.evaluate("document.fonts.ready")
            return sight

        desk = await look("/", DESK)
        await _save(desk, "desk")
        await desk.page.click("#priorities .opener")
        await desk.see("#item .past li")
        await _save(desk, "item")
        await desk.press("Escape")
        await desk.page.keyboard.type("done P1 | snooze P2 tomorrow 9am")
        await desk.see("#plan .step")
        await _save(desk, "palette")
        await _save(await look("/", DESK | {"color_scheme": "dark"}), "desk-dark")
        await _save(await look("/#wall", WALL), "wall")
        await _save(await look("/", PHONE), "phone")


async def _save(sight: Sight, name: str) -> None:
    await sight.page.wait_for_selector(".flash", state="detached")
    await sight.page.screenshot(path=PICTURES / f"{name}.png")
    print(PICTURES.relative_to(ROOT) / f"{name}.png")


@asynccontextmanager
async def _demo(folder: Path) -> AsyncIterator[str]:
    """The demo's address, once its collectors have been heard."""
    command = (sys.executable, "-m", "examples", f"--folder={folder}", "--still", "--port=0", "--http-port=0")
    demo = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE)
    assert demo.stdout is not None
    try:
        yield (await demo.stdout.readline()).decode().split()[-1]
    finally:
        demo.terminate()
        await demo.wait()


if __name__ == "__main__":
    sys.exit(main())
