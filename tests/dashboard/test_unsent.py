"""What was typed and not answered is kept by the browser: it is sent once, in order, by its own person."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page, expect

from sio_server.clients import tokens
from sio_server.registry.roles import Role
from tests.conftest import Connect, Serve
from tests.dashboard.browsing import Sight
from tests.dashboard.conftest import Look
from tests.running import PythonClient, RunningServer

WAITING = ".queue .waits-line"


async def titles(client: PythonClient) -> list[str]:
    """Of the priorities, in the order in which they were added."""
    items = (await client.state())["priorities"]
    return [item["title"] for item in sorted(items, key=lambda item: int(item["code"][1:]))]


async def kept(page: Page) -> int:
    """How many lines the browser keeps."""
    count: int = await page.evaluate(
        """() => new Promise((done) => {
            const opening = indexedDB.open("adjutant");
            opening.onsuccess = () => {
                const counting = opening.result.transaction("lines").objectStore("lines").count();
                counting.onsuccess = () => { opening.result.close(); done(counting.result); };
            };
        })"""
    )
    return count


async def offline_with_lines(sight: Sight, server: RunningServer, *lines: str) -> None:
    """The server away, and these lines typed."""
    await server.kill()
    await sight.stage("offline")
    for number, line in enumerate(lines, 1):
        await sight.type(line)
        await expect(sight.page.locator(WAITING)).to_have_count(number)
    while await kept(sight.page) < len(lines):
        await sight.page.wait_for_timeout(20)


async def cached(sight: Sight) -> None:
    """Serves the page's files when the server is away, as a browser's own cache would."""
    bodies: dict[str, tuple[bytes, str]] = {}
    for url in await sight.page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)"):
        answer = await sight.page.request.get(url)
        bodies[url] = (await answer.body(), answer.headers["content-type"])
    address = sight.page.url.partition("#")[0]
    answer = await sight.page.request.get(address)
    bodies[address] = (await answer.body(), answer.headers["content-type"])

    async def serve(route: object) -> None:
        body, content_type = bodies[route.request.url]  # type: ignore[attr-defined]
        await route.fulfill(body=body, content_type=content_type)  # type: ignore[attr-defined]

    for url in bodies:
        await sight.page.context.route(url, serve)


async def test_lines_typed_offline_survive_a_reload_and_are_done_once_and_in_order(
    look: Look, server: RunningServer, connect: Connect
) -> None:
    sight = await look()
    await cached(sight)
    lines = [f"add priority Number {number}" for number in range(4)]
    await offline_with_lines(sight, server, *lines)
    await sight.page.reload()
    await expect(sight.page.locator(WAITING)).to_have_count(4)
    await sight.see(WAITING, "Number 0")
    await server.start()
    await sight.stage("connected")
    ana = await connect(client="ana")
    await expect(sight.page.locator("#priorities .row")).to_have_count(4)
    await expect(sight.page.locator(WAITING)).to_have_count(0)
    assert await titles(ana) == [f"Number {number}" for number in range(4)]
    await sight.page.reload()
    await sight.stage("connected")
    await expect(sight.page.locator("#priorities .row")).to_have_count(4)
    assert await kept(sight.page) == 0


async def test_two_tabs_do_not_both_send_a_line_and_one_takes_over_what_the_other_left(
    look: Look, server: RunningServer, connect: Connect
) -> None:
    sight = await look()
    await cached(sight)
    other = Sight(await sight.page.context.new_page())
    await other.open(sight.page.url)
    await offline_with_lines(sight, server, "add priority Mine", "add priority Mine too")
    await other.stage("offline")
    await expect(other.page.locator(WAITING)).to_have_count(0)
    await sight.page.close()
    await expect(other.page.locator(WAITING)).to_have_count(2)
    await server.start()
    await other.stage("connected")
    await expect(other.page.locator("#priorities .row")).to_have_count(2)
    assert await titles(await connect(client="ana")) == ["Mine", "Mine too"]
    assert other.wrong == []


async def test_a_line_that_waits_can_be_taken_back(
    look: Look, server: RunningServer, connect: Connect
) -> None:
    sight = await look()
    await offline_with_lines(sight, server, "add priority Never", "add priority Later")
    await sight.page.locator(WAITING, has_text="Never").get_by_role("button").click()
    await expect(sight.page.locator(WAITING)).to_have_count(1)
    await server.start()
    await sight.stage("connected")
    await sight.see("#priorities .row", "Later")
    assert await titles(await connect(client="ana")) == ["Later"]
    await sight.line("ArrowUp", "ArrowUp")
    await expect(sight.page.locator("#line")).to_have_value("add priority Never")


async def test_what_one_person_typed_is_not_sent_by_another(look: Look, serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    eve = tokens.add(file, "eve", Role.EDITOR, None)
    ana = tokens.add(file, "ana", Role.EDITOR, None)
    server = await serve("--tokens", str(file), name="guarded")
    sight = await look(f"/#token={eve}", url=server.url)
    await offline_with_lines(sight, server, "add priority Of Eve")
    await sight.page.evaluate(f"location.hash = 'token={ana}'")
    await expect(sight.page.locator(WAITING)).to_have_count(0)
    await server.start()
    await sight.stage("connected")
    await sight.type("add priority Of Ana")
    await sight.see("#priorities .row", "Of Ana")
    await sight.page.evaluate(f"location.hash = 'token={eve}'")
    await sight.page.locator("#priorities .row", has_text="Of Eve").wait_for()
    client = await PythonClient(token=ana).connect(server.url)
    assert await titles(client) == ["Of Ana", "Of Eve"]
    await client.disconnect()


async def test_a_browser_that_keeps_nothing_asks_before_the_page_is_left(
    look: Look, server: RunningServer
) -> None:
    sight = await look()
    await sight.page.evaluate("void (IDBObjectStore.prototype.add = () => { throw new Error('full'); })")
    leave = "dispatchEvent(new Event('beforeunload', {cancelable: true}))"
    assert await sight.page.evaluate(leave)
    await server.kill()
    await sight.stage("offline")
    await sight.type("add priority Keep me")
    await sight.until(f"!{leave}")
    await server.start()
    await sight.stage("connected")
    await sight.see("#priorities .row", "Keep me")
    await sight.until(leave)
