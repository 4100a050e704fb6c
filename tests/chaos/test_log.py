"""What `make chaos` would notice: an oracle that never says no proves nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from adjutant_client import Client
from tests.chaos.ledger import Ledger, Promise, Request
from tests.chaos.log import LogReader
from tests.running import RunningServer

Json = Any

REFUSED = {"ok": False, "error": {"code": "stale_target", "message": "No.", "retry": "no"}}


def as_it_was(request: Request) -> None:
    """Nothing is wrong."""


def is_elsewhere(request: Request) -> None:
    request.acks = [request.acks[0] | {"seq": request.acks[0]["seq"] + 1}]


def was_refused(request: Request) -> None:
    request.acks = [REFUSED]


def never_came(request: Request) -> None:
    request.op = "another"


def was_of_another_text(request: Request) -> None:
    request.aims = {key: f"not {title}" for key, title in request.aims.items()}


def has_two_positions(request: Request) -> None:
    request.sent, request.acks = 2, [request.acks[0], request.acks[0] | {"seq": request.acks[0]["seq"] + 1}]


@pytest.mark.parametrize(
    ("alter", "lost"),
    [
        (as_it_was, []),
        (is_elsewhere, [Promise.DONE]),
        (was_refused, [Promise.NOT_DONE]),
        (never_came, [Promise.DONE]),
        (was_of_another_text, [Promise.SEEN]),
        (has_two_positions, [Promise.ONCE]),
    ],
)
async def test_the_log_tells_whether_an_ack_was_true(
    server: RunningServer, alter: Callable[[Request], None], lost: list[Promise]
) -> None:
    ledger = Ledger()
    async with Client(server.url, client="ana", follow=True) as board:
        put = await board.request("priorities:put", {"items": [{"id": "a", "title": "Sign"}]})
        [item] = board.replica.items("priorities")
        payload = {"text": f"update {item['code']} Signed", "seen": put.seq, "op": "line"}
        aims = {("priorities", item["id"]): item["title"]}
        acks = [await board.ack("command:run", payload)]
    request = Request("line", "command:run", payload, aims, acks)
    alter(request)
    ledger.add(request)
    LogReader(server.data_dir / "adjutant.db", ledger).read()
    assert [promise for promise, tally in ledger.tallies.items() if tally.lost] == lost
    assert ledger.kept == (not lost)
    assert "\n".join(ledger.lines()).count("    ") >= len(lost)
