"""A progress bar for a person at a terminal; nothing for anyone else."""

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bar

from collectors.findings import shown


class Progress:
    """One run's bar: a step for each calendar, and one for the push."""

    def __init__(self, title: str, calendars: int) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        console = Console(file=sys.stderr)
        self._bar = Bar(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._bar.add_task(escape(title), total=calendars + 1)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def reading(self, name: str) -> None:
        self._bar.update(self._task, description=f"reading {escape(shown(name))}")

    def pushing(self, items: int) -> None:
        self._bar.update(self._task, description=f"sending {items:,} events")

    def step(self) -> None:
        self._bar.advance(self._task)
