"""Changes the files while you watch: the collectors notice, and the board follows."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path

from examples import world
from examples.days import Days


def changes(folder: Path, now: datetime) -> Iterator[str]:
    """Makes one small change at each step, endlessly, and yields what it was."""
    for number in count(1):
        yield move_call(folder, now, 5 * number)
        yield add_task(folder, f"Call back number {number}")
        yield get_letter(folder, number)
        yield finish_task(folder, f"Call back number {number}")


def move_call(folder: Path, now: datetime, minutes: int) -> str:
    """Postpones today's call by five minutes, or moves it back."""
    by = minutes % 10
    world.write_calendar(folder / "work.ics", Days(now), call_moved_by=by)
    return f"work.ics: the call begins {by} minutes later" if by else "work.ics: the call begins as planned"


def add_task(folder: Path, task: str) -> str:
    """Adds a task to the notes."""
    path = folder / "notes" / "today.md"
    path.write_text(f"{path.read_text('utf-8')}- [ ] {task} !\n", "utf-8")
    return f"notes/today.md: a new task, {task}"


def finish_task(folder: Path, task: str) -> str:
    """Ticks off a task."""
    path = folder / "notes" / "today.md"
    path.write_text(path.read_text("utf-8").replace(f"- [ ] {task}", f"- [x] {task}"), "utf-8")
    return f"notes/today.md: ticked off, {task}"


def get_letter(folder: Path, number: int) -> str:
    """Delivers a mail."""
    box = mailbox.mbox(folder / "mail" / "inbox.mbox")
    subject = f"A question, the {number}."
    box.add(world.letter(f"q{number}", datetime.now().astimezone(), world.ANA, subject, "Have a look?\n"))
    box.close()
    return f"mail/inbox.mbox: a new mail, {subject}"
