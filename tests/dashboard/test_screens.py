"""The page looks as the pictures in docs/screenshots/ show it, and a screen reader says of it what
docs/screen-reader.md tells: `make screenshots` makes both anew after a change that is meant."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.async_api import Browser

from docs.screenshots import PICTURES, SPOKEN
from tests.dashboard.full_day import BROWSER, NOW, full_day
from tests.dashboard.screens import NAMES, picture, screens
from tests.dashboard.spoken import HEAD, told

# Squares of this many pixels are compared by their mean: letters drawn a little differently do not count.
SQUARE = 12
DIFFERENT = 20  # of 255
AT_MOST = 0.06  # of the squares

# The share of squares that differ; 1 where the sizes do.
COMPARE = """async ([one, other, square, different]) => {
    const read = async (data) => {
        const image = new Image();
        image.src = `data:image/png;base64,${data}`;
        await image.decode();
        const [width, height] = [image.naturalWidth, image.naturalHeight];
        const canvas = new OffscreenCanvas(Math.ceil(width / square), Math.ceil(height / square));
        const context = canvas.getContext("2d");
        context.imageSmoothingQuality = "high";
        context.drawImage(image, 0, 0, canvas.width, canvas.height);
        const { data: pixels } = context.getImageData(0, 0, canvas.width, canvas.height);
        return { width, height, pixels };
    };
    const [a, b] = await Promise.all([read(one), read(other)]);
    if (a.width !== b.width || a.height !== b.height) return 1;
    let differ = 0;
    for (let at = 0; at < a.pixels.length; at += 4) {
        const isOther = (part) => Math.abs(a.pixels[at + part] - b.pixels[at + part]) > different;
        if ([0, 1, 2].some(isOther)) differ += 1;
    }
    return differ / (a.pixels.length / 4);
}"""


class Walk(NamedTuple):
    """What was seen and heard on one way through all screens."""

    shares: dict[str, float]  # of the squares that are not as in the picture, by the screen's name
    said: str


@pytest.fixture(scope="module")
async def walk(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """One for both tests."""
    blank = await (await browser.new_context()).new_page()
    shares, said = {}, HEAD
    async for name, page in screens(browser, tmp_path_factory.mktemp("screens")):
        said += await told(name, page)
        kept = (PICTURES / f"{name}.png").read_bytes()
        pair = [base64.b64encode(png).decode() for png in (kept, await picture(page))]
        shares[name] = await blank.evaluate(COMPARE, [*pair, SQUARE, DIFFERENT])
    await blank.context.close()
    return Walk(shares, said)


async def test_the_screens_look_as_the_pictures_of_them(walk: Walk) -> None:
    assert set(walk.shares) == set(NAMES)
    wrong = {name: f"{share:.1%}" for name, share in walk.shares.items() if share > AT_MOST}
    assert wrong == {}, "make screenshots, and look at the difference"


async def test_a_screen_reader_says_what_the_guide_tells(walk: Walk) -> None:
    assert walk.said == SPOKEN.read_text("utf-8"), "make screenshots writes it anew: read the difference"


async def test_a_full_day_is_printed_on_one_sheet(browser: Browser, tmp_path: Path) -> None:
    async with full_day(tmp_path / "day") as server:
        page = await (await browser.new_context(**BROWSER)).new_page()
        await page.clock.install(time=NOW)
        await page.goto(server.url)
        await page.wait_for_selector("#priorities .row")
        await page.wait_for_selector("#commitments .person")
        for paper in ("A4", "Letter"):
            sheets = re.findall(rb"/Type\s*/Page\b", await page.pdf(format=paper))
            assert len(sheets) == 1, paper
        await page.context.close()
