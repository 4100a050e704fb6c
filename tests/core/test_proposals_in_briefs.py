"""Briefs and `day` name the proposals that wait, those first that are due (briefs/waiting)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.core.seats import PERSON, Core, Seat, collector

Json = Any

MAIL = collector("mail:work")
REVIEW = {
    "id": "review",
    "title": "Budget review",
    "start": "2026-11-24T15:00:00Z",
    "attendees": ["Ana Silva <ana@example.org>", "Mo Carr"],
}
LINES = [
    "add priority Read the offer",
    "add owe Bo Lind: sign the lease by 2026-11-23",
    "add owe Ana Silva: send the signed headcount sheet by 2026-11-23",
    "add owed Cy Moss: the plan by 2026-12-20",
]


async def board(core: Core, lines: list[str] = LINES) -> Seat:
    seat = await core.sit("state", who=replace(PERSON, whose="name:mo", me=("Mo Carr",)))
    mail = await core.sit(who=MAIL)
    await seat.done("calendar:put", items=[REVIEW])
    quote = {"file": "records/mail/m", "quote": "Could you send it?"}
    given = [
        {"id": f"p{at}", "line": line, "why": "it is asked for", "doubt": at, "evidence": quote}
        for at, line in enumerate(lines)
    ]
    await mail.done("proposals:put", items=given)
    return seat


def said(brief: Json) -> Json:
    return {one["title"]: [item["text"] for item in one["items"]] for one in brief["sections"]}.get(
        "Proposals"
    )


async def day(seat: Seat, text: str = "day") -> list[str]:
    [step] = (await seat.done("command:run", text=text))["steps"]
    return [line for line in step["data"]["text"].splitlines() if "proposal" in line]


@pytest.mark.parametrize("full", [False, True])
async def test_the_daily_brief_and_the_day_name_the_proposals_that_are_due(core: Core, full: bool) -> None:
    seat = await board(core)
    brief = await seat.done("brief:generate", kind="daily", full=full)
    told = "4 proposals wait for you, 2 of them due today: A2 and A3"
    assert said(brief) == [told]
    [refs] = [one["items"][0]["evidence"] for one in brief["sections"] if one["title"] == "Proposals"]
    assert refs == ["proposals/mail:work/p1", "proposals/mail:work/p2"]
    assert await day(seat) == [told]
    assert await day(seat, "day tomorrow") == []
    weekly = await seat.done("brief:generate", kind="weekly", full=full)
    assert said(weekly) == ["4 proposals wait for you, 2 of them due this week: A2 and A3"]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], None),
        (LINES[:1], ["1 proposal waits for you: A1"]),
        (LINES[1:2], ["1 proposal waits for you, due today: A1"]),
        (
            ["add owe Bo: the sheet by 2026-11-20", LINES[0]],
            ["2 proposals wait for you, 1 of them overdue: A1"],
        ),
        ([LINES[0]] * 8, ["8 proposals wait for you: A1, A2, A3, A4, A5 and 3 others"]),
    ],
)
async def test_the_line_counts_what_it_does_not_name(core: Core, lines: list[str], told: Json) -> None:
    seat = await board(core, lines)
    assert said(await seat.done("brief:generate", kind="daily")) == told


async def test_the_brief_of_a_meeting_tells_the_proposals_that_are_with_its_people(core: Core) -> None:
    seat = await board(core)
    brief = await seat.done("brief:generate", kind="meeting", code="C1")
    assert said(brief) == ["A3 you owe Ana Silva: send the signed headcount sheet (due today)"]


async def test_a_decision_on_a_proposal_that_it_names_outdates_a_brief_and_a_new_one_does_not(
    core: Core,
) -> None:
    seat = await board(core)
    await seat.done("brief:generate", kind="daily")
    mail = await core.sit(who=MAIL)
    quote = {"file": "records/mail/n", "quote": "Please call"}
    new = {"id": "new", "line": "add priority Call", "why": "it is asked for", "doubt": 9, "evidence": quote}
    await mail.done("proposals:put", items=[new])
    assert (await seat.state())["active_brief"]["outdated"] is False
    await seat.done("proposals:drop", codes=["A2"])
    assert (await seat.state())["active_brief"]["outdated"] is True
