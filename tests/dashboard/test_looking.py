"""What the page shows, and how it follows what others do."""

from __future__ import annotations

import asyncio
import os
import re
from asyncio.subprocess import DEVNULL
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from playwright.async_api import expect

from sio_server.clients import tokens
from sio_server.registry.roles import Role
from tests.conftest import Connect, Serve
from tests.dashboard.conftest import Look, commitment, in_days, in_minutes, priority
from tests.forked import ForkedProcess
from tests.running import WAIT_S, PythonClient, RunningServer


async def test_the_whole_board_is_on_the_page(look: Look, ana: PythonClient, connect: Connect) -> None:
    collector = await connect(source="ics:work")
    events = [
        {
            "id": "call",
            "title": "Board call",
            "start": in_minutes(30),
            "end": in_minutes(60),
            "important": True,
        },
        {
            "id": "lunch",
            "title": "Lunch",
            "start": in_minutes(90),
            "end": in_minutes(150),
            "location": "Hall 7",
        },
        {"id": "fair", "title": "Fair", "start": in_days(-1), "end": in_days(2)},
    ]
    await collector.done("calendar:put", items=events)
    await ana.done("priorities:put", items=[priority(1, urgency="high", due_date=in_days(0)), priority(2)])
    promises = [commitment(1, due_date=in_days(-3), assignee="Grace"), commitment(2, direction="owed")]
    await ana.done("commitments:put", items=promises)
    sections = [{"title": "First", "items": [{"text": "Sign it.", "evidence": ["calendar/ics:work/call"]}]}]
    await ana.done("brief:set", brief={"title": "Monday", "sections": sections})
    await ana.done("system:set", status="COLLECTING", progress=40, message="reading mail")
    sight = await look()
    await sight.see('#calendar [data-code="C1"]', "Board call")
    await sight.see("#now", "Board call")
    await sight.see("#now .counter", "minutes")
    await sight.see("#calendar .now span")
    await sight.see('#calendar [data-code="C2"] .place', "Hall 7")
    await sight.see('#calendar .strip [data-code="C3"]', "Fair")
    assert (await sight.shown("#priorities h3"))[0] == "Today"
    await sight.see("#priorities .high", "Priority 1")
    await sight.see("#commitments .person", "Grace")
    await sight.see("#commitments .person .due.overdue", "since")
    await sight.shows("#commitments h3", ["Owed to you"])
    await sight.see("#system progress")
    await sight.see("#link", "Live")
    await sight.brief()
    await sight.see("#brief .headline", "Monday")
    await sight.see("#brief [data-code=C1]", "C1")
    await sight.sources()
    await sight.see("#sources .row", "ics:work")
    await sight.see("#sources", "reading mail")
    # As one line of text: what another part of the page does with a class of the same name is not done here.
    for said in await sight.page.locator("#sources .row small:not(.message)").all_inner_texts():
        assert "\n" not in said


async def test_a_collector_in_another_process_changes_the_page_as_its_file_changes(
    look: Look, server: RunningServer, tmp_path: Path
) -> None:
    sight = await look()
    file = tmp_path / "work.ics"

    def write(title: str) -> None:
        start = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y%m%dT%H%M%SZ")
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test", "BEGIN:VEVENT", "UID:1", f"SUMMARY:{title}"]
        lines += [f"DTSTART:{start}", f"DTSTAMP:{start}", "END:VEVENT", "END:VCALENDAR", ""]
        file.write_text("\r\n".join(lines))

    write("Stand-up")
    command = ("-m", "collectors.ics", str(file), "--server", server.url, "--watch")
    collector = await ForkedProcess(*command).start(os.environ, stdout=DEVNULL, stderr=DEVNULL)
    try:
        await sight.see("#calendar .row .title", "Stand-up")
        await sight.see(".sources-open", "1 source fresh")
        await sight.see("#calendar .row.flash")
        await sight.see("#calendar .row .by", "work (ICS)")
        write("Stand-up, moved")
        await sight.see("#calendar .row .title", "Stand-up, moved")
    finally:
        collector.terminate()
        await asyncio.wait_for(collector.wait(), WAIT_S)


async def test_two_pages_are_in_step_and_each_says_who_changed_what(look: Look, ana: PythonClient) -> None:
    await ana.done("priorities:put", items=[priority(1), priority(2)])
    one, other = await look(), await look()
    await one.type("done P2")
    await other.see('#priorities [data-code="P2"].done')
    await other.see('#priorities [data-code="P2"].flash .by', "someone at the dashboard")
    await one.see('#priorities [data-code="P2"].done')
    await one.gone('#priorities [data-code="P2"].flash')
    await other.type("add priority Call the bank")
    await one.see('#priorities [data-code="P3"]', "Call the bank")
    rows = "#priorities .row .opener"
    assert await one.shown(rows) == await other.shown(rows)


async def test_a_hostile_item_is_text(look: Look, ana: PythonClient) -> None:
    zalgo = "z" + "̴̡̛̗̣̩̀́̂" * 40 + "algo"
    titles = [
        '<img src=x onerror="document.title=1">',
        "<script>document.title=2</script>",
        "A" * 10_000,
        "\u05e9\u05dc\u05d5\u05dd \u202etxt.exe abc",
        zalgo,
        "${document.title=3} {{4}} javascript:5",
    ]
    items = [priority(number, title=title, description=title) for number, title in enumerate(titles)]
    await ana.done("priorities:put", items=items)
    await ana.done("brief:set", brief={"title": titles[0], "markdown": titles[1], "kind": titles[3][:50]})
    await ana.done("priorities:edit", code="P1", set={"url": "https://example.org/<b>", "note": titles[0]})
    sight = await look()
    await sight.see('#priorities [data-code="P1"] .title', titles[0])
    await sight.see('#priorities [data-code="P3"] .title', "AAAA")
    assert len((await sight.shown('#priorities [data-code="P3"] .title'))[0]) < 400
    assert await sight.page.locator("main img, main script, main b b").count() == 0
    assert await sight.page.title() == "Adjutant"
    boxes = await sight.page.locator("#priorities .row").evaluate_all(
        "rows => rows.map(r => [r.getBoundingClientRect().bottom, r.querySelector('.title')])"
        ".map(([bottom, title]) => title.getBoundingClientRect().bottom <= bottom + 1)"
    )
    assert all(boxes)  # no text reaches into its neighbour's row
    for code in ("P1", "P3", "P4", "P5"):
        await sight.page.click(f'#priorities [data-code="{code}"] .opener')
        await sight.see("#item .code", code)
    width = await sight.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0
    await sight.page.click('#priorities [data-code="P1"] .opener')
    await expect(sight.page.locator("#item dd a")).to_have_attribute("rel", "noopener noreferrer")


async def test_a_thousand_events_and_five_hundred_priorities_change_one_by_one(
    look: Look, ana: PythonClient
) -> None:
    events = [{"id": f"e{n}", "title": f"Event {n}", "start": in_minutes(60 * n + 60)} for n in range(1000)]
    own = await look()  # somebody who looks while all of this comes
    await ana.done("calendar:put", items=events)
    await ana.done("priorities:put", items=[priority(number) for number in range(500)])
    sight = await look()
    for page in (own.page, sight.page):
        await expect(page.locator("#priorities .row")).to_have_count(500)
        await expect(page.locator("#calendar .row").first).to_be_visible()
    await sight.page.evaluate(
        """() => {
            globalThis.touched = new Set();
            const row = (node) => (node.closest ? node : node.parentElement).closest(".row");
            const where = ({target}) => row(target)?.dataset.code ?? "elsewhere";
            const note = (changes) => changes.forEach((change) => touched.add(where(change)));
            new MutationObserver(note).observe(document.querySelector("#priorities ol"),
                {subtree: true, childList: true, characterData: true, attributes: true});
        }"""
    )
    await ana.done("priorities:edit", code="P250", set={"title": "Changed"})
    await sight.see('#priorities [data-code="P250"] .title', "Changed")
    assert await sight.page.evaluate("[...touched]") == ["P250"]


async def test_the_wall_shows_the_board_and_nothing_to_press(look: Look, ana: PythonClient) -> None:
    await ana.done("priorities:put", items=[priority(1)])
    sight = await look("/#wall")
    await sight.see('#priorities [data-code="P1"]')
    await expect(sight.page.locator("#palette")).to_be_hidden()
    await sight.gone("#page button:not(.code)")
    await sight.press("Tab", "Delete", "Control+Enter")
    await sight.type("drop P1")
    assert [item["status"] for item in (await ana.state())["priorities"]] == ["open"]


async def test_an_item_is_looked_at_closely_with_its_past(look: Look, ana: PythonClient) -> None:
    await ana.done("priorities:put", items=[priority(1, description="Before noon.")])
    await ana.done("command:run", text="snooze P1 2h")
    sight = await look()
    await sight.page.click('#priorities [data-code="P1"] .opener')
    await sight.see("#item .prose", "Before noon.")
    await sight.see("#item .past li", "snooze P1 2h")
    await sight.see("#item .past li", "ana")
    await ana.done("command:run", text="reopen P1")
    await sight.see("#item .past li", "reopen P1")
    await ana.done("command:run", text="drop P1")
    await sight.see("#item.gone")


async def test_on_a_phone_nothing_is_wider_than_the_screen(look: Look, ana: PythonClient) -> None:
    await ana.done("priorities:put", items=[priority(1, title="W" * 500)])
    await ana.done("commitments:put", items=[commitment(1, description="i " * 500)])
    sight = await look(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    await sight.page.click(".tabs [data-name=list]")
    await sight.see('#priorities [data-code="P1"]')
    assert await sight.page.evaluate("document.documentElement.scrollWidth") <= 360
    await expect(sight.page.locator(".tabs [data-name=search]")).to_be_in_viewport()


async def test_on_a_phone_what_is_to_be_touched_is_large_enough(look: Look, ana: PythonClient) -> None:
    call = {"id": "call", "title": "Board call", "start": in_minutes(60), "end": in_minutes(120)}
    await ana.done("calendar:put", items=[call, {"id": "fair", "title": "Fair", "start": in_days(0)}])
    await ana.done("priorities:put", items=[priority(1, due_date=in_days(-1)), priority(2)])
    await ana.done("commitments:put", items=[commitment(1, assignee="Grace"), commitment(2)])
    sight = await look(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    small = """() => [...document.querySelectorAll("#page :is(button, a), .tabs button")]
        .filter((one) => one.checkVisibility())
        .map((one) => {
            const box = one.getBoundingClientRect();
            const more = parseFloat(getComputedStyle(one, "::after").top) || 0;
            return [one.outerHTML.slice(0, 80), box.height - 2 * Math.min(0, more), box.width];
        })
        .filter(([, height]) => height < 43.5)"""
    for tab in ("today", "list", "brief"):
        await sight.page.click(f".tabs [data-name={tab}]")
        await sight.see(f".tabs [data-name={tab}].on")
        assert await sight.page.evaluate(small) == [], tab


async def test_a_source_that_missed_its_time_is_seen_to_be_stale(look: Look, connect: Connect) -> None:
    collector = await connect(source="ics:work")
    await collector.done("source:hello", ttl_s=1)
    await collector.done("calendar:put", items=[{"id": "fair", "title": "Fair", "start": in_days(3)}])
    sight = await look(viewport={"width": 1900, "height": 800})
    await sight.see(".sources-open.watch", "Calendar")
    await sight.sources()
    await sight.see("#sources .row.stale")
    await sight.see("#sources .note", "1 not up to date")
    await collector.done("calendar:put", items=[{"id": "fair", "title": "Fair, again", "start": in_days(3)}])
    await sight.see("#sources .row.online")


async def test_the_source_of_an_item_is_shown_as_it_is(look: Look, connect: Connect) -> None:
    collector = await connect(source="ics:work")
    run = (await collector.done("source:hello", ttl_s=600))["run"]
    fair = {"title": "Fair", "start": in_minutes(60), "end": in_minutes(120)}
    await collector.done("calendar:put", items=[{"id": "a", **fair}, {"id": "b", **fair}])
    why = "The file is not a calendar:" + " words" * 40
    await collector.done("source:finish", run=run, ok=False, error=why)
    sight = await look(viewport={"width": 1900, "height": 800})
    title = sight.page.locator('#calendar .stale[data-code="C1"] .opener')
    await expect(title).to_have_attribute("title", re.compile(r"ics:work \(error\)"))
    await sight.see(".sources-open.watch", "Calendar failed")
    await sight.sources()
    await sight.see("#sources .run.failed", "failed")
    await expect(sight.page.locator("#sources .message")).to_have_attribute("title", why)
    edges = await sight.page.locator("#sources .row > *").evaluate_all(
        "parts => parts.filter(part => part.offsetWidth).map(part => [part.offsetLeft, part.offsetWidth])"
    )
    assert all(left + width <= other for (left, width), (other, _) in pairwise(edges))
    await sight.type("drop C1")
    await sight.see("#sources .count:has-text('dropped')", "1 item, 1 dropped by people")
    mails = await connect(source="mail:inbox")
    run = (await mails.done("source:hello", ttl_s=600))["run"]
    done = await mails.done("records:put", records=[{"id": "a", "text": "Hello", "at": "2026-11-23"}])
    await mails.done("source:finish", run=run, ok=True, records=done["held"])
    await sight.see("#sources .count:has-text('record')", "1 record")


async def test_the_view_of_an_item_that_is_gone_asks_for_nothing_more(look: Look, ana: PythonClient) -> None:
    await ana.done("priorities:put", items=[priority(1), priority(2)])
    sight = await look()
    await sight.page.click('#priorities [data-code="P1"] .opener')
    await sight.see("#item .actions button", "Done")
    await sight.see("#item .past li")  # what opening it asks for is answered
    asked: list[str] = []
    wire = await sight.page.context.new_cdp_session(sight.page)
    await wire.send("Network.enable")
    wire.on("Network.webSocketFrameSent", lambda frame: asked.append(frame["response"]["payloadData"]))
    await ana.done("priorities:drop", ids=["p1"])
    await sight.see("#item .past li", "ana removed it")
    await sight.gone("#item .actions button")
    for number in range(3):
        await ana.done("priorities:edit", code="P2", set={"title": f"Change {number}"})
        await sight.see('#priorities [data-code="P2"]', f"Change {number}")
    await sight.type("status")  # after it, so that it would have been asked before
    await sight.see("#answer", "IDLE")
    assert sum("state:history" in frame for frame in asked) == 1


async def test_long_words_from_outside_do_not_break_the_head(look: Look, ana: PythonClient) -> None:
    await ana.done("system:set", status="ERROR", message="reading " * 60)
    await ana.done("brief:set", brief={"title": "Monday", "kind": "x" * 200, "text": "Sign it."})
    sight = await look()
    await sight.brief()
    await sight.see("#brief .prose", "Sign it.")
    heights = "places => places.map(place => place.offsetHeight)"
    (bar,) = await sight.page.locator(".bar").evaluate_all(heights)
    (head,) = await sight.page.locator("#brief > header").evaluate_all(heights)
    assert bar < 60
    assert head < 50
    assert await sight.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


async def test_who_changed_the_brief_is_said_for_a_moment(look: Look, ana: PythonClient) -> None:
    sight = await look()
    await ana.done("brief:set", brief={"title": "Monday", "text": "Sign it."})
    await sight.see("#brief-card .by", "ana")
    await sight.gone("#brief-card .by")


async def test_on_a_phone_an_item_opens_at_the_top_and_closing_it_leads_back(
    look: Look, ana: PythonClient
) -> None:
    await ana.done("priorities:put", items=[priority(number) for number in range(60)])
    sight = await look(viewport={"width": 360, "height": 740})
    await sight.page.click(".tabs [data-name=list]")
    row = sight.page.locator('#priorities [data-code="P20"] .opener')
    await row.scroll_into_view_if_needed()
    before = await sight.page.evaluate("scrollY")
    await row.click()
    await expect(sight.page.locator("#item .headline")).to_be_in_viewport()
    await sight.page.click("#item .close")
    await sight.until(f"Math.abs(scrollY - {before}) < 3")


async def test_a_wall_says_when_the_next_meeting_is_on_a_day_without_any(
    look: Look, ana: PythonClient
) -> None:
    start, end = in_minutes(24 * 60), in_minutes(24 * 60 + 30)
    await ana.done("calendar:put", items=[{"id": "t", "title": "Far call", "start": start, "end": end}])
    wall = await look("/#wall")
    await wall.see(".wnext h2", "No meetings today")
    await wall.see(".wnext .wline", "Next: Far call, tomorrow at ")


async def test_on_a_wall_the_sources_that_need_somebody_are_named(look: Look, connect: Connect) -> None:
    for name in ("a:one", "b:two"):
        collector = await connect(source=name)
        run = (await collector.done("source:hello", ttl_s=600))["run"]
        await collector.done("source:finish", run=run, ok=name == "a:one", error="It cannot be read.")
    sight = await look("/#wall")
    await sight.see("#sources", "b:two error")
    assert "a:one" not in (await sight.shown(".wstate"))[0]
    other = await connect(source="c:three")
    run = (await other.done("source:hello", ttl_s=600))["run"]
    await other.done("source:finish", run=run, ok=False, error="It cannot be read.")
    await sight.see("#sources", "2 sources not up to date")
    phone = await look(viewport={"width": 390, "height": 844})
    await phone.see(".sources-open", "2 sources not up to date")
    assert await phone.page.evaluate(
        """() => {
            const { left } = document.querySelector(".sources-open").getBoundingClientRect();
            const day = document.createRange();
            day.selectNodeContents(document.querySelector(".date"));
            return day.getBoundingClientRect().right <= left;
        }"""
    ), "the day and what the sources say lie over each other"


async def test_a_wall_without_sources_says_so_and_does_not_scroll(look: Look) -> None:
    wall = await look("/#wall", viewport={"width": 1920, "height": 1080})
    await wall.see("#priorities", "No sources yet.")
    for drift in range(4):
        assert await wall.page.evaluate(
            """(drift) => {
                document.querySelector(".wall-board").className = `wall-board drift-${drift}`;
                return document.documentElement.scrollHeight <= innerHeight;
            }""",
            drift,
        ), drift


async def test_before_the_first_sync_nothing_is_said_to_be_empty(
    look: Look, serve: Serve, tmp_path: Path
) -> None:
    file = tmp_path / "tokens.json"
    tokens.add(file, "ana", Role.EDITOR, None)
    server = await serve("--tokens", str(file), name="guarded")
    sight = await look(url=server.url, stage="refused")
    await sight.see("#sign-in")
    await sight.page.evaluate("new Promise((done) => setTimeout(done, 1_500))")  # the clock has moved once
    assert not any(
        await sight.page.locator(".none, .stepcard").evaluate_all("all => all.map(a => a.checkVisibility())")
    )


async def test_what_a_typed_question_found_is_told(look: Look, ana: PythonClient) -> None:
    sight = await look()
    await sight.type("changes")
    await sight.see("#answer .text", "Since you looked: nothing")
    await ana.done("priorities:put", items=[priority(1, title="Sign the lease")])
    await sight.type("changes")
    await sight.see("#answer .text", "“Sign the lease” is new")
    await sight.type("day friday")
    await sight.see("#answer .text", "Friday")
