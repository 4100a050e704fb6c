"""The files of the demo: a calendar, notes, a chat and a mailbox of one week, with dates around today."""

from __future__ import annotations

import json
import mailbox
import shutil
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import chain
from pathlib import Path
from typing import Any

from examples.days import Days, instant

ME = "mara@example.org"
PEOPLE = {
    "U1": ("ana", "Ana Lindqvist"),
    "U2": ("bo", "Bo Okafor"),
    "U3": ("grace", "Grace Tan"),
    "U4": ("mara", "Mara Weiss"),
}


def write(folder: Path, now: datetime) -> None:
    """Writes the whole folder anew."""
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("notes", "chat", "mail"):
        (folder / part).mkdir(parents=True)
    days = Days(now)
    write_calendar(folder / "work.ics", days)
    write_notes(folder / "notes", days)
    write_chat(folder / "chat", days)
    write_mail(folder / "mail" / "inbox.mbox", days)


# The calendar.


def write_calendar(path: Path, days: Days, call_moved_by: int = 0) -> None:
    """Meetings that recur around today, some that are alone, a day away, and a call in half an hour."""
    monday = days.monday()
    call = days.soon(35) + timedelta(minutes=call_moved_by)
    weekdays = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
    team = ["ana@example.org", "bo@example.org", "grace@example.org"]
    events = [
        event("stand-up", "Stand-up", days.at(monday - 7, 9), 15, rule=weekdays, place="Room 2"),
        event("ana", "One to one with Ana", days.at(monday - 6, 11), 45, rule="FREQ=WEEKLY", people=team[:1]),
        event("bo", "One to one with Bo", days.at(monday - 4, 15), 45, rule="FREQ=WEEKLY", people=team[1:2]),
        event(
            "planning", "Planning of the week", days.at(monday - 7, 14), 60, rule="FREQ=WEEKLY", people=team
        ),
        event("call", "Call with Northwind about the contract", call, 45, place="Video", people=team[:2]),
        event("budget", "Budget review", days.at(1, 10, 30), 90, place="Room 7", people=team),
        event(
            "board",
            "Board meeting",
            days.at(3, 13),
            180,
            place="Board room",
            people=[*team, "chair@example.org"],
        ),
        event("lunch", "Lunch with Grace", days.at(0, 12, 30), 60, place="Harbour café"),
        event("review", "Review of the pilot", days.at(2, 16), 60, place="Room 2", people=team),
        event("dentist", "Dentist", days.at(8, 8), 45),
        whole_days("fair", "Trade fair in Lisbon", days.date(9), days.date(12)),
    ]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Adjutant//demo//EN",
        *chain.from_iterable(events),
        "END:VCALENDAR",
    ]
    path.write_bytes("\r\n".join([*lines, ""]).encode())


def event(
    uid: str,
    title: str,
    start: datetime,
    minutes: int,
    *,
    rule: str = "",
    place: str = "",
    people: Sequence[str] = (),
) -> list[str]:
    """The lines of one event."""
    end = start + timedelta(minutes=minutes)
    lines = ["BEGIN:VEVENT", f"UID:{uid}@demo", f"SUMMARY:{title}", f"DTSTAMP:{instant(start)}"]
    lines += [f"DTSTART:{instant(start)}", f"DTEND:{instant(end)}"]
    lines += [f"RRULE:{rule}"] if rule else []
    lines += [f"LOCATION:{place}"] if place else []
    return [*lines, *(f"ATTENDEE:mailto:{person}" for person in people), "END:VEVENT"]


def whole_days(uid: str, title: str, first: str, after: str) -> list[str]:
    """The lines of an event of whole days."""
    start, end = first.replace("-", ""), after.replace("-", "")
    dates = [f"DTSTART;VALUE=DATE:{start}", f"DTEND;VALUE=DATE:{end}"]
    return [
        "BEGIN:VEVENT",
        f"UID:{uid}@demo",
        f"SUMMARY:{title}",
        f"DTSTAMP:{start}T000000Z",
        *dates,
        "END:VEVENT",
    ]


# The notes.


def write_notes(folder: Path, days: Days) -> None:
    """Tasks and promises, as people write them down."""
    notes = {
        "today.md": f"""
            # Today

            - [ ] Sign the budget by {days.date(0)} !!
            - [ ] Answer the letter of Northwind by {days.date(1)} !
            - [ ] Read Grace's report on the pilot by {days.date(2)}
            - [ ] Book the train to Lisbon by {days.date(5)} #low
            - [x] Thank the team for the release

            I owe @ana: the draft of the announcement by {days.date(0)}
            @bo owes me the numbers for October by {days.date(-2)}
        """,
        "board meeting.md": f"""
            # Board meeting

            ## Agenda
            1. The pilot, and whether it goes on
            2. Budget of the coming year
            3. Northwind

            ## Actions
            - [ ] Write the paper on the pilot by {days.date(2)} !
            - [ ] Ask legal about the contract with Northwind
            - [ ] Invite the auditors

            I promised @grace to send the slides by {days.date(2)}
            @ana owes me: a word on the risks by {days.date(1)}
        """,
        "people.md": f"""
            # People

            Bo is away from {days.date(14)} on. Ana takes over the releases.

            - [ ] Talk with Bo about the handover by {days.date(10)}
            - [ ] Find a mentor for the two who begin in spring #low

            I owe @bo: an answer about the second engineer by {days.date(-1)}
        """,
    }
    for name, text in notes.items():
        (folder / name).write_text(unindented(text), "utf-8")


def unindented(text: str) -> str:
    """Without the blanks that the program's own text begins its lines with."""
    return "\n".join(line.removeprefix(" " * 12) for line in text.strip("\n").splitlines()).rstrip() + "\n"


# The chat.


def write_chat(folder: Path, days: Days) -> None:
    """An export as Slack makes it: people, channels, and a file for each day of a channel."""
    users = [
        {"id": id, "name": name, "profile": {"display_name": name.capitalize(), "real_name": real}}
        for id, (name, real) in PEOPLE.items()
    ]
    channels = {"general": "C1", "pilot": "C2"}
    dump(folder / "users.json", users)
    dump(folder / "channels.json", [{"id": id, "name": name} for name, id in channels.items()])
    said = [
        ("general", -1, 9, "U1", "The release is out. Thanks to everybody who stayed late."),
        ("general", -1, 10, "U4", "Well done! Lunch is on me on Friday."),
        ("pilot", -1, 14, "U3", "Churn in the pilot is 11 percent, half of what we feared."),
        ("pilot", -1, 15, "U2", "Two customers asked for the export before they sign."),
        ("pilot", 0, 8, "U3", "My report is in the folder, please read it before the board meets."),
        ("general", 0, 9, "U2", "The numbers for October will be a day late, sorry."),
    ]
    for (channel, day), messages in by_day(said).items():
        found = [message(days.at(day, hour, 12), who, text) for hour, who, text in messages]
        dump(folder / channel / f"{days.date(day)}.json", found)


def by_day(
    said: Iterable[tuple[str, int, int, str, str]],
) -> dict[tuple[str, int], list[tuple[int, str, str]]]:
    """What was said, by channel and day."""
    found: dict[tuple[str, int], list[tuple[int, str, str]]] = {}
    for channel, day, hour, who, text in said:
        found.setdefault((channel, day), []).append((hour, who, text))
    return found


def message(when: datetime, who: str, text: str) -> dict[str, Any]:
    """One message of an export."""
    return {"type": "message", "user": who, "ts": f"{when.timestamp():.6f}", "text": text}


def dump(path: Path, content: Any) -> None:
    """Writes JSON, and its folder."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=1), "utf-8")


# The mail.


def write_mail(path: Path, days: Days) -> None:
    """A mailbox with a few letters."""
    letters = [
        (
            days.at(-2, 16),
            "legal@northwind.example",
            "Contract, second version",
            "Clause 7 is open: let us talk.",
        ),
        (
            days.at(-1, 11),
            "grace@example.org",
            "The pilot in short",
            "It works, and customers ask for the export.",
        ),
        (
            days.at(-1, 18),
            "chair@example.org",
            "Agenda",
            "Papers two days before the meeting, the budget first.",
        ),
        (
            days.at(0, 7),
            "bo@example.org",
            "October",
            "The bank is late, and so am I: the numbers come tomorrow.",
        ),
    ]
    box = mailbox.mbox(path)
    for number, (when, sender, subject, text) in enumerate(letters, 1):
        box.add(letter(str(number), when, sender, subject, text))
    box.close()


def letter(number: str, when: datetime, sender: str, subject: str, text: str) -> EmailMessage:
    """One letter to the person whose board this is."""
    made = EmailMessage()
    made["Message-ID"] = f"<{number}@demo.example.org>"
    made["Date"] = format_datetime(when)
    made["From"], made["To"], made["Subject"] = sender, ME, subject
    made.set_content(text)
    return made
