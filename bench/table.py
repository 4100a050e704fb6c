"""Printing of tables, and the small calculations that all of them need."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich import table as rich_table
from rich.console import Console

WIDTH = 110  # characters, where the output is no terminal


@dataclass(frozen=True)
class Table:
    """`good` has, for each column, what a good value is; `notes` are sentences below the table."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    good: Sequence[str]
    notes: Sequence[str] = ()


def show(table: Table, console: Console) -> None:
    """Prints the table, its first column to the left and the others to the right."""
    grid = rich_table.Table(box=box.ASCII2, show_footer=True)
    for number, (name, good) in enumerate(zip(table.columns, table.good, strict=True)):
        grid.add_column(name, good, justify="left" if number == 0 else "right")
    for row in table.rows:
        grid.add_row(*row)
    console.print(table.title)
    console.print(grid)
    for note in table.notes:
        console.print(note)
    console.print()


def quantile(values: Sequence[float], part: float) -> float:
    """The smallest value that this part of all values does not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * part) - 1)]


def ms(seconds: float) -> str:
    """Milliseconds."""
    return f"{seconds * 1000:.2f}"


def us(seconds: float) -> str:
    """Microseconds."""
    return f"{seconds * 1e6:.1f}"


def mb(size_bytes: float | None) -> str:
    """Megabytes of 10^6 bytes."""
    return "unknown" if size_bytes is None else f"{size_bytes / 1e6:.1f}"


def count(number: float) -> str:
    """A whole number with thousands set apart."""
    return f"{number:,.0f}"
