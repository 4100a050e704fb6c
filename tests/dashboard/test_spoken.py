"""A screen reader says what docs/screen-reader.md tells, in that order."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser

from docs.screenshots import SPOKEN
from tests.dashboard.spoken import run_through


async def test_the_page_is_said_as_the_guide_tells(browser: Browser, tmp_path: Path) -> None:
    said = await run_through(browser, tmp_path)
    assert said == SPOKEN.read_text("utf-8"), "make screenshots writes it anew: read the difference"
