"""The page as an installed app: it opens without the server, with the last board; tabs sign in together."""

from __future__ import annotations

import json
import re

from playwright.async_api import Page, expect

from sio_server.clients import tokens
from sio_server.registry.roles import Role
from sio_server.sockets.pages import POLICY, Pages
from tests.dashboard.browsing import Sight
from tests.dashboard.conftest import Look
from tests.running import ROOT, PythonClient, RunningServer

DASHBOARD = ROOT / "dashboard"
CONTROLLED = "() => navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)"
SAVED = """(title) => new Promise((done) => {
    const opening = indexedDB.open("adjutant-board");
    opening.onsuccess = () => {
        if (!opening.result.objectStoreNames.contains("boards")) return done(false);
        const reading = opening.result.transaction("boards").objectStore("boards").getAll();
        reading.onsuccess = () => {
            opening.result.close();
            done(JSON.stringify(reading.result).includes(title));
        };
    };
})"""
A_DAY_AGO = """() => new Promise((done) => {
    const opening = indexedDB.open("adjutant-board");
    opening.onsuccess = () => {
        const transaction = opening.result.transaction("boards", "readwrite");
        const store = transaction.objectStore("boards");
        store.getAll().onsuccess = ({ target }) =>
            store.put({ ...target.result[0], at: Date.now() - 86_400_000 });
        transaction.oncomplete = () => { opening.result.close(); done(); };
    };
})"""
HIDE = """(hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


async def save(page: Page, title: str) -> None:
    """Puts the page away and takes it out again: it keeps what it shows when it is put away."""
    await page.evaluate(HIDE, True)
    await page.wait_for_function(SAVED, arg=title)
    await page.evaluate(HIDE, False)


async def installed(look: Look, path: str = "/") -> Sight:
    """A page whose service worker answers for it."""
    sight = await look(path, service_workers="allow")
    await sight.page.wait_for_function(CONTROLLED)
    return sight


def test_the_manifest_names_icons_that_are_there_and_works_below_any_path() -> None:
    manifest = json.loads((DASHBOARD / "manifest.webmanifest").read_text("utf-8"))
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == (".", ".", "standalone")
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    pages = Pages(DASHBOARD)
    for icon in manifest["icons"]:
        assert "/" + icon["src"] in pages
        if icon["type"] == "image/png":
            size = (DASHBOARD / icon["src"]).read_bytes()[16:24]
            edge = int(icon["sizes"].split("x")[0])
            assert (int.from_bytes(size[:4], "big"), int.from_bytes(size[4:], "big")) == (edge, edge)


def test_the_policy_lets_one_address_become_code() -> None:
    assert "trusted-types adjutant-worker" in POLICY
    assert "require-trusted-types-for 'script'" in POLICY
    page = "".join(file.read_text() for file in (DASHBOARD / "js").rglob("*.js"))
    assert len(re.findall(r"createPolicy", page)) == 1


async def test_only_the_worker_may_become_code(look: Look) -> None:
    sight = await installed(look)
    for attempt in (
        "document.createElement('script').src = 'data:,alert(1)'",
        "navigator.serviceWorker.register('js/main.js')",
        "trustedTypes.createPolicy('another', { createScriptURL: (url) => url })",
        "document.body.innerHTML = '<b>bold</b>'",
    ):
        refused = f"async () => {{ try {{ await ({attempt}); return false }} catch {{ return true }} }}"
        assert await sight.page.evaluate(refused), attempt
    sight.forgive()


async def test_it_opens_without_the_server_with_the_last_board_and_catches_up(
    look: Look, server: RunningServer, ana: PythonClient
) -> None:
    await ana.done("priorities:put", {"items": [{"id": "sign", "title": "Sign the lease"}]})
    sight = await installed(look)
    await sight.see("#priorities", "Sign the lease")
    await save(sight.page, "Sign the lease")
    await server.kill()
    await sight.page.reload()
    await sight.stage("offline")
    await sight.see("#priorities", "Sign the lease")
    await expect(sight.page.locator("#link")).to_contain_text(re.compile(r"You see \d\d:\d\d"))
    await sight.type("add priority Written on the train")
    await sight.see(".queue", "Written on the train")
    await server.start()
    await sight.stage("connected")
    await sight.see("#priorities", "Written on the train")


async def test_a_second_tab_is_signed_in_until_somebody_signs_out(look: Look, server: RunningServer) -> None:
    await server.stop()
    token = tokens.add(server.data_dir / "tokens.json", "ana", Role.EDITOR, None)
    await server.start()
    sight = await look(f"/#token={token}", url=server.url)
    assert token not in sight.page.url
    await sight.type("add priority Keep this to ourselves")
    await sight.see("#priorities", "Keep this to ourselves")
    await save(sight.page, "ourselves")
    other = await Sight(await sight.page.context.new_page()).open(server.url)
    await other.see("#priorities", "Keep this to ourselves")
    await other.sources()
    await other.page.get_by_role("button", name="Sign out on this device").click()
    for tab in (sight, other):
        await tab.stage("refused")
        await expect(tab.page.locator("#sign-in")).to_be_visible()
        await tab.gone("#priorities")
    assert not await sight.page.evaluate(SAVED, "ourselves")
    assert other.wrong == []


async def test_the_settings_open_for_the_first_time_while_the_server_is_away(
    look: Look, server: RunningServer
) -> None:
    sight = await installed(look)
    await server.kill()
    await sight.stage("offline")
    await sight.page.click(".settings-open")
    await sight.see("#settings")
    sight.forgive()


async def test_a_wall_that_starts_without_the_server_says_when_its_board_was_seen(
    look: Look, server: RunningServer, ana: PythonClient
) -> None:
    await ana.done("priorities:put", {"items": [{"id": "sign", "title": "Sign the lease"}]})
    sight = await installed(look, "/#wall")
    await save(sight.page, "Sign the lease")
    await sight.page.evaluate(A_DAY_AGO)
    await server.kill()
    for _ in range(2):  # looking at it does not make it newer
        await sight.page.reload()
        await sight.stage("offline")
        await sight.see("#link", "Offline, you see Yesterday")
        await save(sight.page, "Sign the lease")
    await sight.see("#priorities", "Sign the lease")


async def test_copies_follow_an_updated_page_and_nothing_of_the_older_one_stays(look: Look) -> None:
    sight = await installed(look)
    named = """async () => {
        const copies = await caches.open("adjutant-page");
        return (await copies.keys()).map(({ url }) => new URL(url).pathname).sort();
    }"""
    before = await sight.page.evaluate(named)
    assert any(path.startswith("/built-") and "/de-" in path for path in before), "German is there offline"
    await sight.page.evaluate(
        """async () => {
            const copies = await caches.open("adjutant-page");
            for (const { url } of await copies.keys()) await copies.delete(url);
            await copies.put("/", new Response("an older page", { headers: { etag: "older" } }));
            await copies.put("/built-older/main.js", new Response(""));
        }"""
    )
    await sight.page.reload()
    await sight.stage("connected")
    await sight.page.wait_for_function(
        f"async (before) => `${{await ({named})()}}` === `${{before}}`", arg=before
    )
