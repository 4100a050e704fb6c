"""The brief on the page: what the server made, what it rests on, and whether it still holds."""

from __future__ import annotations

import json
import subprocess

import pytest
from playwright.async_api import expect

from tests.dashboard.browsing import Sight
from tests.dashboard.conftest import Look, commitment, in_days, in_minutes, priority
from tests.node.driver import require_node
from tests.planted import FORMS
from tests.running import ROOT, PythonClient


@pytest.fixture
async def sight(look: Look, ana: PythonClient) -> Sight:
    """A board on which the server has made the brief of the day."""
    await ana.done(
        "priorities:put", items=[priority(1, title="Sign the budget", due_date=in_days(0)), priority(2)]
    )
    await ana.done("commitments:put", items=[commitment(1, due_date="2020-01-01")])
    sight = await look()
    await sight.type("brief")
    await sight.see("#brief .headline")
    return sight


async def test_a_brief_of_the_server_is_shown_once(sight: Sight) -> None:
    await sight.see("#brief h4", "To decide")
    await sight.gone("#brief .prose")
    said = (await sight.shown("#brief .text"))[0]
    assert said.count("Promise 1") == 1


async def test_the_codes_in_a_brief_open_what_it_rests_on(sight: Sight) -> None:
    assert "commitments/" not in (await sight.shown("#brief"))[0]
    await expect(sight.page.locator("#brief li button.code[data-code=M1]")).to_have_count(1)
    await sight.page.click("#brief li button.code[data-code=M1]")
    await sight.see("#item .headline", "Promise 1")


async def test_a_brief_that_is_outdated_says_so_and_is_made_anew(sight: Sight, ana: PythonClient) -> None:
    await expect(sight.page.locator("#brief .anew")).to_be_hidden()
    await ana.done("commitments:complete", code="M1")
    await sight.see("#brief .note.warn", "outdated")
    await sight.page.click("#brief .anew")
    await sight.gone("#brief .note.warn")
    await expect(sight.page.locator("#brief .anew")).to_be_hidden()


async def test_when_an_item_is_gone_nothing_in_the_brief_opens_it(sight: Sight, ana: PythonClient) -> None:
    await ana.done("commitments:drop", codes=["M1"])
    await sight.gone("#brief button.code[data-code=M1]")
    await sight.see("#brief li:has-text('Promise 1')", "Promise 1")


async def test_records_that_a_brief_rests_on_are_one_sign(look: Look, ana: PythonClient) -> None:
    await ana.done("priorities:put", items=[priority(1)])
    evidence = ["priorities/p1", "records/slack:team/9", "records/mail:inbox/a/b"]
    sections = [
        {"title": "First", "items": [{"text": "They wait for it. P2 does not.", "evidence": evidence}]}
    ]
    await ana.done("brief:set", brief={"sections": sections, "text": "not this"})
    sight = await look()
    await sight.brief()
    await sight.see("#brief li button.code", "P1")
    await expect(sight.page.locator("#brief .evidence")).to_have_count(1)
    sign = sight.page.locator("#brief .evidence")
    await expect(sign).to_have_attribute("title", "Rests on slack:team/9, mail:inbox/a/b")
    await sight.gone("#brief button.code[data-code=P2]")


MAIL = "Hello Ana,\n\nBo wants the figures for May by Friday.\n\n" + "And much more, line by line.\n" * 600


async def test_what_a_brief_quotes_is_opened_from_it_by_key_and_leads_back(
    look: Look, ana: PythonClient
) -> None:
    meta = {"from": "Eva Novak", "to": ["Ana Silva"]}
    mail = {"id": "m1", "title": "Figures", "text": MAIL, "at": "2026-01-15T12:00:00Z", "meta": meta}
    await ana.done("records:put", records=[mail])
    await ana.done(
        "calendar:put", items=[{"id": "e1", "title": "Figures for May", "start": "2027-06-01T09:00:00Z"}]
    )
    sight = await look()
    await sight.type("brief C1")
    await sight.page.focus("#brief .evidence")
    await sight.press("Enter")
    await sight.see("#record h3.bt", "Figures")
    await sight.see("#record mark", "Bo wants the figures for May by Friday")
    for said in ("Eva Novak", "Ana Silva", "Jan", "local"):
        await sight.see("#record .fields", said)
    await sight.has_focus("record-title")
    before = len((await sight.shown("#record .prose"))[0])
    await sight.page.click("#record [data-act=read-on]")
    await expect(sight.page.locator("#record [data-act=read-on]")).to_be_visible()
    await sight.until(f"document.querySelector('#record .prose').textContent.length > {before + 5_000}")
    await sight.press("Escape")
    await sight.see("#brief .headline")
    await expect(sight.page.locator("#brief .evidence")).to_be_focused()
    await sight.press("Escape")
    await sight.gone("#brief")


async def test_a_line_opens_the_record_behind_a_hit_and_an_item_leads_to_its_own(
    look: Look, ana: PythonClient
) -> None:
    await ana.done("records:put", records=[{"id": "m1", "text": MAIL, "at": "2026-01-02T09:00:00Z"}])
    evidence = {"file": "records/local/m1", "quote": "Bo wants the figures for May by Friday."}
    await ana.done("priorities:put", items=[priority(1, evidence=evidence)])
    sight = await look()
    await sight.type("search figures")
    await sight.see("#found .record .code", "S1")
    await sight.type("show S1")
    await sight.see("#record mark", "figures")
    await sight.press("Escape")
    await sight.gone("#record")
    await sight.page.click("li[data-code=P1] .opener")
    await sight.page.click("#item .from-record")
    await sight.see("#record mark", "Bo wants the figures for May by Friday")
    await sight.press("Escape")
    await sight.see("#item .from-record")


async def test_a_record_that_is_gone_says_so_and_its_words_can_be_searched(
    look: Look, ana: PythonClient
) -> None:
    evidence = ["records/slack:team/9", "records/mail:inbox/b"]
    sections = [{"title": "First", "items": [{"text": "They wait for it.", "evidence": evidence}]}]
    await ana.done("brief:set", brief={"sections": sections})
    sight = await look()
    await sight.brief()
    await sight.page.click("#brief .evidence")
    await sight.see("#record .none", "There is no such record")
    await sight.page.click("#record [data-ref='mail:inbox/b']")
    await sight.see("#record .none", "There is no such record")
    await sight.page.click("#record [data-act=search-quote]")
    await expect(sight.page.locator("#line")).to_have_value("search They wait for it.")


async def test_on_a_wall_a_brief_is_whole_though_nothing_is_to_press(look: Look, ana: PythonClient) -> None:
    await ana.done("commitments:put", items=[commitment(1, due_date="2020-01-01")])
    await ana.done("brief:generate", kind="daily")
    sight = await look("/#wall")
    await sight.see("html.wall #brief li .code", "M1")
    await expect(sight.page.locator("#brief .make")).to_be_hidden()


async def test_the_wall_shows_ones_own_brief_while_it_is_the_newest(look: Look, ana: PythonClient) -> None:
    await ana.done("brief:set", brief={"title": "Ours", "text": "For all"})
    wall = await look("/#wall")
    await wall.see("html.wall #brief .text", "For all")
    desk = await look()
    await desk.type("brief weekly")
    await wall.see("html.wall #brief .text", "Week from")
    await ana.done("brief:set", brief={"title": "Ours", "text": "For all again"})
    await wall.see("html.wall #brief .text", "For all again")


async def test_the_panel_shows_ones_own_brief_while_it_is_the_newest_as_the_wall_does(
    look: Look, ana: PythonClient
) -> None:
    await ana.done("brief:set", brief={"title": "Ours", "text": "For all"})
    desk = await look()
    await desk.type("brief weekly")
    await desk.see("#brief .text", "Week from")
    await ana.done("brief:set", brief={"title": "Ours", "text": "For all again"})
    await desk.see("#brief .text", "For all again")
    await desk.type("brief weekly")
    await desk.see("#brief .text", "Week from")


SECRETS = {
    "location": "https://zoom.us/j/99988877766?pwd=s3cretA Passcode: s3cretB",
    "description": "Kenncode: s3cretC\nJoin: https://meet.google.com/s3c-retd",
    "join_url": "https://zoom.us/j/99988877766?pwd=s3cretA",
}


async def test_no_wall_has_a_join_link_or_a_passcode(look: Look, ana: PythonClient) -> None:
    times = {"start": in_minutes(-10), "end": in_minutes(50)}
    later = {"start": in_minutes(20), "end": in_minutes(80)}
    await ana.done(
        "calendar:put",
        items=[
            {
                "id": "now",
                "title": "Call https://zoom.us/j/1?pwd=s3cretE or zoom.us/j/2?pwd=s3cretG",
                "attendees": ["Ana"],
                **times,
                **SECRETS,
            },
            {"id": "next", "title": "Review", **later, **SECRETS},
            *({"id": form, "title": text, **later, "location": text} for form, text in FORMS.items()),
        ],
    )
    owed = [
        commitment(n, description=text, assignee="Ana", direction="owe")
        for n, text in enumerate(FORMS.values())
    ]
    await ana.done("commitments:put", items=owed)
    await ana.done(
        "priorities:put", items=[priority(1, title="Sign (Passwort: s3cretF)", due_date=in_days(0))]
    )
    wall = await look("/#wall")
    await wall.see("#calendar", "Review")
    await wall.see(".wstage h2", "Call Zoom or Zoom")
    await wall.see("#priorities", "Sign")
    whole = await wall.page.content()
    assert "s3c" not in whole, whole[max(0, whole.index("s3c") - 300) :][:600]
    assert "c0de" not in whole
    await ana.done("brief:generate", kind="meeting", code="C1")
    await wall.see("html.wall #brief .text", "Call")
    whole = await wall.page.content()
    assert "s3c" not in whole, whole[max(0, whole.index("s3c") - 300) :][:600]
    assert "c0de" not in whole


def test_the_walls_own_rule_leaves_no_secret_in_any_form() -> None:
    """What stands on boards of older servers, and what the server's rule may miss."""
    module = (ROOT / "dashboard/js/model/join.js").as_uri()
    ask = f"import {{ withoutSecrets }} from {json.dumps(module)};"
    program = f"{ask} console.log(JSON.stringify({json.dumps([*FORMS.values()])}.map(withoutSecrets)));"
    ran = subprocess.run(
        [require_node(), "--input-type=module", "-e", program], check=True, capture_output=True
    )
    assert [said for said in json.loads(ran.stdout) if "s3c" in said or "c0de" in said] == []
