"""Several boards on one page: the menu, what is due on the others; nothing of one comes to another."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from sio_server.clients import tokens
from sio_server.registry.roles import Role
from tests.conftest import Connect, Serve
from tests.dashboard.browsing import Sight
from tests.dashboard.conftest import Look, priority
from tests.dashboard.test_unsent import WAITING, cached, kept, offline_with_lines
from tests.running import PythonClient, RunningServer


@pytest.fixture
async def office(serve: Serve) -> RunningServer:
    """Without tokens everybody may enter all boards."""
    server = await serve(name="office")
    for name in ("ceo", "cfo"):
        (server.data_dir / "boards" / name).mkdir(parents=True)
    return server


async def on(connect: Connect, server: RunningServer, board: str) -> PythonClient:
    return await connect(url=server.url, client="ana", board=board)


async def titles(client: PythonClient) -> list[str]:
    return sorted(item["title"] for item in (await client.state())["priorities"])


async def switch(sight: Sight, board: str) -> None:
    """By the menu."""
    await sight.page.click(".boards-open")
    await sight.page.click(f'#boards [data-board="{board}"]')
    await sight.stage("connected")
    await sight.see(".boards-open b", board)


async def test_the_menu_says_what_is_due_on_the_others_and_switches(
    look: Look, office: RunningServer, connect: Connect
) -> None:
    cfo = await on(connect, office, "cfo")
    late = [priority(number, due_date="2020-01-01") for number in range(3)]
    await cfo.done("priorities:put", items=[*late, priority(9)])
    sight = await look("/#board=ceo", url=office.url)
    await sight.see(".boards-open", "cfo 3 due")
    await sight.see(".boards-open b", "ceo")
    await sight.page.click(".boards-open")
    await sight.see("#boards", "nothing due")
    await expect(sight.page.locator("#boards [aria-current=page]")).to_have_text("ceonothing due")
    await sight.press("Escape")
    await sight.gone("#boards")
    await sight.line()
    await sight.page.keyboard.type("half a li")
    await sight.page.goto(f"{office.url}/#board=cfo")
    await sight.see(".boards-open b", "cfo")
    await expect(sight.page.locator("#priorities .row")).to_have_count(4)
    await expect(sight.page.locator("#line")).to_have_value("")  # what was begun for the other board
    await switch(sight, "ceo")
    assert sight.page.url.endswith("#board=ceo")
    await expect(sight.page.locator("#line")).to_have_value("half a li")
    await sight.press("Escape")
    await sight.type("switch main")
    await sight.see(".boards-open b", "main")
    await sight.gone("#priorities .row")
    await sight.page.go_back()
    await sight.see(".boards-open b", "ceo")


async def test_a_line_typed_for_one_board_never_goes_to_another(
    look: Look, office: RunningServer, connect: Connect
) -> None:
    for name in ("ceo", "cfo"):
        await (await on(connect, office, name)).done(
            "priorities:put", items=[priority(1, title=f"Of the {name}")]
        )
    sight = await look("/#board=ceo", url=office.url)
    await sight.see("#priorities .row", "Of the ceo")
    await switch(sight, "cfo")
    await sight.see("#priorities .row", "Of the cfo")
    await cached(sight)
    await sight.page.goto(f"{office.url}/#board=ceo")
    await sight.see("#priorities .row", "Of the ceo")
    await sight.stage("connected")
    await offline_with_lines(sight, office, "add priority For the ceo")
    await sight.page.goto(f"{office.url}/#board=cfo")
    await sight.stage("offline")
    await expect(sight.page.locator(WAITING)).to_have_count(0)
    await expect(sight.page.locator("text=Of the ceo")).to_have_count(0)
    await office.start()
    await sight.stage("connected")
    await sight.see("#priorities .row", "Of the cfo")
    await sight.type("add priority For the cfo")
    await sight.see("#priorities .row >> text=For the cfo")
    assert await kept(sight.page) == 1
    assert await titles(await on(connect, office, "cfo")) == ["For the cfo", "Of the cfo"]
    assert await titles(await on(connect, office, "ceo")) == ["Of the ceo"]
    await switch(sight, "ceo")
    await sight.see("#priorities .row >> text=For the ceo")
    await expect(sight.page.locator(WAITING)).to_have_count(0)
    assert await titles(await on(connect, office, "ceo")) == ["For the ceo", "Of the ceo"]
    assert await kept(sight.page) == 0


async def test_a_token_of_several_boards_chooses_one_and_is_led_back_from_a_closed_one(
    look: Look, serve: Serve, tmp_path: Path
) -> None:
    data_dir = tmp_path / "guarded" / "data"
    boards = {"ceo": None, "cfo": None}
    for name in boards:
        (data_dir / "boards" / name).mkdir(parents=True)
    token = tokens.add(data_dir / "tokens.json", "ana", Role.EDITOR, None, boards=boards)
    office = await serve(name="guarded")
    sight = await look(f"/#token={token}", url=office.url, stage="refused")
    sight.forgive()
    await sight.see("#banner", "Choose the board")
    await sight.page.click('#banner [data-board="cfo"]')
    await sight.stage("connected")
    await sight.see(".boards-open b", "cfo")
    await sight.page.goto(f"{office.url}/#board=main")
    await sight.stage("refused")
    await sight.page.click("#banner [data-board]")
    await sight.see('#banner [data-board="ceo"]')


async def test_a_clicked_notification_opens_the_item_of_its_own_board(
    look: Look, office: RunningServer, connect: Connect
) -> None:
    codes = set()
    for board in ("ceo", "cfo"):
        client = await on(connect, office, board)
        put = await client.done("priorities:put", items=[priority(1, title=f"Of {board}")])
        codes.add(put["codes"]["p1"])
    [code] = codes
    sight = await look("/#board=ceo", url=office.url)
    await sight.see(".boards-open b", "ceo")
    for board in ("ceo", "cfo"):
        message = {"board": board, "open": code}
        await sight.page.evaluate(
            "(data) => navigator.serviceWorker.dispatchEvent(new MessageEvent('message', { data }))", message
        )
        await sight.see("#item", f"Of {board}")
        assert sight.page.url.endswith(f"#board={board}")
