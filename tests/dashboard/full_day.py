"""One full day of an invented person: Monday 30 November 2026, 09:48 in Berlin. Pictures of the page and the
tests of how it looks are made of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.forked import ForkedServer
from tests.running import PythonClient

ZONE = "Europe/Berlin"
NOW = datetime(2026, 11, 30, 9, 48, tzinfo=ZoneInfo(ZONE))
ME = "Nina Weber <nina@example.org>"
BROWSER: dict[str, Any] = {"timezone_id": ZONE, "locale": "en-GB"}

ANA, PRIYA, MARCUS = (
    "Ana Lima <ana@example.org>",
    "Priya Nair <priya@example.org>",
    "Marcus Chen <marcus@example.com>",
)


def at(hour: str, day: int = 30) -> str:
    """`09:15` of a day of this November, later days being those of December; on the wire."""
    hours, minutes = map(int, hour.split(":"))
    month, date = (11, day) if day <= 30 else (12, day - 30)
    local = datetime(2026, month, date, hours, minutes, tzinfo=ZoneInfo(ZONE))
    return local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _date(day: int) -> str:
    month, date = (11, day) if day <= 30 else (12, day - 30)
    return f"2026-{month:02}-{date:02}"


def _event(ident: str, start: str, end: str, title: str, **fields: Any) -> dict[str, Any]:
    day = fields.pop("day", 30)
    return {"id": ident, "title": title, "start": at(start, day), "end": at(end, day)} | fields


def events() -> list[dict[str, Any]]:
    """Of the day, as it was before one was moved and one came."""
    zoom, teams = "https://zoom.us/j/91244870013", "https://teams.microsoft.com/l/meetup-join/19%3ameeting"
    today = [
        {"id": "bo", "title": "Bo out", "start": _date(30), "end": _date(33), "busy": False},
        _event("standup", "08:30", "08:50", "Exec stand-up"),
        _event("incident", "09:15", "09:55", "Security incident review", location="Teams", url=teams),
        _event(
            "northwind",
            "10:00",
            "10:45",
            "Northwind: contract and clause 7",
            location=zoom,
            attendees=[ME, MARCUS, PRIYA, ANA],
            important=True,
        ),
        _event("preread", "10:30", "11:15", "Board pre-read 📑", location="Room 4", important=True),
        _event(
            "dach",
            "11:30",
            "12:00",
            "Quartalsabstimmung Vertriebssteuerung DACH mit Betriebsrat und Personalabteilung",
            location="HQ, 4th floor, Boardroom West",
        ),
        _event(
            "budget",
            "12:00",
            "13:00",
            "経営会議（月次）予算レビューと人事異動の確認",
            location="Zoom",
            important=True,
        ),
        _event("supplier", "13:15", "14:00", "Supplier visit: Kessler GmbH", location="Lobby"),
        _event("launch", "14:00", "15:00", "🚀 Launch go/no-go", location="Room 12.03", important=True),
        _event("investor", "16:00", "16:45", "Investor call: Q3 questions", location="Teams"),
        _event(
            "riyadh",
            "15:30",
            "16:15",
            "مراجعة الميزانية السنوية مع فريق الرياض",
            location="Meet",
            answer="needs_action",
        ),
        _event("candidate", "16:30", "17:00", "Candidate: VP Engineering, final round", location="Meet"),
        _event("press", "17:00", "18:00", "Press briefing with the FT", location="Room 2", answer="declined"),
    ]
    week = []
    for day, hours in {31: 5, 32: 7, 33: 3, 34: 4}.items():
        week += [
            _event(f"w{day}{n}", f"{9 + n:02}:00", f"{9 + n:02}:50", title, day=day)
            for n, title in enumerate(WEEK[:hours])
        ]
    return today + week


WEEK = (
    "Exec staff",
    "One to one with Ana",
    "Product review: Mobile",
    "Audit committee prep",
    "Town hall rehearsal",
    "Legal: settlement options",
    "Interview: Chief of Staff",
)


def later_events() -> list[dict[str, Any]]:
    """The same an hour later: one is cancelled, one moved, one is new."""
    changed = []
    for item in events():
        if item["id"] == "supplier":
            item = item | {"status": "cancelled"}
        if item["id"] == "investor":
            item = item | {"start": at("14:30"), "end": at("15:15")}
        changed.append(item)
    return [*changed, _event("grace", "18:30", "19:15", "1:1 Grace", location="Harbour café")]


def priorities() -> list[dict[str, Any]]:
    """25 things to decide."""
    rows: list[tuple[str, str | None, int | None, str]] = [
        ("Sign the FY27 operating plan", _date(27), 45, "high"),
        ("Approve the hiring freeze exceptions", _date(29), 20, "high"),
        ("Pick the offsite date and tell the assistants", _date(27), 10, "medium"),
        (
            "Antwort an den Betriebsrat zur Standortvereinbarung und zum Sozialplan 2027",
            _date(30),
            60,
            "high",
        ),
        ("Ask legal about clause 7", at("10:00"), 15, "high"),
        ("Read the board pre-read, pages 1 to 14", at("10:30"), 40, "medium"),
        ("予算案のコメントを田中さんに返す", _date(30), 30, "medium"),
        ("Sign the NDAs for Project Heron", _date(30), 10, "medium"),
        ("Choose the VP Engineering finalist", _date(31), 30, "high"),
        ("Approve capex for lab 3", _date(31), 15, "high"),
        ("Answer the union's open letter", _date(31), 45, "medium"),
        ("🚀 Go/no-go paper: final numbers", _date(32), 60, "high"),
        ("Thank the launch team", _date(32), 10, "medium"),
        ("مراجعة نتائج التدقيق الداخلي قبل اجتماع الجمعة", _date(34), 30, "medium"),
        ("Nominate two award candidates", _date(34), 20, "medium"),
        ("Talk with Bo about the handover", _date(39), 30, "medium"),
        ("Read Grace's report on the pilot", _date(40), 40, "medium"),
        ("Decide on the Lisbon office", _date(41), None, "medium"),
        ("Review the compensation bands", _date(42), 60, "medium"),
        ("Renew the passport", _date(43), None, "low"),
        ("Update the succession plan", _date(44), None, "low"),
        ("Write the recommendation for Mia", _date(45), 45, "medium"),
        ("Plan the all-hands of the first quarter", _date(46), None, "medium"),
        ("Fix the delegation matrix", _date(38), 30, "medium"),
        ("Give feedback to Priya", _date(37), 30, "medium"),
    ]
    made: list[dict[str, Any]] = []
    for number, (title, due, minutes, urgency) in enumerate(rows):
        made.append(
            {"id": f"p{number}", "title": title, "due_date": due, "minutes": minutes, "urgency": urgency}
        )
    made[3]["evidence"] = {
        "file": "Betriebsrat.md",
        "line": 14,
        "quote": "Bis Dienstag Antwort an den Betriebsrat, sonst fällt die Sitzung aus.",
    }
    made[3]["due_date"] = _date(31)  # what the notes say; the person decides otherwise
    return made


def commitments() -> list[dict[str, Any]]:
    """Who waits for what, and who owes."""
    rows = [
        ("owe", "Ana Lima", "the draft of the announcement", 30),
        ("owe", "Ana Lima", "the speaker's slot", 34),
        ("owed", "Ana Lima", "a name for the award", 33),
        ("owe", "Priya Nair", "comments on the redline", 27),
        ("owe", "Priya Nair", "the offer letter", 32),
        ("owed", "Priya Nair", "the list of open clauses", 31),
        ("owed", "Bo Lindqvist", "the numbers for October", 27),
        ("owed", "Bo Lindqvist", "the handover notes", 39),
        ("owe", "Bo Lindqvist", "an answer about the second engineer", 33),
        ("owe", "Jürgen Vogel", "die Stellungnahme zum Sozialplan", 31),
        ("owe", "Jürgen Vogel", "die Liste der Standorte", 34),
        ("owe", "田中 美咲", "組織図の最終版", 32),
        ("owed", "田中 美咲", "予算案", 36),
        ("owe", "Grace Okafor", "talking points for the FT", 32),
        ("owed", "Grace Okafor", "the pilot's figures", 36),
        ("owe", "ليلى حداد", "the signed NDA", 33),
        ("owed", "ليلى حداد", "the visit's agenda", 35),
        ("owed", "Marcus Chen", "the cap in writing", 34),
    ]
    return [
        {"id": f"m{n}", "direction": way, "assignee": who, "description": what, "due_date": _date(due)}
        for n, (way, who, what, due) in enumerate(rows)
    ]


PROPOSALS = [
    {
        "id": "cap",
        "line": "add owe @Marcus Chen an answer on the liability cap by 2026-12-02",
        "why": "A question to you with a date",
        "doubt": 20,
        "evidence": {"file": "records/mail/cap", "quote": "Could you confirm the cap by Wednesday?"},
    },
    {
        "id": "offsite",
        "line": "snooze 2026-12-03",
        "why": "Ana writes that the hotel answers on Thursday",
        "doubt": 40,
        "about": {"section": "priorities", "id": "p2"},
        "evidence": {"file": "1-1-ana.md", "line": 12, "quote": "Hotel says Thursday, so the date can wait."},
    },
]
RECORDS = [
    {
        "id": "cap",
        "text": "Hi Nina, the second version is attached. Could you confirm the cap by Wednesday? Marcus",
        "at": at("09:12"),
        "kind": "mail",
        "title": "Contract, second version",
        "meta": {"from": "Marcus Chen <marcus@example.com>"},
    },
    {
        "id": "clause",
        "text": "Clause 7 of the Northwind contract: the cap on liability is open. Legal has seen it.",
        "at": at("17:20", 27),
        "kind": "mail",
        "title": "Northwind, clause 7",
        "meta": {"from": "Priya Nair <priya@example.org>"},
    },
]


class FullDay(ForkedServer):
    """The server on that morning."""

    program = ("tests/dashboard/at_moment.py", NOW.isoformat())


@asynccontextmanager
async def full_day(folder: Path, *flags: str, empty: bool = False) -> AsyncIterator[FullDay]:
    """A server that holds the day, or nothing yet."""
    folder.mkdir(exist_ok=True)
    server = FullDay(folder / "data", *flags, f"--me={ME}", f"--tz={ZONE}")
    await server.start()
    try:
        if not empty:
            await fill(server)
        yield server
    finally:
        await server.stop()


async def fill(server: FullDay) -> None:
    """Puts the day as its sources and Nina would have."""
    names = ("ics:work", "notes:desk", "mail:inbox")
    sources = {name: await PythonClient(source=name, client=name).connect(server.url) for name in names}
    nina = await PythonClient(client="nina", person="local", tz=ZONE).connect(server.url)
    await nina.done("prefs:set", set={"name": "Nina", "tz2": "America/New_York"})
    calendar, notes, mail = sources.values()
    await calendar.done("calendar:put", items=events(), mode="replace")
    await notes.done("priorities:put", items=priorities(), mode="replace")
    await notes.done("commitments:put", items=commitments(), mode="replace")
    for name, client in sources.items():
        welcome = await client.done("source:hello", ttl_s=3600)
        await client.done("source:finish", run=welcome["run"], ok=True, counts={name.partition(":")[0]: 1})
    await mail.done("records:put", records=RECORDS)
    await mail.done("proposals:put", items=PROPOSALS[:1])
    await notes.done("proposals:put", items=PROPOSALS[1:])
    codes = {item["id"].rpartition("/")[2]: item["code"] for item in (await nina.state())["priorities"]}
    note = f"note {codes['p3']} Erst mit Priya klären, ob §112 greift."
    await nina.done("command:run", text=f"due {codes['p3']} today | {note}")
    later = f"snooze {codes['p24']} wed 9:00 | snooze {codes['p23']} 11 dec 9:00"
    await nina.done("command:run", text=later)
    seen = await nina.done("state:get", sections=["system"])
    await nina.done("seen:set", seq=seen["seq"])
    await calendar.done("calendar:put", items=later_events(), mode="replace")
    for client in (*sources.values(), nina):
        await client.disconnect()
