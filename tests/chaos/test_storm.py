"""A short run of `make chaos`: two storms, by their number of faults and not by the clock."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.storm import world
from tests.node.driver import is_set_up

SEED = 18
FAULTS = 30
ALWAYS = (
    "kill -9 of the server",
    "a sync that fails",
    "full disk",
    "the store's file removed",
    "the clock jumps",
)


async def test_no_promise_is_broken_in_a_storm(tmp_path: Path) -> None:
    async with world(tmp_path, SEED, node=is_set_up(), short=True) as made:
        await made.storm(FAULTS)
        for name in ALWAYS:
            await made.faults.strike_with(name)
        await made.storm(FAULTS)
    assert made.ledger.kept, "\n".join(made.report())
    assert made.faults.struck.total() == 2 * FAULTS + len(ALWAYS)
    untried = [promise for promise, tally in made.ledger.tallies.items() if not tally.tried]
    assert not untried
