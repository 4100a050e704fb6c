"""The settings, kept with the person on every device: language, zones, theme, rows and panels."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from playwright.async_api import expect

from handlers import REGISTRY
from handlers.command import verbs
from models.ack import ErrorCode
from tests.conftest import Connect, Serve
from tests.dashboard.browsing import Sight, morning
from tests.dashboard.conftest import Look, in_minutes, priority
from tests.running import WAIT_S, PythonClient


async def opened(look: Look, **options: Any) -> Sight:
    sight = await look(**options)
    await sight.page.click(".settings-open")
    await sight.see("#settings")
    return sight


async def test_what_is_set_on_one_device_is_so_on_the_other_at_once_and_after_a_reload(
    look: Look, ana: PythonClient
) -> None:
    await ana.done("priorities:put", items=[priority(1)])
    one, other = await opened(look), await look()
    await one.page.click("#settings >> text=Compact")
    await one.page.click("#settings >> text=Dark")
    await one.see("#settings", "on every device")
    for sight in (one, other):
        await sight.page.wait_for_selector("html.compact[data-theme=dark]")
    await other.page.reload()
    await other.page.wait_for_selector("html.compact[data-theme=dark]")
    await other.see("#priorities .row")
    await one.page.click("#settings >> text=As the device")
    await other.page.wait_for_selector("html.compact:not([data-theme])")


async def test_in_german_no_english_word_of_the_page_is_left(look: Look, ana: PythonClient) -> None:
    await ana.done("priorities:put", items=[priority(1, title="X", due_date="2020-01-01", minutes=30)])
    call = {"id": "c", "title": "Y", "start": in_minutes(30), "end": in_minutes(60), "answer": "declined"}
    await ana.done("calendar:put", items=[call, call | {"id": "d", "title": "Z", "answer": None}])
    sight = await opened(look)
    await sight.page.click("#settings >> text=Deutsch")
    await sight.see("#settings h2", "Einstellungen")
    await expect(sight.page.locator("html")).to_have_attribute("lang", "de")
    await sight.press("Escape")
    await sight.see("#priorities h2", "Prioritäten")
    await sight.see("#priorities h3", "Überfällig")
    await sight.see("#now .cap", "Frei für")
    await sight.see("#calendar", "abgelehnt")
    await sight.page.click('#priorities [data-code="P1"] .opener')
    await sight.see("#item .past", "Hinzugefügt von")
    said = await sight.page.inner_text("#page")
    assert re.findall(r"\b(?:Today|Priorities|Overdue|Done|Due|Settings|free|meetings?|by)\b", said) == []


async def test_in_german_what_the_server_says_is_german_too(look: Look, ana: PythonClient) -> None:
    """A refusal by its code, with the server's own words where they say more; fixed sentences as they are."""
    sight = await look(locale="de-DE")
    await sight.type("done P99")
    await sight.see("#answer .why", "Das gibt es nicht: ")
    await sight.press("?")
    await sight.see("#help", "Erledigt Einträge; nimmt Vorschläge an.")
    await expect(sight.page.locator("#line")).to_have_attribute("aria-label", "Befehl")
    refusals, said = await sight.page.evaluate(
        """async () => {
            const { REFUSALS, SAID } = await import("/js/words/de-server.js");
            return [Object.keys(REFUSALS), Object.keys(SAID)];
        }"""
    )
    assert {*ErrorCode} <= {*refusals}
    assert {verb.help for verb in verbs(REGISTRY)} <= {*said}


async def test_another_zone_moves_the_hours_and_a_second_one_stands_beside_them(
    look: Look, ana: PythonClient
) -> None:
    await ana.done(
        "calendar:put", items=[{"id": "c", "title": "Call", "start": in_minutes(60), "end": in_minutes(90)}]
    )
    here = morning()
    sight = await opened(look, timezone_id=str(here.tzinfo))
    await sight.see('#calendar [data-code="C1"]')
    field = sight.page.locator('#settings [aria-label="Second time zone"]')
    await field.fill("Middle Earth")
    await field.press("Enter")
    await sight.see("#settings .fault", "“Middle Earth” is no time zone")
    await field.fill("Asia/Kolkata")
    await field.press("Enter")
    await sight.see(".clocks .second", "Kolkata")
    await sight.see("#calendar .hour .there")
    before = await sight.page.inner_text(".clocks b")
    zone = sight.page.locator('#settings [aria-label="Time zone"]')
    await zone.fill("Asia/Kathmandu")
    await zone.press("Enter")
    await expect(sight.page.locator(".clocks b")).not_to_have_text(before)
    hours, minutes = map(int, (await sight.page.inner_text(".clocks b")).split(":"))
    was = sum(int(part) * unit for part, unit in zip(before.split(":"), (60, 1), strict=True))
    ahead = here.astimezone(ZoneInfo("Asia/Kathmandu")).replace(tzinfo=UTC) - here.replace(tzinfo=UTC)
    assert (hours * 60 + minutes - was - ahead.total_seconds() // 60) % (24 * 60) in (0, 1)


async def test_panels_are_left_out_and_put_in_another_order(look: Look, ana: PythonClient) -> None:
    await ana.done("commitments:put", items=[{"id": "m", "description": "Deck", "direction": "owe"}])
    await ana.done("brief:set", brief={"title": "Monday", "text": "Quiet."})
    sight = await opened(look)
    await sight.see("#brief-card")
    await sight.page.click('#settings [aria-label="Move up: People"]')
    ids = "[...document.querySelectorAll('.side > section')].map(({ id }) => id).join()"
    await sight.until(f"{ids} === 'commitments,brief-card'")
    await sight.page.click("#settings label:has-text('People')")
    await sight.until(f"{ids} === 'brief-card'")


async def test_two_clicks_at_once_both_count_and_neither_is_seen_to_go_back(
    look: Look, ana: PythonClient, connect: Connect
) -> None:
    await ana.done("commitments:put", items=[{"id": "m", "description": "Deck", "direction": "owe"}])
    await ana.done("brief:set", brief={"title": "Monday", "text": "Quiet."})
    sight = await opened(look)
    await sight.see("#brief-card")
    await sight.see("#commitments")
    await sight.page.evaluate(
        """() => {
            const seen = () => [...document.querySelectorAll(".side > section")].map(({ id }) => id).join();
            globalThis.sights = [seen()];
            new MutationObserver(() => seen() !== sights.at(-1) && sights.push(seen())).observe(
                document.body, { childList: true, subtree: true });
            for (const box of document.querySelectorAll("#settings .pref-panels input")) box.click();
        }"""
    )
    await sight.until("sights.at(-1) === ''")
    device = await connect(person="local")
    async with asyncio.timeout(WAIT_S):
        while len(((await device.done("prefs:get"))["prefs"]["panels"] or {"hidden": []})["hidden"]) < 4:
            pass
    await device.done("prefs:set", set={"theme": "dark"})  # comes to the page after its acks
    await sight.page.wait_for_selector("html[data-theme=dark]")
    assert await sight.page.evaluate("sights.length") <= 3, await sight.page.evaluate("sights")
    assert not await sight.page.locator(".side > section").count()


async def test_two_pages_each_in_its_own_zone_are_in_step(serve: Serve, look: Look, connect: Connect) -> None:
    server = await serve(name="zones")
    ana = await connect(url=server.url, client="ana")
    start = in_minutes(60)
    await ana.done(
        "calendar:put", items=[{"id": "c", "title": "Call", "start": start, "end": in_minutes(90)}]
    )
    here = await look(url=server.url, timezone_id="Europe/Berlin")
    there = await look(url=server.url, timezone_id="Asia/Kathmandu")
    for sight in (here, there):
        told = await sight.page.evaluate(f"new Date('{start}').toTimeString().slice(0, 5)")
        await sight.page.click(".ask")
        await sight.page.keyboard.type("Call")
        await sight.see("#options [role=option] small", told)
        await sight.press("Escape")
    await here.type("add priority Sign the lease")
    await there.see("#priorities", "Sign the lease")


async def test_both_languages_say_the_same_things(look: Look) -> None:
    """Text by text: what is a sentence in one is a sentence of as many parts in the other."""
    sight = await look()
    english, german = await sight.page.evaluate(
        """async () => {
            const shape = (told) => {
                if (typeof told === "function") return `of ${told.length}`;
                if (Array.isArray(told)) return told.map(shape);
                if (typeof told !== "object") return typeof told;
                const names = Object.keys(told).sort();
                return Object.fromEntries(names.map((name) => [name, shape(told[name])]));
            };
            const { en } = await import("/js/words/en.js");
            const { de } = await import("/js/words/de.js");
            return [shape(en), shape(de)];
        }"""
    )
    assert german == english
