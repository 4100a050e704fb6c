"""Rows drawn aside with a finger: done to the right, tomorrow to the left, each with the way back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dashboard.browsing import Sight
from tests.dashboard.conftest import Look, commitment, priority
from tests.running import PythonClient

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


class Finger:
    """Touches the page as a finger does, through the browser's own input."""

    def __init__(self, sight: Sight) -> None:
        self.page = sight.page

    async def draw(self, selector: str, dx: float, dy: float = 0, steps: int = 6, lifts: bool = True) -> None:
        """From the middle of the element by so many pixels."""
        box = await self.page.locator(selector).bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.browser = await self.page.context.new_cdp_session(self.page)
        await self._touch("touchStart", x, y)
        for step in range(1, steps + 1):
            await self._touch("touchMove", x + dx * step / steps, y + dy * step / steps)
        if lifts:
            await self.lift()

    async def lift(self) -> None:
        await self.browser.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    async def _touch(self, kind: str, x: float, y: float) -> None:
        await self.browser.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})


@pytest.fixture
async def sight(look: Look, ana: PythonClient) -> Sight:
    """A phone with two priorities and a promise."""
    await ana.done("priorities:put", {"items": [priority(1), priority(2)]})
    await ana.done("commitments:put", {"items": [commitment(1)]})
    sight = await look(**PHONE)
    await sight.page.click("[data-act=tab][data-name=list]")
    await sight.see("#priorities", "Priority 1")
    return sight


async def status(ana: PythonClient, code: str) -> str:
    items = (await ana.state())["priorities"]
    return str(next(item["status"] for item in items if item["code"] == code))


async def test_to_the_right_it_is_done_and_undo_is_beside_it(sight: Sight, ana: PythonClient) -> None:
    finger = Finger(sight)
    await finger.draw('li[data-code="P1"]', 200, lifts=False)
    assert await sight.page.locator('li[data-code="P1"]').get_attribute("data-swipe") == "Done"
    await finger.lift()
    await sight.see("#answer .undo")
    assert await status(ana, "P1") == "done"
    await sight.page.click('li[data-code="P1"] .undo')
    await sight.gone('li[data-code="P1"].done, li[aria-busy]')
    assert await status(ana, "P1") == "open"


async def test_to_the_left_it_waits_until_tomorrow_and_can_be_undone(sight: Sight, ana: PythonClient) -> None:
    await Finger(sight).draw('li[data-code="P2"]', -200)
    await sight.see("#answer .undo")
    assert await status(ana, "P2") == "snoozed"
    await sight.page.click("#answer .undo")
    await sight.gone('li[data-code="P2"].snoozed')


@pytest.mark.parametrize(("dx", "dy"), [(60, 0), (-60, 0), (40, 200)])
async def test_a_short_or_a_slanted_draw_does_nothing_and_opens_nothing(
    sight: Sight, ana: PythonClient, dx: float, dy: float
) -> None:
    before = await ana.state()
    await Finger(sight).draw('li[data-code="P1"]', dx, dy)
    await sight.gone("li.drawn")
    await sight.gone(".panel")
    await sight.type("add priority The next")
    await sight.see("#priorities", "The next")
    after = await ana.state()
    assert before["priorities"] == [item for item in after["priorities"] if item["title"] != "The next"]


async def test_a_mouse_draws_nothing(sight: Sight) -> None:
    box = await sight.page.locator('li[data-code="P1"]').bounding_box()
    assert box is not None
    await sight.page.mouse.move(box["x"] + 100, box["y"] + 20)
    await sight.page.mouse.down()
    await sight.page.mouse.move(box["x"] + 300, box["y"] + 20, steps=5)
    await sight.gone("li.drawn")
    await sight.page.mouse.up()
