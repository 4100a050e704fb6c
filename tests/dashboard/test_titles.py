"""Titles win over places and codes: on a full day, with long titles in every list, few of them are cut."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser

from bench.dashboard import titles_cut

AT_MOST = {1440: 0.10, 1024: 0.15, 390: 0.20}


async def test_few_titles_are_cut_at_any_width(browser: Browser, tmp_path: Path) -> None:
    found = {one.width: one for one in await titles_cut(browser, tmp_path / "titles")}
    assert set(found) == set(AT_MOST)
    for width, share in AT_MOST.items():
        assert found[width].titles > 20
        assert found[width].cut <= share * found[width].titles
