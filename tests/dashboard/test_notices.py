"""Notifications of a page that may send them: a meeting is near, something is given, a source fails."""

from __future__ import annotations

from typing import Any

from tests.conftest import Connect
from tests.dashboard.browsing import Sight
from tests.dashboard.conftest import Look, in_minutes
from tests.running import PythonClient

# A headless Chromium grants none, so this stands in for its class: what the page hands to the browser.
LISTEN = """globalThis.noticed = [];
globalThis.Notification = class extends EventTarget {
    static permission = "granted";
    constructor(title, options) {
        super();
        noticed.push([title, options.body]);
    }
};"""
WANTED = {"before_min": 5, "assigned": True, "source": True, "brief": True}


async def listening(look: Look, connect: Connect, **prefs: Any) -> Sight:
    """A page that may send notifications, of Nina, who has these preferences."""
    await (await connect(person="local")).done("prefs:set", set={"name": "Nina Weber", **prefs})
    sight = await look()
    await sight.page.add_init_script(LISTEN)
    await sight.page.reload()
    await sight.stage("connected")
    return sight


async def noticed(sight: Sight, title: str, body: str) -> None:
    await sight.page.wait_for_function(
        "([title, body]) => noticed.some(([one, other]) => one.includes(title) && other === body)",
        arg=[title, body],
    )


async def test_a_meeting_a_task_and_a_failed_source_are_told_once_each(
    look: Look, ana: PythonClient, connect: Connect
) -> None:
    sight = await listening(look, connect, notify=WANTED)

    def call(ident: str, minutes: float, **fields: Any) -> dict[str, Any]:
        return {"id": ident, "title": ident, "start": in_minutes(minutes), "end": in_minutes(40)} | fields

    soon = [
        call("Board call", 4),
        call("Dr. Weiss", 4.5, private=True),
        call("Declined", 4, answer="declined"),
    ]
    await ana.done("calendar:put", items=[*soon, call("Later", 20)])
    given = {"id": "p1", "title": "Sign the lease", "assignee": "Nina Weber"}
    await ana.done("priorities:put", items=[given, {"id": "p2", "title": "Not hers", "assignee": "Bo"}])
    source = await connect(source="ics:work", client="ics:work")
    run = (await source.done("source:hello", ttl_s=3600))["run"]
    await source.done("source:finish", run=run, ok=False, error="the file is gone")
    await noticed(sight, "ana", "Sign the lease")
    await noticed(sight, "failed", "the file is gone")
    await noticed(sight, "5 min", "Busy")
    await noticed(sight, "4 min", "Board call")
    await ana.done("priorities:put", items=[given | {"title": "Sign the new lease"}])
    await sight.see("#priorities", "Sign the new lease")
    told = await sight.page.evaluate("noticed")
    assert len(told) == 4, told


async def test_without_the_wish_nothing_is_told(look: Look, ana: PythonClient, connect: Connect) -> None:
    sight = await listening(look, connect)
    await ana.done("priorities:put", items=[{"id": "p", "title": "Sign", "assignee": "Nina Weber"}])
    await sight.see("#priorities", "Sign")
    assert await sight.page.evaluate("noticed") == []
