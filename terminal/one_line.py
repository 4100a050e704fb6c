"""Runs one line and prints its result."""

from __future__ import annotations

import json
import secrets
import sys
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text

from adjutant_client import Client, Refused, Unreachable
from adjutant_client.address import without_secrets
from adjutant_client.answer import Ack
from terminal.answer import all_done, answer_lines, board_lines
from terminal.clock import Clock
from terminal.options import Options
from terminal.styled import STYLES, Line, wrapped

BOARDS = "boards"
"""The line that lists the person's boards: the only one that is not the server's."""


async def run_line(options: Options, line: str) -> int:
    """The exit status."""
    try:
        ack, times = await _ask(options, line)
    except Unreachable as error:
        return _unreachable(str(error), sent=error.sent)
    except Refused as error:
        return _unreachable(f"{without_secrets(options.url)}: {error}", sent=False)
    ok, is_list = ack.get("ok") is True, line == BOARDS
    if options.json:
        print(json.dumps(ack))
    else:
        lines = board_lines(ack) if ok and is_list else answer_lines(ack, line, times)
        _print(lines, sys.stdout if ok else sys.stderr)
    return 0 if ok and (is_list or all_done(ack)) else 1


def _unreachable(why: str, sent: bool) -> int:
    unknown = "; the line may or may not have been carried out" if sent else ""
    print(f"adjutant: {why}{unknown}", file=sys.stderr)
    return 3


async def _ask(options: Options, line: str) -> tuple[Ack, Clock]:
    """The answer, and the person's clock."""
    said: dict[str, Any] = {"text": line, "op": secrets.token_hex(16)}
    if options.seen is not None:
        said["seen"] = options.seen
    if options.dry:
        said["dry"] = True
    times = Clock(ZoneInfo(options.tz))
    client = Client(options.url, client=options.name, token=options.token, tz=options.tz, board=options.board)
    client.auth["person"] = options.person
    async with client as server:
        if line == BOARDS:
            return await server.ack("boards:list", {}, within_s=options.wait_s), times
        ack = await server.ack("command:run", said, within_s=options.wait_s)
        if not options.json:
            await times.learn(server)
        return ack, times


def _print(lines: list[Line], stream: Any) -> None:
    console = Console(file=stream, highlight=False, soft_wrap=True)
    rows = [row for line in lines for row in wrapped(line, console.width)] if console.is_terminal else lines
    for line in rows:
        console.print(Text.assemble(*((text, _rich(style)) for style, text in line)))


def _rich(style: str) -> str:
    """The same style in the terms of the library that prints it."""
    words = STYLES.get(style.removeprefix("class:"), "")
    return words.replace("ansibrightblack", "bright_black").replace("ansi", "")
