"""The page looks as the pictures in docs/screenshots/ show it: `make screenshots` takes them anew after a
change that is meant."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser

from docs.screenshots import PICTURES
from tests.dashboard.full_day import BROWSER, NOW, full_day
from tests.dashboard.screens import NAMES, picture, screens

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


async def test_the_screens_look_as_the_pictures_of_them(browser: Browser, tmp_path: Path) -> None:
    blank = await (await browser.new_context()).new_page()
    shares = {}
    async for name, page in screens(browser, tmp_path):
        kept = (PICTURES / f"{name}.png").read_bytes()
        pair = [base64.b64encode(png).decode() for png in (kept, await picture(page))]
        shares[name] = await blank.evaluate(COMPARE, [*pair, SQUARE, DIFFERENT])
    await blank.context.close()
    assert set(shares) == set(NAMES)
    wrong = {name: f"{share:.1%}" for name, share in shares.items() if share > AT_MOST}
    assert wrong == {}, "make screenshots, and look at the difference"


@pytest.mark.parametrize("paper", ["A4", "Letter"])
async def test_a_full_day_is_printed_on_one_sheet(browser: Browser, tmp_path: Path, paper: str) -> None:
    async with full_day(tmp_path / "day") as server:
        page = await (await browser.new_context(**BROWSER)).new_page()
        await page.clock.install(time=NOW)
        await page.goto(server.url)
        await page.wait_for_selector("#priorities .row")
        await page.wait_for_selector("#commitments .person")
        sheets = re.findall(rb"/Type\s*/Page\b", await page.pdf(format=paper))
        await page.context.close()
    assert len(sheets) == 1
