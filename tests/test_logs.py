"""Log lines: one line each, and nothing that a client sent can forge another (logs.py)."""

from __future__ import annotations

import logging
import re
import sys

from sio_server.logs import OneLine


def line_of(message: str, *arguments: object, error: BaseException | None = None) -> str:
    """The text that goes to standard error."""
    trouble = None if error is None else (type(error), error, error.__traceback__)
    return OneLine().format(
        logging.LogRecord("adjutant.hub", logging.ERROR, __file__, 1, message, arguments, trouble)
    )


def test_a_line_says_when_how_bad_where_and_what() -> None:
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d error   adjutant\.hub: the disk is full", line_of("the disk is full")
    )


def test_what_a_client_sent_cannot_begin_another_line() -> None:
    line = line_of("no such event: %s", "x\n12:00:00 error adjutant: all is lost\x1b[2J\r\u2028")
    assert len(line.splitlines()) == 1
    assert r"x\n12:00:00 error" in line
    assert line.isprintable()


def test_a_traceback_keeps_its_lines() -> None:
    try:
        raise ValueError("broken")
    except ValueError as error:
        line = line_of("it failed", error=error)
    first, *rest = line.splitlines()
    assert first.endswith("it failed")
    assert rest[0].startswith("Traceback")
    assert rest[-1] == "ValueError: broken"
    assert sys.exc_info() == (None, None, None)
