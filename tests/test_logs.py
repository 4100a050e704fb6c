"""Log lines: one line each, and nothing that a client sent can forge another (logs.py)."""

from __future__ import annotations

import json
import logging
import re
import sys

import pytest

from sio_server.hub.outcome import failed
from sio_server.logs import JsonLine, OneLine


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
    assert rest[0] == "    | Traceback (most recent call last):"
    assert rest[-1] == "    | ValueError: broken"
    assert sys.exc_info() == (None, None, None)


FORGED = [
    "x\n12:00:00 error   adjutant: all is lost",
    "x\r\n12:00:00 error   adjutant: all is lost\x1b[2J\x1b]0;title\x07",
    "x\u202812:00:00\u0085\x0b\x0c\x00\u202e",
    '"}\n{"level":"error","message":"all is lost"}',
    "lone \ud800 surrogate",
    "caf\u00e9 \U0001f600",
]


@pytest.mark.parametrize("sent", FORGED)
@pytest.mark.parametrize("raised", [False, True])
def test_no_line_can_be_forged_in_either_format(sent: str, raised: bool) -> None:
    """Not even by what an exception says that a client brought about."""
    try:
        raise ValueError(sent)
    except ValueError as error:
        trouble = (type(error), error, error.__traceback__) if raised else None
        record = logging.LogRecord("adjutant.hub", logging.ERROR, "", 1, "bad: %s", (sent,), trouble)
    record.error_id = "abcd"
    lines = OneLine().format(record).split("\n")
    assert all(line.isprintable() for line in lines)
    assert [line for line in lines if not line.startswith("    | ")] == lines[:1]
    line = JsonLine().format(record)
    assert line.isascii()
    assert line.isprintable()
    told = json.loads(line)
    assert (told["level"], told["logger"], told["error_id"]) == ("error", "adjutant.hub", "abcd")
    assert told["message"] == "bad: " + sent.replace("\ud800", "\\ud800")
    assert ("ValueError: " in told.get("traceback", "")) is raised


def test_an_error_id_leads_from_the_ack_to_the_traceback(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        outcome = failed("priorities:put")
    told = json.loads(JsonLine().format(caplog.records[-1]))
    assert told["error_id"] == json.loads(outcome.ack)["error"]["error_id"]
    assert "ValueError: broken" in told["traceback"]
