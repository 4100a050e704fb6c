"""Collections on the page: who was asked, how far they are, that one runs already, and how it is ended."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.conftest import Connect
from tests.dashboard.browsing import Sight
from tests.dashboard.conftest import Look
from tests.running import PythonClient


@pytest.fixture
async def work(connect: Connect) -> PythonClient:
    """A source that can be asked to collect."""
    collector = await connect(source="ics:work")
    collector.answers["source:collect"] = {"ok": True}
    run = (await collector.done("source:hello", ttl_s=600, modes=["quick", "full"]))["run"]
    await collector.done("source:finish", run=run, ok=True)
    return collector


@pytest.fixture
async def sight(look: Look, work: PythonClient) -> Sight:
    """A board on which a collection has begun."""
    sight = await look()
    await sight.sources()
    await sight.see("#sources .row", "ics:work")
    await sight.page.focus("[data-line=refresh]")
    await sight.press("Enter")
    await work.wait_for("source:collect")
    return sight


async def test_who_was_asked_is_said_and_how_far_each_is(sight: Sight, work: PythonClient) -> None:
    await sight.see("#answer", "asked ics:work")
    await sight.see("#sources .run", "asked")
    (asked,) = work.received("source:collect")
    await work.done("source:progress", run=asked["run"], percent=40, message="reading March")
    await sight.see("#sources .run", "40 %")
    await expect(sight.page.locator("#system progress")).to_have_attribute(
        "title", "ics:work: 40 %, reading March"
    )


async def test_while_one_runs_no_other_is_begun_and_it_can_be_cancelled(
    sight: Sight, ana: PythonClient
) -> None:
    await expect(sight.page.locator("#sources .cancel")).to_be_visible()
    await expect(sight.page.locator("#sources [data-line]:enabled")).to_have_count(0)
    await sight.has_focus("Cancel")
    await sight.press("Enter")
    await expect(sight.page.locator("#sources [data-line]:enabled")).to_have_count(3)
    await sight.has_focus("Refresh")
    await sight.see("#answer", "cancel the collection")
    assert (await ana.state())["system"]["collection"]["status"] == "cancelled"


async def test_that_one_runs_already_is_said_at_once(sight: Sight) -> None:
    await sight.type("full")
    await sight.see("#answer .state.refused")
    await sight.see("#answer .said[data-state=refused]", "is already running")
