"""The files of the demo: a calendar, notes, a chat and a mailbox of one week, with dates around today."""

from __future__ import annotations

import json
import mailbox
import shutil
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
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
ANA, BO, GRACE = "ana@example.org", "bo@example.org", "grace@example.org"
CHAIR, JONAS, TANAKA = "chair@example.org", "jonas@northwind.example", "tanaka@example.jp"
NAMES = {
    ME: "Mara Weiss",
    ANA: "Ana Lindqvist",
    BO: "Bo Okafor",
    GRACE: "Grace Tan",
    CHAIR: "Helen Moreau",
    JONAS: "Jonas Weber",
    TANAKA: "田中 健",
}


def write(folder: Path, now: datetime) -> None:
    """Writes the whole folder."""
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
    """A full day with one meeting under way and more to come, and the days around it."""
    monday = days.monday()
    call = days.soon(15) + timedelta(minutes=call_moved_by)
    team = [ANA, BO, GRACE]
    events = [
        event("stand-up", "Stand-up", days.at(-7, 8, 45), 15, rule="FREQ=DAILY", place="Room 2", people=team),
        event(
            "pilot", "Pilot: numbers of the week", days.soon(-20), 30, people=[GRACE, TANAKA], call="teams"
        ),
        event(
            "northwind",
            "Northwind: the contract",
            call,
            45,
            people=[ANA, BO, JONAS],
            call="zoom",
            about="Decide on the liability cap in clause 7.",
        ),
        event("papers", "Board papers, last reading", call + timedelta(minutes=30), 45, people=[CHAIR]),
        event("lunch", "Lunch with Grace", days.at(0, 12, 30), 60, place="Harbour café", people=[GRACE]),
        event("works-council", "Betriebsrat: Umzug nach Halle 4", days.at(0, 14), 60, place="Room 7"),
        event("budget", "予算レビュー", days.at(0, 15), 45, people=[TANAKA], call="meet"),
        event("landlord", "Walk through the new floor", days.at(0, 16), 45, status="CANCELLED", people=[BO]),
        event(
            "interview",
            "Interview: head of design",
            days.at(0, 16, 30),
            45,
            people=team,
            answer="NEEDS-ACTION",
        ),
        event("press", "Press lunch", days.at(1, 12), 90, place="Hotel Atlantic", answer="DECLINED"),
        event("ana", "One-to-one with Ana", days.at(monday - 6, 11), 45, rule="FREQ=WEEKLY", people=[ANA]),
        event("bo", "One-to-one with Bo", days.at(monday - 4, 15), 45, rule="FREQ=WEEKLY", people=[BO]),
        event("planning", "Plan the week", days.at(monday - 7, 9, 30), 60, rule="FREQ=WEEKLY", people=team),
        event("hiring", "Hiring: the second engineer", days.at(1, 10, 30), 60, people=[BO, ANA], call="zoom"),
        event("customers", "Three customers of the pilot", days.at(1, 14), 90, people=[GRACE], call="meet"),
        event("review", "Review of the pilot", days.at(2, 16), 60, place="Room 2", people=team),
        event("board", "Board meeting", days.at(3, 13), 180, place="Board room", people=[*team, CHAIR]),
        event("dentist", "Dentist", days.at(8, 8), 45),
        whole_days("away", "Ana works from Lisbon", days.date(0), days.date(3)),
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


CALLS = {
    "zoom": "https://zoom.us/j/5550001111?pwd=example",
    "teams": "https://teams.microsoft.com/l/meetup-join/19%3aexample",
    "meet": "https://meet.google.com/abc-defg-hij",
}


def event(
    uid: str,
    title: str,
    start: datetime,
    minutes: int,
    *,
    rule: str = "",
    place: str = "",
    people: Sequence[str] = (),
    call: str = "",
    about: str = "",
    status: str = "CONFIRMED",
    answer: str = "ACCEPTED",
) -> list[str]:
    """The lines of one event; `call` is a key of CALLS, `answer` what Mara said to the invitation."""
    end = start + timedelta(minutes=minutes)
    summary = title.replace(",", "\\,")
    lines = ["BEGIN:VEVENT", f"UID:{uid}@demo", f"SUMMARY:{summary}", f"STATUS:{status}"]
    lines += [f"DTSTAMP:{instant(start)}", f"DTSTART:{instant(start)}", f"DTEND:{instant(end)}"]
    lines += [f"RRULE:{rule}"] if rule else []
    lines += [f"LOCATION:{place}"] if place else []
    lines += [f"CONFERENCE;VALUE=URI:{CALLS[call]}"] if call else []
    lines += [f"DESCRIPTION:{about}"] if about else []
    lines += [f'ATTENDEE;CN="{NAMES[person]}":mailto:{person}' for person in people]
    return [*lines, f'ATTENDEE;CN="{NAMES[ME]}";PARTSTAT={answer}:mailto:{ME}', "END:VEVENT"]


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
            - [ ] Release the answer to the works council by {days.date(0)} !
            - [ ] Read Grace's report on the pilot by {days.date(0)}
            - [ ] Choose the caterer for the board dinner by {days.date(0)}
            - [ ] Approve the press release by {days.date(-2)} !
            - [ ] Send the visa papers back by {days.date(-1)}
            - [x] Thank the team for the release

            I owe @ana: the draft of the announcement by {days.date(0)}
            @bo owes me the numbers for October by {days.date(-2)}
        """,
        "week.md": f"""
            # This week

            - [ ] Answer the letter of Northwind by {days.date(1)} !
            - [ ] Decide between the two designs by {days.date(2)} !
            - [ ] 田中さんに予算案のコメントを返す by {days.date(2)}
            - [ ] Give Bo feedback on the roadmap by {days.date(3)}
            - [ ] Pick three slides for the town hall by {days.date(4)}
            - [ ] Book the train to Lisbon by {days.date(5)} #low
        """,
        "board meeting.md": f"""
            # Board meeting

            ## Agenda
            1. The pilot, and whether it goes on
            2. Budget of the coming year
            3. Northwind

            ## Actions
            - [ ] Write the paper on the pilot by {days.date(2)} !
            - [ ] Ask legal about clause 7
            - [ ] Invite the auditors

            I promised @grace to send the slides by {days.date(2)}
            @ana owes me: a word on the risks by {days.date(1)}
            @chair owes me: the list of guests by {days.date(3)}
        """,
        "people.md": f"""
            # People

            Bo is away from {days.date(14)} on. Ana takes over the releases.

            - [ ] Talk with Bo about the handover by {days.date(10)}
            - [ ] Find a mentor for the two who begin in spring #low

            I owe @bo: an answer about the second engineer by {days.date(-1)}
            I owe @jonas: our wording of clause 7 by {days.date(1)}
        """,
    }
    for name, text in notes.items():
        (folder / name).write_text(unindented(text), "utf-8")


def unindented(text: str) -> str:
    """The text without the indentation of this program."""
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
    """The messages, by channel and day."""
    found: dict[tuple[str, int], list[tuple[int, str, str]]] = {}
    for channel, day, hour, who, text in said:
        found.setdefault((channel, day), []).append((hour, who, text))
    return found


def message(when: datetime, who: str, text: str) -> dict[str, Any]:
    """One message of an export."""
    return {"type": "message", "user": who, "ts": f"{when.timestamp():.6f}", "text": text}


def dump(path: Path, content: Any) -> None:
    """Writes JSON, creating the folder."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=1), "utf-8")


# The mail.


def write_mail(path: Path, days: Days) -> None:
    """A mailbox with a few mails."""
    letters = [
        (
            days.at(-2, 16),
            JONAS,
            "Contract, second version",
            "Hello Mara,\n\nthe second version is attached. Clause 7 is the only one that is still open: we\n"
            "offer a cap of two million. Could you confirm the cap by Wednesday?\n\nBest regards\nJonas\n",
        ),
        (
            days.at(-1, 11),
            GRACE,
            "The pilot in short",
            "It works: churn is 11 percent, and every second customer asks for the export.\n"
            "I will send the full report tonight.\n",
        ),
        (
            days.at(-1, 18),
            CHAIR,
            "Agenda of the board",
            "Dear Mara,\n\nplease send the papers two days before the meeting, the budget first.\n\nHelen\n",
        ),
        (
            days.at(0, 7),
            BO,
            "October",
            "The bank is late, and so am I: the numbers come tomorrow.\n",
        ),
    ]
    box = mailbox.mbox(path)
    for number, (when, sender, subject, text) in enumerate(letters, 1):
        box.add(letter(str(number), when, sender, subject, text))
    box.close()


def letter(number: str, when: datetime, sender: str, subject: str, text: str) -> EmailMessage:
    """One mail to the person the board is for."""
    made = EmailMessage()
    made["Message-ID"] = f"<{number}@demo.example.org>"
    made["Date"] = format_datetime(when)
    made["From"] = formataddr((NAMES[sender], sender))
    made["To"], made["Subject"] = formataddr((NAMES[ME], ME)), subject
    made.set_content(text)
    return made
