"""What the German page knows of the server's sentences is what the server says."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import Route

from tests.conftest import Connect
from tests.dashboard.conftest import Look, in_days, in_minutes, priority
from tests.dashboard.german import HOLE, occurs, refusals, told, translated, without_german
from tests.running import PythonClient


def test_each_sentence_that_has_german_is_still_said() -> None:
    assert len(translated()) > 30
    assert [said for said in translated() if not occurs(said)] == []


def test_a_sentence_that_nobody_says_is_found() -> None:
    assert not occurs("The server is not stopping at all.")
    assert not occurs("Marks items as done; accepts proposal.")


def test_every_sentence_of_the_server_that_the_page_shows_has_german() -> None:
    assert len(refusals()) > 60
    assert any(HOLE in said for said in refusals())
    assert {"Sets when it is due.", "To decide", f"{HOLE} asks for it"} <= told()
    assert without_german() == [], "add them to dashboard/js/words/de-server.js"


async def test_a_refusal_is_said_in_german_with_its_values(look: Look, ana: PythonClient) -> None:
    await ana.done("priorities:put", items=[priority(1)])
    sight = await look(locale="de-DE")
    await sight.see("#priorities .row")
    await sight.type("snooze P1 2020-01-01")
    await sight.see("#answer", "Bei Zeichen 11: Diese Zeit ist vorbei. Nennen Sie eine spätere.")
    await sight.type("urgency P1 purple")
    await sight.see("#answer", "Hier muss stehen: low, medium or high")


WORDS = re.compile(r"/de-\w+\.js$")


async def test_words_that_come_late_lose_nothing_of_the_board(look: Look, ana: PythonClient) -> None:
    await ana.done("priorities:put", items=[priority(1)])
    sight = await look(locale="de-DE")

    async def late(route: Route) -> None:
        await asyncio.sleep(1)  # a slow network; the server needs a few ms to send the board
        await route.continue_()

    await sight.page.route(WORDS, late)
    await sight.page.reload()
    await sight.see("#priorities .row", "Priority 1")
    await sight.see("#link", "Live")
    assert await sight.page.evaluate("document.documentElement.lang") == "de"


async def test_without_the_words_the_page_speaks_english(look: Look, ana: PythonClient) -> None:
    await ana.done("priorities:put", items=[priority(1)])
    sight = await look(locale="de-DE")
    await sight.page.route(WORDS, lambda route: route.abort())
    await sight.page.reload()
    await sight.see("#priorities .row", "Priority 1")
    assert await sight.page.evaluate("document.documentElement.lang") == "en"
    sight.forgive()


async def test_headings_of_a_brief_and_reasons_of_proposals_are_in_german(
    look: Look, ana: PythonClient, connect: Connect
) -> None:
    await ana.done("priorities:put", items=[priority(1, due_date=in_days(0))])
    mail = await connect(source="mail:inbox")
    evidence = {"file": "records/mail/m", "quote": "Could you sign it?"}
    signing = {"id": "p", "line": "add priority Sign it", "why": "Bo asks for it", "doubt": 20}
    await mail.done("proposals:put", items=[signing | {"evidence": evidence}])
    await ana.done("brief:generate", kind="daily")
    sight = await look(locale="de-DE")
    await sight.see("#proposals", "Bo bittet darum")
    await sight.page.click("#brief-card button")
    await sight.see("#brief h4")
    headings = {*await sight.shown("#brief h4")}
    assert headings & {"Zu tun", "Zu entscheiden"}
    assert not headings & told()


async def test_statements_of_briefs_messages_of_sources_and_answers_are_in_german(
    look: Look, ana: PythonClient, connect: Connect
) -> None:
    """Also those with values in them, which stay as people and sources say them."""
    both = {"start": in_minutes(30), "end": in_minutes(60)}
    calls = [
        {"id": name, "title": f"Call {name}", "answer": "needs_action"} | both for name in ("one", "two")
    ]
    await ana.done("calendar:put", items=calls)
    notes = await connect(source="notes:old")
    run = (await notes.done("source:hello", ttl_s=3_600))["run"]
    await notes.done("source:finish", run=run, ok=False)
    await ana.done("brief:generate", kind="daily")
    sight = await look(locale="de-DE")
    await sight.page.click("#brief-card button")
    await sight.see("#brief li", "Call one überschneidet sich mit")
    await sight.page.click(".sources-open")
    await sight.see("#sources .message", "Der Lauf schlug fehl und sagte nicht, warum.")
    await sight.page.keyboard.press("Escape")
    code = (await ana.state())["calendar"][0]["code"]
    await sight.type(f"accept {code}")
    await sight.see("#answer .text", "Die Antwort steht nur auf der Tafel: Kein Kalender hat diesen Termin.")
    await sight.type("forget notes:old")
    await sight.see(
        "#answer .text", "notes:old ist entfernt. Einträge: 0; Texte, die in der Suche bleiben: 0. Läuft"
    )
