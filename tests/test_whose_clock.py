"""What the server tells of the time comes from its one clock (sio_server/clock.py), which tests set.
Read from the source: no part reads the machine's clock beside it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.test_architecture import ROOT

PARTS = ("handlers", "briefs", "models", "sio_server")
READS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
    *("time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime", "time.strftime"),
}
MAY = {
    "sio_server/clock.py": "it is the clock",
    "sio_server/clients/tokens.py": "the command line manages tokens too, where no board is",
    "sio_server/sign_in/base.py": "a sign-in ends at an instant that another program has stated",
    "sio_server/log/retention.py": "the clock of a store without one begins there",
    "sio_server/search/ops.py": "the clock of a search file without one begins there",
    **dict.fromkeys(("sio_server/tracing.py", "sio_server/hub/hub.py"), "traces are of many machines"),
    **dict.fromkeys(
        ("sio_server/push/keys.py", "sio_server/push/service.py"), "push services state instants, too"
    ),
    "sio_server/search/file.py": "any other value than the one before",
}
"""Who may read the machine's clock, and why."""


def reads(path: Path) -> Iterator[str]:
    """The places where the file reads the machine's clock."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            if f"{owner}.{node.attr}" in READS:
                yield f"{path.relative_to(ROOT)}:{node.lineno}"


def test_nobody_but_the_clock_reads_the_machines_time() -> None:
    found = [place for part in PARTS for path in (ROOT / part).rglob("*.py") for place in reads(path)]
    assert [place for place in found if place.partition(":")[0] not in MAY] == []
    assert {place.partition(":")[0] for place in found} == MAY.keys()
