"""What changes in the files while one looks on: the collectors see it and the board follows."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path

from examples import world
from examples.days import Days


def changes(folder: Path, now: datetime) -> Iterator[str]:
    """Makes one small change at each step, without end, and tells what it was."""
    for number in count(1):
        yield move_call(folder, now, 5 * number)
        yield add_task(folder, f"Call back number {number}")
        yield get_letter(folder, number)
        yield finish_task(folder, f"Call back number {number}")


def move_call(folder: Path, now: datetime, minutes: int) -> str:
    """The call of today is put off, by five minutes and back."""
    by = minutes % 10
    world.write_calendar(folder / "work.ics", Days(now), call_moved_by=by)
    return f"work.ics: the call begins {by} minutes later" if by else "work.ics: the call begins as planned"


def add_task(folder: Path, task: str) -> str:
    """A task is written down."""
    path = folder / "notes" / "today.md"
    path.write_text(f"{path.read_text('utf-8')}- [ ] {task} !\n", "utf-8")
    return f"notes/today.md: a new task, {task}"


def finish_task(folder: Path, task: str) -> str:
    """A task is ticked off."""
    path = folder / "notes" / "today.md"
    path.write_text(path.read_text("utf-8").replace(f"- [ ] {task}", f"- [x] {task}"), "utf-8")
    return f"notes/today.md: ticked off, {task}"


def get_letter(folder: Path, number: int) -> str:
    """A letter comes."""
    box = mailbox.mbox(folder / "mail" / "inbox.mbox")
    subject = f"A question, the {number}."
    box.add(world.letter(f"q{number}", datetime.now().astimezone(), world.ANA, subject, "Have a look?\n"))
    box.close()
    return f"mail/inbox.mbox: a letter, {subject}"
