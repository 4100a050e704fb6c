"""What each kind of abuse costs somebody else: an honest client's requests, alone and beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.abusing import KINDS
from bench.beside import beside
from bench.flood import GOOD, RATE, SETTLE_S, ask
from bench.server import Measured, serving
from bench.table import Table, count, ms, quantile
from sio_server.clients import tokens
from sio_server.registry.roles import Role

FILES = 1_000
WITHIN_S = 900.0
ITEM_LIMIT = 2_000  # of one source, so that unstable ids come to it
SOURCE = "bench:abuse"


@dataclass
class Row:
    """The times of each round, alone and beside the abuse; what became of the abuser's requests, and how long
    the server computed for it."""

    name: str
    alone_s: list[list[float]] = field(default_factory=list)
    beside_s: list[list[float]] = field(default_factory=list)
    done: int = 0
    refused: int = 0
    asked_s: float = 0.0
    cpu_s: float = 0.0
    cpu_alone_s: float = 0.0

    def ratio(self, part: float) -> float:
        """Beside to alone, the median of the rounds: what else the machine does hits both of a round."""
        rounds = zip(self.alone_s, self.beside_s, strict=True)
        return median(quantile(beside_s, part) / quantile(alone_s, part) for alone_s, beside_s in rounds)


async def measure(
    folder: Path, seconds: float = 4.0, settle_s: float = SETTLE_S, repeats: int = 3
) -> list[Row]:
    """Every kind of abuse, in turn with nothing."""
    keys = folder / "abuse-tokens.json"
    honest = tokens.add(keys, "honest", Role.EDITOR, None)
    # A token for each kind: connecting costs requests, too, and another kind may have used them up.
    abusers = {kind: tokens.add(keys, kind, Role.COLLECTOR, SOURCE) for kind in KINDS}
    rows = [Row(kind) for kind in KINDS]
    flags = (f"--tokens={keys}", f"--token-rate={RATE}", f"--source-item-limit={ITEM_LIMIT}")
    async with serving(folder, *flags) as server:
        for _ in range(repeats):
            for row in rows:
                row.cpu_alone_s += await _ask(server, honest, seconds, row.alone_s)
                async with beside("bench.abusing", row.name, server.port, abusers[row.name]) as other:
                    row.cpu_s += await _ask(server, honest, seconds, row.beside_s, settle_s)
                for name in ("done", "refused", "asked_s"):
                    setattr(row, name, getattr(row, name) + other.said[name])
    return rows


async def _ask(
    server: Measured, token: str, seconds: float, rounds: list[list[float]], settle_s: float = 0.0
) -> float:
    """One round; the CPU time that the server took for it."""
    await ask(server.port, token, settle_s)
    before_s = server.cpu_s()
    rounds.append(await ask(server.port, token, seconds))
    return server.cpu_s() - before_s


async def run(folder: Path) -> Table:
    """The table."""
    return table(await measure(folder))


def table(rows: list[Row]) -> Table:
    """A row for each kind of abuse."""
    return Table(
        "abuses: an honest client's durable changes, 50 a second, alone and beside each kind of abuse",
        (
            *("beside", "p50 ms", "p99 ms", "alone p50", "p99", "p50 to alone", "p99 to alone"),
            *("server CPU to alone", "done/s", "refused/s"),
        ),
        [_row(row) for row in rows],
        ("", "", "", "", "", "", f"< {GOOD}", "", "", ""),
        ("Rounds alone and beside take turns: the ratios are medians of the rounds.",),
    )


def _row(row: Row) -> tuple[str, ...]:
    took = [
        ms(quantile([each for one in rounds for each in one], part))
        for rounds in (row.beside_s, row.alone_s)
        for part in (0.5, 0.99)
    ]
    ratios = (f"{row.ratio(0.5):.2f}", f"{row.ratio(0.99):.2f}", f"{row.cpu_s / row.cpu_alone_s:.1f}")
    return (
        KINDS[row.name][0],
        *took,
        *ratios,
        count(row.done / row.asked_s),
        count(row.refused / row.asked_s),
    )
