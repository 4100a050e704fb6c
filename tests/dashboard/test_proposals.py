"""Proposals on the page: seen with their evidence; approved, changed and dismissed by a key or a button."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from tests.abuse.arena import until_answer
from tests.conftest import Connect
from tests.dashboard.browsing import Sight
from tests.dashboard.conftest import Look
from tests.running import PythonClient

EVIDENCE = {"file": "minutes/1-1.md", "line": 12, "quote": "Bo: I'll send you the numbers by Tuesday"}


def proposal(id: str, line: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "line": line, "why": "Bo promises it", "evidence": EVIDENCE} | more


@pytest.fixture
async def ana(connect: Connect) -> PythonClient:
    """Somebody else, on a board for which a source proposes five things."""
    ana, notes = await connect(client="ana"), await connect(source="notes:work")
    await ana.done("priorities:put", items=[{"id": "p", "title": "Sign the lease"}])
    proposals = [
        proposal("a", "add owed Bo: the numbers by 2199-12-01", doubt=10),
        proposal("b", "complete", about={"section": "priorities", "id": "p"}, doubt=20),
        *(proposal(f"c{number}", f"add priority Number {number}", doubt=30) for number in range(3)),
    ]
    await notes.done("proposals:put", items=proposals)
    return ana


@pytest.fixture
async def sight(look: Look, ana: PythonClient) -> Sight:
    sight = await look()
    await sight.see("#proposals h2", "Proposals")
    return sight


async def lines(ana: PythonClient) -> list[str]:
    return [item["line"] for item in (await ana.state())["proposals"]]


async def count(ana: PythonClient) -> int:
    return len(await lines(ana))


async def test_each_says_what_would_be_done_and_where_that_was_read(sight: Sight) -> None:
    first = '#proposals [data-code="A1"]'
    await sight.see(f"{first} .title", "Bo owes you: the numbers by 1 Dec 2199")
    await expect(sight.page.locator(f"{first} .line-of")).to_have_text(
        "add owed Bo: the numbers by 2199-12-01"
    )
    await sight.see(f"{first} q", "I'll send you the numbers by Tuesday")
    await sight.see(f"{first} small", "Notes, minutes/1-1.md:12")
    await sight.see(f"{first} small", "until ")
    await sight.see('#proposals [data-code="A2"] .opener', "Done: Sign the lease")
    await sight.see("#proposals .count", "5")
    await expect(sight.page.locator("#proposals .prop")).to_have_count(3)
    await sight.page.click("#proposals .fold")
    await expect(sight.page.locator("#proposals .prop")).to_have_count(5)


async def test_what_two_sources_say_is_one_with_both_quotes(
    sight: Sight, ana: PythonClient, connect: Connect
) -> None:
    task = {"mark": "send report", "who": "Bo", "day": "2026-11-20"}
    for source, quote in (("mail:work", "Please send the report"), ("slack:acme", "send me the report!")):
        evidence = {"file": f"records/{source}/1", "quote": quote}
        client = await connect(source=source)
        given = proposal("r", "add owe Bo: send the report", evidence=evidence, task=task, doubt=0)
        await client.done("proposals:put", items=[given])
    first = '#proposals [data-code="A6"]'
    await sight.see(f"{first} small", "Mail; Team chat")
    await expect(sight.page.locator(f"{first} q")).to_have_text(
        ["“Please send the report”", "“send me the report!”"]
    )
    await sight.see("#proposals .count", "6")
    await sight.page.click(f'{first} [aria-label="Dismiss A6"]')
    await sight.gone(first)
    await sight.see("#proposals .count", "5")
    await until_answer(lambda: count(ana), 5, "both are dropped")


async def test_a_quote_is_read_without_its_markup(look: Look, connect: Connect) -> None:
    notes = await connect(source="notes:work")
    quote = "* [ ] **Bo** to send [the `numbers`](https://x.example/1) of ~~May~~ 2 * 3 snake__case"
    given = proposal("a", "add owed Bo: the numbers", evidence=EVIDENCE | {"quote": quote})
    await notes.done("proposals:put", items=[given])
    sight = await look()
    await sight.see('#proposals [data-code="A1"] q', "“Bo to send the numbers of May 2 * 3 snake__case”")


async def test_the_buttons_approve_change_and_dismiss(sight: Sight, ana: PythonClient) -> None:
    await sight.page.click('#proposals [data-code="A2"] [aria-label="Approve A2"]')
    await sight.gone('#proposals [data-code="A2"]')
    await sight.see('#priorities [data-code="P1"].done')
    await sight.page.click('#proposals [data-code="A1"] [aria-label="Change A1"]')
    await expect(sight.page.locator("#proposals .edit-in")).to_have_value(
        "add owed Bo: the numbers by 2199-12-01"
    )
    await sight.page.locator("#proposals .edit-in").fill("add owe Bo: the answer")
    await sight.press("Enter")
    await sight.see('#proposals [data-code="A1"]:not(.doing) .title', "You owe Bo: the answer")
    await sight.page.click('#proposals [data-code="A3"] [aria-label="Dismiss A3"]')
    await sight.gone('#proposals [data-code="A3"]')
    await sight.see("#proposals .count", "3")
    left = ["add owe Bo: the answer", "add priority Number 1", "add priority Number 2"]
    await until_answer(lambda: lines(ana), left, "the page shows it before the server has it")


async def test_a_approves_and_x_dismisses_the_first_and_undo_brings_both_back(
    sight: Sight, ana: PythonClient
) -> None:
    await sight.type("a")
    await sight.gone('#proposals [data-code="A1"]')
    await sight.see("#commitments", "Bo")
    await sight.type("x")
    await sight.gone('#proposals [data-code="A2"]')
    await sight.see('#answer [data-state="done"]', "drop A2")
    await sight.press("Control+z")
    await sight.see('#proposals [data-code="A2"]')
    await sight.press("Control+z")
    await sight.see('#proposals [data-code="A1"]')
    await until_answer(lambda: count(ana), 5, "both are back")


async def test_a_line_that_cannot_be_carried_out_is_refused_and_the_proposal_stays(
    sight: Sight, ana: PythonClient
) -> None:
    await sight.page.focus('#proposals [data-code="A1"] .opener')
    await sight.press("F2")
    await sight.page.locator("#proposals .edit-in").fill("invent everything")
    await sight.press("Enter")
    await sight.see("#answer", "there is no command")
    await sight.see('#proposals [data-code="A1"] .title', "Bo owes you: the numbers")
    await ana.done("priorities:edit", code="P1", set={"title": "Burn the lease"})
    await sight.page.click('#proposals [data-code="A2"] [aria-label="Approve A2"]')
    await sight.see("#answer", "Burn the lease")
    await sight.see('#proposals [data-code="A2"]:not(.doing)')
