"""A progress bar for a person at a terminal; nothing for anyone else."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as RichBar

from collectors.texts import shown
from collectors.types import Progress


class Bar:
    """One run's bar, while it runs."""

    def __init__(self, title: str) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        console = Console(file=sys.stderr)
        self._bar = RichBar(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._title = escape(shown(title))
        self._task = self._bar.add_task(self._title, total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def show(self, progress: Progress) -> None:
        """Shows the progress, and what comes next."""
        doing = f"{self._title}: {escape(shown(progress.doing))}" if progress.doing else self._title
        self._bar.update(self._task, completed=progress.done, total=progress.total, description=doing)
