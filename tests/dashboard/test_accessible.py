"""The page for everybody: axe finds nothing, in light and dark, with all that can be open open."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest

from tests.dashboard.browsing import Sight
from tests.dashboard.conftest import Look, commitment, priority
from tests.node.driver import NODE_FOLDER, require_node
from tests.running import PythonClient, RunningServer

AXE = NODE_FOLDER / "node_modules" / "axe-core" / "axe.min.js"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


# The texts that have another colour than those that the system gives to texts, links and buttons.
OTHER_COLOURS = """() => {
    const probe = document.body.appendChild(document.createElement("i"));
    const names = ["CanvasText", "LinkText", "VisitedText", "ButtonText", "FieldText", "GrayText"];
    const known = new Set(names.map((name) => {
        probe.style.color = name;
        return getComputedStyle(probe).color;
    }));
    probe.remove();
    const says = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    return [...document.querySelectorAll("#page *")]
        .filter((one) => says(one) && one.checkVisibility() && !known.has(getComputedStyle(one).color))
        .map((one) => `${one.className} ${one.textContent}: ${getComputedStyle(one).color}`);
}"""


def axe() -> str:
    """The checker's program; skips the test where npm has not brought it."""
    require_node()
    return Path(AXE).read_text("utf-8")


async def complaints(sight: Sight, *but: str, only: str | None = None) -> list[str]:
    """What axe finds on the page as it is now, but for these rules, or by one rule only."""
    if not await sight.page.evaluate("'axe' in globalThis"):
        await sight.page.evaluate(axe())
    rules = {"type": "rule", "values": [only]} if only else {"type": "tag", "values": TAGS}
    options = {"runOnly": rules, "rules": {rule: {"enabled": False} for rule in but}}
    # The checker uses what the page's own policy forbids: it is not what is looked at here.
    found: dict[str, Any] = await sight.page.evaluate("(options) => axe.run(options)", options)
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


async def complaints_in_both(sight: Sight) -> list[str]:
    """The same, and in the dark about the contrasts: nothing but colours is another there."""
    found = await complaints(sight)
    await sight.page.emulate_media(color_scheme="dark")
    assert await sight.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    found += await complaints(sight, only="color-contrast")
    await sight.page.emulate_media(color_scheme="light")
    return found


@pytest.fixture
async def board(ana: PythonClient) -> None:
    """Some of each, in each state."""
    await ana.done(
        "calendar:put", items=[{"id": "a", "title": "Fair", "start": "2199-01-01", "important": True}]
    )
    items = [priority(1, urgency="high", due_date="2020-01-01"), priority(2), priority(3)]
    await ana.done("priorities:put", items=items)
    await ana.done(
        "commitments:put", items=[commitment(1, due_date="2020-01-01", assignee="Ben"), commitment(2)]
    )
    await ana.done("command:run", text="done P2, M2 | snooze P3 tomorrow")
    sections = [{"title": "First", "items": [{"text": "Sign it.", "evidence": ["P1", "mail/1"]}]}]
    await ana.done("brief:set", brief={"title": "Monday", "sections": sections})
    await ana.done("system:set", status="PROCESSING", progress=3)


@pytest.mark.usefixtures("board")
async def test_axe_finds_nothing(look: Look) -> None:
    sight = await look(reduced_motion="reduce")
    await sight.see('#priorities [data-code="P1"]')
    assert "\n".join(await complaints_in_both(sight)) == ""
    await sight.page.click('#priorities [data-code="P1"] .opener')
    await sight.see("#item .past li")
    await sight.type("aprove P1")
    await sight.see("#answer .state.refused")
    assert "\n".join(await complaints_in_both(sight)) == ""
    await sight.sources()
    assert "\n".join(await complaints_in_both(sight)) == ""
    await sight.press("Escape")
    await sight.type("search sign")
    await sight.see("#found .record, #found .note")
    assert "\n".join(await complaints_in_both(sight)) == ""
    await sight.press("Escape")
    await sight.page.keyboard.type("done P1 | sn")
    await sight.see("#plan .step")
    await sight.see("#suggestions [role=option]")
    assert "\n".join(await complaints_in_both(sight)) == ""
    await sight.press("Escape")
    await sight.page.hover('#priorities [data-code="P1"]')
    await sight.page.click('#priorities [data-code="P1"] .more')
    await sight.see("#menu")
    assert "\n".join(await complaints_in_both(sight)) == ""


@pytest.mark.usefixtures("board")
async def test_axe_finds_nothing_while_fields_are_changed(look: Look) -> None:
    sight = await look(reduced_motion="reduce")
    await sight.page.click('#priorities [data-code="P1"] .due')
    await sight.page.locator(".edit-in").fill("whenever")
    await sight.press("Enter")
    await sight.see(".fault")
    assert "\n".join(await complaints_in_both(sight)) == ""
    await sight.press("Escape")
    await sight.gone(".edit-in")
    await sight.page.click('#priorities [data-code="P1"] .opener')
    await sight.page.click("#item .value[data-word=due]")
    await sight.see("#item .edit-in")
    assert "\n".join(await complaints_in_both(sight)) == ""
    await sight.page.click(".settings-open")
    await sight.page.click("#settings >> text=Deutsch")
    await sight.see("#settings h2", "Einstellungen")
    assert "\n".join(await complaints_in_both(sight)) == ""
    await sight.page.click("#settings >> text=English")
    await sight.press("Escape")
    await sight.type("week")
    await sight.see(".week-board")
    assert "\n".join(await complaints_in_both(sight)) == ""


@pytest.mark.usefixtures("board")
async def test_with_forced_colours_axe_finds_nothing_and_all_text_has_the_colours_of_the_system(
    look: Look,
) -> None:
    sight = await look(forced_colors="active", reduced_motion="reduce")
    await sight.see('#priorities [data-code="P1"]')
    assert await sight.page.evaluate("matchMedia('(forced-colors: active)').matches")
    await sight.page.click('#priorities [data-code="P1"] .opener')
    await sight.see("#item .segments .on")
    # axe reads the colours of before they were forced: what is forced is looked at here.
    assert "\n".join(await complaints(sight, "color-contrast")) == ""
    for color_scheme in SCHEMES:
        await sight.page.emulate_media(color_scheme=color_scheme)
        assert await sight.page.evaluate(OTHER_COLOURS) == []


@pytest.mark.usefixtures("board")
async def test_at_a_zoom_of_200_percent_nothing_is_wider_than_the_window(look: Look) -> None:
    # A window of 1440 pixels has 720 of the page's then, and letters of twice the size.
    sight = await look(viewport={"width": 720, "height": 450}, device_scale_factor=2)
    await sight.see("#now")
    for tab in ("list", "today"):
        await sight.page.click(f".tabs [data-name={tab}]")
        await sight.see(f".tabs .on[data-name={tab}]")
        wide = await sight.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0
        assert "\n".join(await complaints(sight)) == ""


async def test_axe_finds_nothing_at_the_first_run(look: Look) -> None:
    sight = await look()
    await sight.see(".stepcard")
    assert "\n".join(await complaints(sight)) == ""


@pytest.mark.usefixtures("board")
async def test_axe_finds_nothing_while_the_server_is_away(look: Look, server: RunningServer) -> None:
    sight = await look()
    await server.kill()
    await sight.stage("offline")
    assert "\n".join(await complaints_in_both(sight)) == ""


@pytest.mark.usefixtures("board")
async def test_axe_finds_nothing_on_a_phone_and_on_a_wall(look: Look) -> None:
    phone = await look(viewport={"width": 390, "height": 800})
    assert "\n".join(await complaints(phone)) == ""
    for tab in ("list", "brief", "search"):
        await phone.page.click(f".tabs [data-name={tab}]")
        assert "\n".join(await complaints(phone)) == "", tab
    wall = await look("/#wall")
    assert "\n".join(await complaints(wall)) == ""


@pytest.mark.usefixtures("board")
async def test_what_others_do_is_not_read_out(look: Look, ana: PythonClient) -> None:
    sight = await look()
    await sight.page.evaluate(
        """() => {
            globalThis.heard = [];
            const live = "[role=status], [role=log], [role=alert], [aria-live]";
            for (const place of document.querySelectorAll(live))
                new MutationObserver(() => heard.push(place.id || place.className))
                    .observe(place, {subtree: true, childList: true, characterData: true});
        }"""
    )
    for number in range(10):
        await ana.done("priorities:put", items=[priority(1, title=f"Change {number}")])
    await sight.see('#priorities [data-code="P1"]', "Change 9")
    assert await sight.page.evaluate("heard") == []
