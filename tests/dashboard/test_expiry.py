"""A sign-in that ends: the page says so in time, and goes on under a new token as if nothing had been."""

from __future__ import annotations

import time
from pathlib import Path

from playwright.async_api import expect

from tests.conftest import Serve
from tests.dashboard.browsing import Sight
from tests.dashboard.conftest import Look
from tests.sign_in.minting import claims, pair


async def test_a_new_token_takes_over_before_the_old_one_ends(
    look: Look, serve: Serve, tmp_path: Path
) -> None:
    server = await serve(f"--jwt-key={pair('HS256').written(tmp_path)}", name="guarded")
    sign = pair("HS256").sign
    ends_soon, next_one = sign(claims(exp=int(time.time()) + 240)), sign(claims())
    sight = await look(f"/#token={ends_soon}", url=server.url)
    page = sight.page
    await sight.see("#expiry", "Your sign-in ends in ")
    wall = Sight(await page.context.new_page())
    await wall.open(f"{server.url}/#wall")
    await wall.see("#link", "Your sign-in ends in ")
    await wall.page.close()
    await page.evaluate(
        """() => {
            globalThis.same = true; // no reload
            globalThis.stages = [];
            const root = document.documentElement;
            const watcher = new MutationObserver(() => stages.push(root.dataset.link));
            watcher.observe(root, { attributeFilter: ["data-link"] });
        }"""
    )
    other = Sight(await page.context.new_page())
    await other.open(f"{server.url}/")
    await other.see("#expiry")
    await page.fill("#expiry input", sign(claims(sub="somebody else")))
    await sight.press("Enter")
    await sight.see("#expiry .fault", "somebody else")
    await sight.press("Escape")
    await sight.type("add priority Typed before")
    await sight.see("#priorities .row", "Typed before")
    who = "localStorage.getItem('adjutant.prefs')"
    before = await page.evaluate(who)
    await page.fill("#expiry input", next_one)
    await page.click("#expiry button")
    await sight.gone("#expiry")
    await other.gone("#expiry")  # another tab goes on with it
    assert await page.evaluate("[same, stages]") == [True, []]
    await page.reload()
    await sight.stage("connected")
    await sight.see("#priorities .row", "Typed before")
    await expect(page.locator("#expiry")).to_have_count(0)
    # What the browser keeps of the person is still theirs.
    assert await page.evaluate(who) == before
    assert other.wrong == []
