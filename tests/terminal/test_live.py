"""The live board, driven through a pseudo-terminal against a real server."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.line import LineBetween
from tests.running import PythonClient, RunningServer
from tests.terminal.conftest import OpenTerminal
from tests.terminal.screen import CONTROL_C, CONTROL_D, ENTER, TAB, UP

SIGN = {"id": "a", "title": "Sign the budget", "urgency": "high"}
HIRE = {"id": "b", "title": "Hire Bea"}
# What would move the cursor, set the window's title, clear the screen or turn the text, were it let through.
HOSTILE = "Pay\u202e \u2066now\u200f\ufeff\U000e0041\ue000"


def in_hours(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat(timespec="seconds")


async def put(person: PythonClient, section: str, *items: dict[str, Any]) -> None:
    await person.done(f"{section}:put", items=list(items))


async def test_the_board_shows_every_section_with_its_codes(
    server: RunningServer, person: PythonClient, open_terminal: OpenTerminal
) -> None:
    await put(person, "calendar", {"id": "m", "title": "Board meeting", "start": in_hours(30)})
    await put(person, "priorities", SIGN, HIRE)
    owe = {"id": "o", "description": "Send the deck", "assignee": "Ana", "direction": "owe"}
    owed = {"id": "w", "description": "The contract", "direction": "owed", "due_date": "2020-01-02"}
    await put(person, "commitments", owe, owed)
    await person.done("brief:set", brief={"title": "The day in short"})
    terminal = await open_terminal("--url", server.url, "--tz", "UTC")
    await terminal.shows("C1", "Board meeting", "Sign the budget", "Hire Bea", "Send the deck", "connected")
    await terminal.shows("The day in short")
    assert "P1   ! Sign the budget" in terminal.text
    assert "overdue since 2 Jan 2020" in terminal.line_with("The contract")
    assert "Ana" in terminal.line_with("M1")


async def test_ones_own_brief_is_shown_while_it_is_the_newest(
    server: RunningServer, person: PythonClient, open_terminal: OpenTerminal
) -> None:
    await person.done("brief:set", brief={"title": "The day in short"})
    terminal = await open_terminal("--url", server.url, "--tz", "UTC")
    await terminal.shows("The day in short")
    terminal.type("brief weekly" + ENTER)
    await terminal.shows("Week from")
    await person.done("brief:set", brief={"title": "Another day"})
    await terminal.shows("Another day")


async def test_a_patch_redraws_the_board(
    server: RunningServer, person: PythonClient, open_terminal: OpenTerminal
) -> None:
    terminal = await open_terminal("--url", server.url)
    await terminal.shows("connected", "Priorities  none")
    await put(person, "priorities", SIGN)
    await terminal.shows("Sign the budget")
    await person.done("priorities:edit", code="P1", set={"title": "Burn the budget"})
    await terminal.shows("Burn the budget")
    await person.done("system:set", status="COLLECTING", progress=40, message="reading")
    await terminal.shows("COLLECTING [####------] 40%", "reading")
    await person.done("priorities:drop", codes=["P1"], seen=3)
    await terminal.hides("Burn the budget")


async def test_a_flood_of_patches_ends_with_the_last_one_on_the_screen(
    server: RunningServer, person: PythonClient, open_terminal: OpenTerminal
) -> None:
    await put(person, "priorities", SIGN)
    terminal = await open_terminal("--url", server.url)
    await terminal.shows("Sign the budget", "connected")
    for n in range(300):
        await person.done("priorities:edit", code="P1", set={"title": f"Title {n:03}"})
    await terminal.shows("Title 299")


async def test_a_line_is_completed_and_carried_out(
    server: RunningServer, person: PythonClient, open_terminal: OpenTerminal
) -> None:
    await put(person, "priorities", SIGN, HIRE)
    terminal = await open_terminal("--url", server.url)
    await terminal.shows("Hire Bea", "connected")
    terminal.type("appr")
    await terminal.shows("approve   ")
    terminal.type(TAB)
    await terminal.shows("> approve")
    terminal.type("hir")
    await terminal.until(lambda: terminal.text.count("Hire Bea") == 2, "the item in the menu")
    terminal.type(TAB)
    await terminal.shows("> approve P2")
    terminal.type(ENTER)
    await terminal.shows("done    approve P2  P2 Hire Bea", "undo takes it back", "Hire Bea  done")
    assert (await person.state())["priorities"][1]["status"] == "done"


async def test_undo_and_the_history_work_at_the_prompt(
    server: RunningServer, person: PythonClient, open_terminal: OpenTerminal
) -> None:
    await put(person, "priorities", SIGN)
    terminal = await open_terminal("--url", server.url)
    await terminal.shows("Sign the budget", "connected")
    terminal.type(f"approve P1{ENTER}")
    await terminal.shows("Sign the budget  done")
    terminal.type(f"undo{ENTER}")
    await terminal.shows("done    undo")
    await terminal.hides("Sign the budget  done")
    await terminal.until(lambda: terminal.line_with(">") == ">", "an empty prompt")
    terminal.type(UP)
    await terminal.shows("> undo")
    terminal.type(UP)
    await terminal.shows("> approve P1")


async def test_a_faulty_line_is_shown_with_a_mark_under_the_fault(
    server: RunningServer, open_terminal: OpenTerminal
) -> None:
    terminal = await open_terminal("--url", server.url)
    await terminal.shows("connected")
    terminal.type(f"status | brif C3{ENTER}")
    await terminal.shows("refused", "^^^^")
    lines = terminal.text.splitlines()
    mark = next(number for number, line in enumerate(lines) if "^^^^" in line)
    assert lines[mark - 1 : mark + 1] == ["status | brif C3", "         ^^^^"]


async def test_a_long_answer_is_shown_whole_and_taken_away_again(
    server: RunningServer, open_terminal: OpenTerminal
) -> None:
    terminal = await open_terminal("--url", server.url, height=60)
    await terminal.shows("connected")
    terminal.type(f"help{ENTER}")
    await terminal.shows("connected", "approve CODE", "help [COMMAND]")
    terminal.type(ENTER)
    await terminal.hides("help [COMMAND]")


async def test_a_code_acts_on_what_the_person_had_on_the_screen(
    server: RunningServer, person: PythonClient, open_terminal: OpenTerminal
) -> None:
    await put(person, "priorities", SIGN)
    async with LineBetween(server) as line:
        terminal = await open_terminal("--url", line.url)
        await terminal.shows("Sign the budget", "connected")
        line.hold()  # the change is made, but the person does not see it yet
        await person.done("priorities:edit", code="P1", set={"title": "Burn the budget"})
        terminal.type(f"approve P1{ENTER}")
        await terminal.shows("waiting for the server")
        line.release()
        await terminal.shows("refused", "you saw   Sign the budget", "it is now Burn the budget")
    assert (await person.state())["priorities"][0]["status"] == "open"


async def test_a_restart_of_the_server_is_survived_and_what_was_missed_is_shown(
    server: RunningServer, person: PythonClient, open_terminal: OpenTerminal
) -> None:
    await put(person, "priorities", SIGN)
    terminal = await open_terminal("--url", server.url)
    await terminal.shows("Sign the budget", "connected")
    await server.kill()
    await terminal.shows("offline since", "Sign the budget")
    terminal.type("approve P1" + ENTER)
    await terminal.shows("waiting for the server")
    await server.start()
    await terminal.shows("Sign the budget  done", "connected")
    again = await PythonClient(client="bo").connect(server.url)
    await put(again, "priorities", HIRE)
    await terminal.shows("Hire Bea")
    await again.disconnect()


async def test_a_line_that_is_typed_on_a_dead_line_is_carried_out_on_a_new_one(
    server: RunningServer, person: PythonClient, open_terminal: OpenTerminal
) -> None:
    await put(person, "priorities", SIGN)
    async with LineBetween(server) as line:
        terminal = await open_terminal("--url", line.url)
        await terminal.shows("Sign the budget", "connected")
        line.stall()
        terminal.type("approve P1" + ENTER)
        await terminal.shows("Sign the budget  done", "connected", "undo takes it back")


async def test_what_changed_while_this_client_was_away_is_shown(
    server: RunningServer, person: PythonClient, open_terminal: OpenTerminal
) -> None:
    await put(person, "priorities", SIGN)
    terminal = await open_terminal("--url", server.url)
    await terminal.shows("Sign the budget", "connected")
    assert terminal.process is not None
    os.kill(terminal.process.pid, signal.SIGSTOP)
    await server.restart()
    again = await PythonClient(client="bo").connect(server.url)
    await put(again, "priorities", HIRE)
    await again.done("priorities:drop", ids=["a"])
    await again.disconnect()
    os.kill(terminal.process.pid, signal.SIGCONT)
    await terminal.shows("Hire Bea", "connected")
    await terminal.hides("Sign the budget")


async def test_hostile_titles_print_nothing_that_a_terminal_obeys(
    server: RunningServer, person: PythonClient, open_terminal: OpenTerminal
) -> None:
    await put(person, "priorities", {"id": "a", "title": HOSTILE}, {"id": "b", "title": "e" + "\u0301" * 400})
    await person.done("brief:set", brief={"text": "Day\r\n\tone\n\n two"})
    terminal = await open_terminal("--url", server.url)
    await terminal.shows("Pay now", "Day one two", "connected")
    terminal.type("approve pay")
    await terminal.until(lambda: terminal.text.count("Pay now") == 2, "the item in the menu")
    terminal.type(f"{TAB}{ENTER}")
    await terminal.shows("done    approve P1  P1 Pay now")
    printed = terminal.printed.decode()
    assert not [mark for mark in HOSTILE if not mark.isascii() and mark in printed]
    assert "\u0301" * 5 not in printed


async def test_a_board_larger_than_the_window_says_how_much_is_missing(
    server: RunningServer, person: PythonClient, open_terminal: OpenTerminal
) -> None:
    await put(person, "priorities", *({"id": str(n), "title": f"Thing {n}", "rank": n} for n in range(3_000)))
    terminal = await open_terminal("--url", server.url, width=60, height=16)
    await terminal.shows("Thing 0", "more", "connected")
    shown = terminal.text.count("Thing ")
    assert f"Priorities  +{3_000 - shown:,} more".replace(",", "") in terminal.text
    assert terminal.text.splitlines()[-1].startswith(">")


async def test_the_board_fits_after_the_window_has_changed(
    server: RunningServer, person: PythonClient, open_terminal: OpenTerminal
) -> None:
    await put(person, "priorities", SIGN)
    terminal = await open_terminal("--url", server.url, width=140, height=30)
    await terminal.shows("Sign the budget", "connected")
    for width, height in ((50, 12), (20, 4), (8, 2), (100, 24)):
        terminal.resize(width, height)
        await terminal.until(lambda: ">" in terminal.text.splitlines()[-1], "the prompt at the bottom")
    await terminal.shows("Sign the budget", "connected")


@pytest.mark.parametrize("way_out", [CONTROL_C, CONTROL_D, f"quit{ENTER}", f"EXIT{ENTER}", f"ap{CONTROL_C}"])
async def test_it_is_left_with_status_0_and_the_terminal_as_it_was(
    way_out: str, server: RunningServer, open_terminal: OpenTerminal
) -> None:
    terminal = await open_terminal("--url", server.url)
    await terminal.shows("connected")
    terminal.type(way_out)
    assert await terminal.ended() == 0
    assert terminal.printed.rstrip().endswith(b"\x1b[?25h") or b"\x1b[?1049l" in terminal.printed
    assert terminal.echoes


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
async def test_a_signal_leaves_the_terminal_as_it_was(
    number: signal.Signals, server: RunningServer, open_terminal: OpenTerminal
) -> None:
    terminal = await open_terminal("--url", server.url)
    await terminal.shows("connected")
    assert terminal.process is not None
    terminal.process.send_signal(number)
    assert await terminal.ended() == 0
    assert terminal.echoes


async def test_it_may_be_left_while_there_is_no_server(
    server: RunningServer, open_terminal: OpenTerminal
) -> None:
    await server.kill()
    terminal = await open_terminal("--url", server.url)
    await terminal.shows("no board yet", "offline since")
    terminal.type(CONTROL_D)
    assert await terminal.ended() == 0


async def test_who_is_not_let_in_is_told_why(serve: Any, tmp_path: Any, open_terminal: OpenTerminal) -> None:
    tokens = tmp_path / "tokens.json"
    tokens.write_text('{"tokens": []}')
    guarded = await serve("--tokens", str(tokens))
    terminal = await open_terminal("--url", guarded.url, ADJUTANT_TOKEN="x" * 32)
    assert await terminal.ended() == 3
    await terminal.shows("adjutant: ", "token")


async def test_what_changed_while_the_person_was_away_is_told_at_the_next_look(
    server: RunningServer, person: PythonClient, open_terminal: OpenTerminal
) -> None:
    await put(person, "priorities", SIGN, HIRE)
    terminal = await open_terminal("--url", server.url, "--tz", "UTC")
    await terminal.shows("Sign the budget", "connected")
    assert "since you looked" not in terminal.text.lower()
    terminal.type(CONTROL_D)
    assert await terminal.ended() == 0
    await person.done("command:run", text="approve P1 | drop P2")
    again = await open_terminal("--url", server.url, "--tz", "UTC")
    await again.shows("Since you looked", "P1 “Sign the budget” is done", "P2 “Hire Bea” is gone")
    again.type(ENTER)
    await again.hides("Since you looked")
