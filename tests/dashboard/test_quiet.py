"""A board on which nothing is to be done says so, in each place where something would stand."""

from __future__ import annotations

from tests.conftest import Connect
from tests.dashboard.conftest import Look, commitment, in_days, priority
from tests.running import PythonClient


async def test_that_there_is_nothing_is_said_in_both_languages(
    look: Look, ana: PythonClient, connect: Connect
) -> None:
    calendar = await connect(source="ics:work")
    await calendar.done("source:hello", ttl_s=3_600)
    sight, german = await look(), await look(locale="de-DE")
    said = {sight: ("Nothing to decide.", "Nothing is due today", "Nobody waits for you")}
    said[german] = ("Nichts zu entscheiden.", "Heute ist nichts fällig", "Niemand wartet auf Sie")
    for page, (decide, due, waits) in said.items():
        await page.see("#priorities .quiet", decide)
        await page.see("#now .facts", due)
        await page.see("#now .facts", waits)
    await ana.done(
        "priorities:put", items=[priority(1, due_date=in_days(20)), priority(2, due_date=in_days(30))]
    )
    for page in said:
        await page.page.click("#priorities .fold[data-name=later]")
    await sight.see("#priorities .quiet", "Nothing due this week.")
    await sight.see("#priorities .quiet", "Next: Priority 1, ")
    await german.see("#priorities .quiet", "Diese Woche ist nichts fällig.")
    await german.see("#priorities .quiet", "Als Nächstes: Priority 1, ")
    codes = [item["code"] for item in (await ana.state())["priorities"]]
    await ana.done("command:run", text=" | ".join(f"done {code}" for code in codes))
    await sight.page.click("#priorities .fold[data-name=done]")
    await sight.see("#priorities .quiet", "Nothing to decide.")
    await ana.done("priorities:put", items=[priority(3, due_date=in_days(0))])
    await ana.done("commitments:put", items=[commitment(1, assignee="Bo Chen")])
    await sight.see("#now .facts", "1 due today")
    await sight.see("#now .facts", "Bo Chen: Promise 1")
    await sight.gone("#priorities .quiet")
