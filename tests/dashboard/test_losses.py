"""The server away, back, and not letting the page in: what is shown is honest, and nothing typed is lost."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Route, expect

from sio_server.clients import tokens
from sio_server.registry.roles import Role
from tests.conftest import Connect, Serve
from tests.dashboard.conftest import Look, priority
from tests.running import ROOT, PythonClient, RunningServer


async def test_a_killed_server_is_shown_and_its_restart_brings_the_page_in_step_without_a_reload(
    look: Look, server: RunningServer, connect: Connect
) -> None:
    ana = await connect(client="ana")
    await ana.done("priorities:put", items=[priority(1), priority(2)])
    sight = await look()
    await sight.page.evaluate("globalThis.here = true")
    await sight.page.keyboard.type("add priority Half a li")
    await server.kill()
    await sight.stage("offline")
    await sight.see("#link", "Offline. You see")
    await sight.see("#banner")
    await sight.see('#priorities [data-code="P1"]', "Priority 1")  # not blank
    await sight.page.keyboard.type("ne")
    await sight.press("Enter")
    await sight.see(".queue .waits-line", "Half a line")
    await sight.page.keyboard.type("still typing")
    await server.start()
    await sight.stage("connected")
    await sight.gone("#banner")
    await sight.see('#priorities [data-code="P3"]', "Half a line")
    await sight.see("#answer .state.done")
    await expect(sight.page.locator("#line")).to_have_value("still typing")
    again = await connect(client="ben")
    await again.done("command:run", text="done P1")
    await sight.see('#priorities [data-code="P1"].done')
    assert await sight.page.evaluate("globalThis.here")
    assert [item["title"] for item in (await again.state())["priorities"]].count("Half a line") == 1


async def test_what_is_entered_offline_waits_however_long_and_all_of_it_stays_in_sight(
    look: Look, server: RunningServer
) -> None:
    sight = await look()
    await sight.page.clock.install()
    await server.kill()
    await sight.stage("offline")
    for number in range(5):
        await sight.type(f"add priority Number {number}")
    await sight.type("aprove P1")
    await sight.page.clock.fast_forward("05:00")
    await expect(sight.page.locator(".queue .waits-line")).to_have_count(6)
    await sight.press("Escape", "Escape")
    await expect(sight.page.locator(".queue .waits-line")).to_have_count(6)
    await server.start()
    await sight.page.clock.run_for(20_000)
    await sight.page.clock.resume()
    await expect(sight.page.locator("#priorities .row")).to_have_count(5)
    await sight.see("#answer .state.refused")
    await sight.see("#answer mark", "aprove")
    await sight.line("ArrowUp")
    await expect(sight.page.locator("#line")).to_have_value("aprove P1")


async def test_another_token_in_the_address_counts_at_once(look: Look, serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    viewer = tokens.add(file, "vera", Role.VIEWER, None)
    editor = tokens.add(file, "ana", Role.EDITOR, None)
    server = await serve("--tokens", str(file), name="guarded")
    sight = await look(f"/#token={viewer}", url=server.url)
    await sight.type("add priority Mine")
    await sight.see("#answer .state.refused")
    await sight.page.evaluate(f"location.hash = 'token={editor}'")
    await sight.until("location.hash === ''")
    await sight.type("add priority Mine")
    await sight.see('#priorities [data-code="P1"]', "Mine")


async def test_a_reload_keeps_the_line_that_was_begun(look: Look) -> None:
    sight = await look()
    await sight.page.keyboard.type("add owe Send")
    await sight.page.reload()
    await sight.stage("connected")
    await expect(sight.page.locator("#line")).to_have_value("add owe Send")


async def test_a_token_comes_by_the_address_once_and_is_then_kept_by_the_tab(
    look: Look, serve: Serve, tmp_path: Path
) -> None:
    file = tmp_path / "tokens.json"
    token = tokens.add(file, "eve", Role.EDITOR, None)
    server = await serve("--tokens", str(file), name="guarded")
    sight = await look(f"/#token={token}&wall", url=server.url)
    assert sight.page.url == f"{server.url}/#wall"
    await sight.page.reload()
    await sight.stage("connected")
    assert token not in await sight.page.content()


async def test_without_a_token_the_page_asks_for_one(look: Look, serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    token = tokens.add(file, "eve", Role.EDITOR, None)
    server = await serve("--tokens", str(file), name="guarded")
    sight = await look(url=server.url, stage="refused")
    await sight.see("#sign-in")
    await sight.type("wrong")
    await sight.see("#sign-in .why", "token")
    await sight.type(token)
    await sight.stage("connected")
    await expect(sight.page.locator("#sign-in")).to_be_hidden()
    await sight.until("document.activeElement.name !== 'token'")


async def test_a_revoked_token_greys_the_page_and_a_new_one_brings_it_back(
    look: Look, serve: Serve, tmp_path: Path
) -> None:
    file = tmp_path / "tokens.json"
    token = tokens.add(file, "eve", Role.EDITOR, None)
    tokens.add(file, "root", Role.ADMIN, None)
    server = await serve("--tokens", str(file), name="guarded")
    eve = await PythonClient(token=token).connect(server.url)
    await eve.done("priorities:put", items=[priority(1)])
    await eve.disconnect()
    sight = await look(f"/#token={token}", url=server.url)
    await sight.page.keyboard.type("half a li")
    tokens.remove(file, "eve")
    await sight.stage("refused")
    await sight.see("#banner", "revoked")
    await sight.see("#sign-in .why", "revoked")
    await sight.see('#priorities [data-code="P1"]')
    await sight.type(tokens.add(file, "eve again", Role.EDITOR, None))
    await sight.page.wait_for_selector('html[data-link="connected"], #sign-in .why:has-text("token")')
    await expect(sight.page.locator("#line")).to_have_value("half a li")


async def test_a_server_without_the_installed_client_says_what_is_missing(
    look: Look, server: RunningServer
) -> None:
    # As it is where npm's packages are missing, and nothing could be joined.
    async def apart(route: Route) -> None:
        await route.fulfill(path=ROOT / "dashboard/js/main.js", content_type="text/javascript")

    sight = await look()
    await sight.page.route("**/main.js", apart)
    await sight.page.reload()
    await sight.see("#banner", "not installed")
    sight.wrong.clear()
