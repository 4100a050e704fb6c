"""The command line, and one's own actions: shown at once, confirmed or taken back."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from playwright.async_api import expect

from sio_server.clients import tokens
from sio_server.registry.roles import Role
from tests.conftest import Serve
from tests.dashboard.conftest import Look, commitment, priority
from tests.proxy import ReverseProxy
from tests.running import PythonClient, RunningServer, until


async def test_a_letter_begins_a_command_and_its_undo_is_one_key_away(look: Look, ana: PythonClient) -> None:
    await ana.done("priorities:put", items=[priority(1), priority(2)])
    sight = await look()
    await sight.type("done P2")
    await sight.see('#priorities [data-code="P2"].done')
    await sight.see("#answer .step", "done P2")
    await sight.see("#answer .named", "Priority 2")
    await sight.press("Control+z")
    await sight.gone('#priorities [data-code="P2"].done')
    await sight.see("#answer", "✓ undo")
    assert (await ana.state())["priorities"][1]["status"] == "open"


async def test_undo_means_the_line_given_last_however_late_its_answer_is(
    look: Look, ana: PythonClient, server: RunningServer
) -> None:
    await ana.done("priorities:put", items=[priority(number) for number in (1, 2, 3)])
    async with ReverseProxy(server) as proxy:
        sight = await look(url=proxy.url.rstrip("/"))
        for code in ("P3", "P2"):
            await sight.type(f"done {code}")
            await sight.see("#answer .step", f"done {code}")
        proxy.hold_acks = True
        await sight.type("done P1")
        await sight.see('#priorities [data-code="P1"].done')
        await sight.press("Control+z", "Control+z")
        proxy.hold_acks = False
        await sight.gone('#priorities [data-code="P1"].done')
        await sight.gone('#priorities [data-code="P2"].done')
        await sight.see('#priorities [data-code="P3"].done')
        proxy.hold_acks = True
        await sight.type("done P9")
        await sight.press("Control+z")  # of a line that will be refused: it means no other
        proxy.hold_acks = False
        await sight.see("#answer", "done P9")
        await sight.type("done P1")
        await sight.see('#answer [data-state="done"]', "done P1")
    left = {item["code"]: item["status"] for item in (await ana.state())["priorities"]}
    assert left == {"P1": "done", "P2": "open", "P3": "done"}


async def test_what_a_line_could_go_on_with_is_shown_though_it_comes_late(
    look: Look, ana: PythonClient, server: RunningServer
) -> None:
    await ana.done("priorities:put", items=[priority(1)])
    async with ReverseProxy(server) as proxy:
        sight = await look(url=proxy.url.rstrip("/"))
        proxy.hold_acks = True
        await sight.page.keyboard.type("done P1 | sn")
        await asyncio.sleep(6)  # longer than anybody waits for a machine that is idle
        proxy.hold_acks = False
        await sight.see("#plan .step")
        await sight.see("#suggestions [role=option]", "snooze")


async def test_the_plan_of_what_is_added_says_all_that_was_read_in_it(look: Look, ana: PythonClient) -> None:
    sight = await look()
    await sight.page.keyboard.type("add priority Call the chair by 2199-12-04 !!")
    await sight.see("#plan .step .title", "Call the chair")
    await sight.see("#plan .step .t", "4 Dec 2199, High")
    await sight.press("Enter")
    await sight.see("#answer .step .read", "4 Dec 2199, High")
    await sight.page.keyboard.type("add owe @bo the deck by 2199-12-04")
    await sight.see("#plan .step .title", "4 Dec 2199")
    await expect(sight.page.locator("#plan .step .t")).to_have_text("")  # its sentence has the date


async def test_what_is_typed_while_the_server_is_away_has_suggestions_when_it_is_back(
    look: Look, ana: PythonClient, server: RunningServer
) -> None:
    await ana.done("priorities:put", items=[priority(1)])
    sight = await look()
    await server.kill()
    await sight.stage("offline")
    await sight.page.keyboard.type("done P1 | sn")
    await server.start()
    await sight.see("#suggestions [role=option]", "snooze")
    await sight.see("#plan .step")


async def test_the_undo_button_takes_back_its_line(look: Look, ana: PythonClient) -> None:
    await ana.done("priorities:put", items=[priority(1), priority(2)])
    sight = await look()
    await sight.type("drop P2")
    await sight.gone('#priorities [data-code="P2"]')
    await sight.type("done P1")
    await sight.see("#answer", "done P1")
    await expect(sight.page.locator("#answer .said")).to_have_count(1)  # what was done does not pile up
    await sight.page.locator("#answer .said", has_text="done P1").locator("button.undo").click()
    await sight.gone('#priorities [data-code="P1"].done')
    await sight.gone('#priorities [data-code="P2"]')


async def test_suggestions_follow_what_is_typed_and_tab_takes_one(look: Look, ana: PythonClient) -> None:
    await ana.done("priorities:put", items=[priority(1, title="Sign the budget"), priority(2)])
    sight = await look()
    await sight.page.keyboard.type("snooze budg")
    await sight.see("#suggestions [role=option]", "snooze P1")
    await expect(sight.page.locator("#line")).to_have_attribute("aria-expanded", "true")
    await sight.press("Tab")
    await expect(sight.page.locator("#line")).to_have_value("snooze P1")
    await sight.page.keyboard.type(" tomorrow 9")
    await sight.page.wait_for_selector("#suggestions [role=option]:has-text('9am')")
    await sight.press("ArrowDown")
    await expect(sight.page.locator("#line")).to_have_attribute("aria-activedescendant", "option-0")
    await sight.press("Enter")
    await sight.press("Enter")
    await sight.see('#priorities [data-code="P1"].snoozed', "until")


async def test_the_lines_before_come_back_with_the_arrow_and_what_was_being_typed_too(
    look: Look, ana: PythonClient
) -> None:
    await ana.done("priorities:put", items=[priority(1), priority(2)])
    sight = await look()
    line = sight.page.locator("#line")
    await sight.type("done P1")
    await sight.type("done P2")
    await sight.line("ArrowUp")
    await expect(line).to_have_value("done P2")
    await sight.press("ArrowUp")
    await expect(line).to_have_value("done P1")
    await sight.press("ArrowDown", "ArrowDown")
    await expect(line).to_have_value("")


async def test_a_line_of_several_steps_says_what_it_would_do_before_it_does_it(
    look: Look, ana: PythonClient
) -> None:
    await ana.done("priorities:put", items=[priority(1), priority(2)])
    sight = await look()
    await sight.page.keyboard.type("done P1 | snooze P2 tomorrow 9am")
    await sight.see("#plan", "planned done P1")
    await sight.see("#plan", "tomorrow 09:00")
    await sight.see("#plan", "2 steps, one undo")
    assert {item["status"] for item in (await ana.state())["priorities"]} == {"open"}
    await sight.page.keyboard.type(" | dnoe P1")
    await sight.see("#plan mark", "dnoe")
    await sight.page.locator("#line").fill("done P1 | snooze P2 tomorrow 9am")
    await sight.see("#plan", "planned done P1")
    await sight.press("Enter")
    await sight.see('#priorities [data-code="P1"].done')
    await sight.see('#priorities [data-code="P2"].snoozed')
    await sight.gone("#plan")


async def test_a_refused_line_says_why_and_where(look: Look) -> None:
    sight = await look()
    await sight.type("aprove P1")
    await sight.see("#answer .state.refused")
    await sight.see("#answer", "Did you mean approve?")
    await sight.see("#answer mark", "aprove")
    await sight.type("done P99")
    await sight.see("#answer", "P99")


async def test_control_z_goes_past_what_cannot_be_undone_and_never_does_it_again(
    look: Look, ana: PythonClient
) -> None:
    await ana.done("priorities:put", items=[priority(1), priority(2), priority(3)])
    sight = await look()
    for code in ("P1", "P2", "P3"):
        await sight.type(f"done {code}")
        await sight.see(f'#priorities [data-code="{code}"].done:not(.doing)')
    await ana.done("priorities:edit", code="P2", set={"note": "mine"})
    await sight.type("undo")
    await sight.gone('#priorities [data-code="P3"].done')
    await sight.press("Control+z")
    await sight.see("#answer .state.refused")
    await sight.press("Control+z")
    await sight.gone('#priorities [data-code="P1"].done')
    statuses = {item["code"]: item["status"] for item in (await ana.state())["priorities"]}
    assert statuses == {"P1": "open", "P2": "done", "P3": "open"}


async def test_in_the_empty_command_line_a_slash_searches_and_a_question_mark_helps(look: Look) -> None:
    sight = await look()
    await sight.line("?")
    await sight.see("#help", "snooze CODE WHEN")
    await expect(sight.page.locator("#line")).to_have_value("")
    await sight.press("/")
    await expect(sight.page.locator("#line")).to_have_value("search ")


async def test_an_own_action_shows_at_once_and_is_confirmed(
    look: Look, server: RunningServer, ana: PythonClient
) -> None:
    await ana.done("priorities:put", items=[priority(1)])
    sight = await look()
    os.kill(server.pid, signal.SIGSTOP)
    await sight.page.click('#priorities [data-code="P1"] .check')
    await sight.see('#priorities [data-code="P1"].done.doing')
    await sight.see(".queue .waits-line", "done P1")
    os.kill(server.pid, signal.SIGCONT)
    await sight.see('#priorities [data-code="P1"].done:not(.doing)')
    assert (await ana.state())["priorities"][0]["status"] == "done"


async def test_an_own_action_that_is_refused_is_taken_back_and_says_why(
    look: Look, serve: Serve, tmp_path: Path
) -> None:
    file = tmp_path / "tokens.json"
    viewer = tokens.add(file, "vera", Role.VIEWER, None)
    editor = tokens.add(file, "ana", Role.EDITOR, None)
    server = await serve("--tokens", str(file), name="guarded")
    ana = await PythonClient(token=editor).connect(server.url)
    await ana.done("priorities:put", items=[priority(1)])
    await ana.done("commitments:put", items=[commitment(1)])
    sight = await look(f"/#token={viewer}", url=server.url)
    os.kill(server.pid, signal.SIGSTOP)
    await sight.type("drop P1")
    await sight.see('#priorities [data-code="P1"].going')
    os.kill(server.pid, signal.SIGCONT)
    await sight.gone('#priorities [data-code="P1"].doing')
    await sight.see("#answer .state.refused")
    await sight.see("#answer", "not for the role viewer")
    await until(lambda: sight.page.url.endswith("/"), "the token leaves the address")
    await ana.disconnect()


async def test_what_the_person_did_not_see_is_not_done(
    look: Look, server: RunningServer, ana: PythonClient
) -> None:
    await ana.done("priorities:put", items=[priority(1, title="Keep this")])
    sight = await look()
    await sight.see('#priorities [data-code="P1"]', "Keep this")
    # The page draws nothing more, as one does in a tab that nobody looks at.
    await sight.page.evaluate("globalThis.requestAnimationFrame = () => 0")
    ack = await ana.request("priorities:edit", code="P1", set={"title": "Another thing"})
    assert ack["ok"]
    await sight.type("drop P1")
    await sight.see("#answer", "it is now")
    await sight.see("#answer", "Another thing")
    assert len((await ana.state())["priorities"]) == 1
