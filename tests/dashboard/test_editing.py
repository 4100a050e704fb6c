"""Fields are changed where they stand: by key alone, by mouse alone and by touch alone, each as one line that
can be taken back where it was made."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from playwright.async_api import expect

from tests.conftest import Connect
from tests.dashboard.conftest import Look, commitment, in_days, in_minutes, priority
from tests.running import PythonClient, until_found

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
ROW = '#priorities [data-code="P1"]'


@pytest.fixture
async def ana(connect: Connect) -> PythonClient:
    """Somebody else, on a board with three priorities of notes and a promise."""
    ana, notes = await connect(client="ana"), await connect(source="notes:work")
    items = [priority(1, due_date=in_days(0), minutes=30), priority(2, due_date=in_days(0)), priority(3)]
    await notes.done("priorities:put", items=items)
    await ana.done("commitments:put", items=[commitment(1, assignee="Bo Chen")])
    return ana


async def item(ana: PythonClient, code: str = "P1") -> Any:
    return next(one for one in (await ana.state())["priorities"] if one["code"] == code)


async def becomes(ana: PythonClient, code: str = "P1", **fields: Any) -> None:
    """Returns when the item has these values on the server."""

    async def is_so() -> bool:
        now = await item(ana, code)
        return all(now[name] == value for name, value in fields.items())

    await until_found(is_so, f"{fields} of {code}")


async def test_by_key_a_letter_on_a_row_opens_the_line_with_its_command(
    look: Look, ana: PythonClient
) -> None:
    sight = await look()
    await sight.page.focus(f"{ROW} .opener")
    await sight.press("u")
    await sight.see("#options [role=option]", "urgency P1")
    assert (await item(ana))["urgency"] == "medium"  # a letter alone does nothing
    await sight.press("Enter")
    await expect(sight.page.locator("#line")).to_have_value("urgency P1 ")
    await sight.page.keyboard.type("high")
    await sight.press("Enter")
    await sight.see(f"{ROW}.high")
    await sight.see(f"{ROW} .undo")
    await sight.press("Control+z")
    await sight.gone(f"{ROW}.high")


async def test_by_key_every_field_of_the_details_can_be_changed(look: Look, ana: PythonClient) -> None:
    sight = await look()
    await sight.page.focus(f"{ROW} .opener")
    await sight.press("Enter")
    for word, typed in (
        ("takes", "1h 30m"),
        ("assign", "Bo Chen"),
        ("note", "ask | Ana first"),
        ("due", "none"),
    ):
        await sight.page.focus(f"#item [data-word={word}]")
        await sight.press("Enter")
        await sight.see(f"#item .edit-in[data-word={word}]")
        await sight.see("#item .words", f"{word} P1")
        await sight.press("Control+a")
        await sight.page.keyboard.type(typed)
        await sight.press("Enter")
        await sight.gone("#item .edit-in")
    await sight.see("#item .fields", "90 min")
    await sight.see("#item .note-field", "ask | Ana first")
    await becomes(ana, minutes=90, assignee="Bo Chen", note="ask | Ana first", due_date=None)


async def test_what_is_not_understood_stays_with_the_reason_and_escape_leaves_it(
    look: Look, ana: PythonClient
) -> None:
    sight = await look()
    await sight.page.click(f"{ROW} .m")
    await sight.page.locator(f"{ROW} .edit-in").fill("a while")
    await sight.press("Enter")
    await sight.see(f"{ROW} .fault")
    await expect(sight.page.locator(f"{ROW} .edit-in")).to_have_value("a while")
    await sight.press("Escape")
    await sight.gone(".edit-in")
    assert (await item(ana))["minutes"] == 30


async def test_by_mouse_a_value_is_chosen_and_taken_back_in_place(look: Look, ana: PythonClient) -> None:
    sight = await look()
    await sight.page.click(f"{ROW} .m")
    await sight.page.click(f"{ROW} .choice >> text=45 min")
    await sight.see(f"{ROW} .m", "45 min")
    await sight.page.click(f"{ROW} .undo")
    await sight.see(f"{ROW} .m", "30 min")
    await becomes(ana, minutes=30)


async def test_a_decision_is_shown_beside_what_the_source_says_and_given_back(
    look: Look, ana: PythonClient
) -> None:
    sight = await look()
    await ana.done("command:run", text="takes P1 2h")
    await sight.page.click(f"{ROW} .opener")
    await sight.see("#item .held:has(.link)", "Notes says 30 min")
    await sight.page.click("#item .held .link")
    await sight.see("#item .fields", "30 min")
    await sight.gone("#item .held .link")
    await sight.see("#item .past li", "You changed “Takes” from 120 min to 30 min")
    await sight.see("#item .past", "ana changed “Takes” from 30 min to 120 min")


async def test_a_step_of_the_history_is_taken_back_whoever_made_it(look: Look, ana: PythonClient) -> None:
    sight = await look()
    await ana.done("command:run", text="urgency P1 high")
    await sight.page.click(f"{ROW} .opener")
    await sight.page.click("#item .past li .undo >> nth=0")
    await sight.gone(f"{ROW}.high")
    await becomes(ana, urgency="medium")


async def test_by_touch_a_field_is_changed_on_the_phone(look: Look, ana: PythonClient) -> None:
    sight = await look(**PHONE)
    await sight.page.tap(".tabs [data-name=list]")
    await sight.page.tap(f"{ROW} .opener")
    await sight.page.tap("#item .segments >> text=High")
    await sight.see("#item .segments .on", "High")
    today = await sight.page.evaluate("new Date().toLocaleDateString('sv')")
    tomorrow = (date.fromisoformat(today) + timedelta(days=1)).isoformat()
    await sight.page.tap("#item .value[data-word=due]")
    await sight.page.tap("#item .choice >> text=Tomorrow")
    await sight.gone("#item .edit-in")
    await sight.see("#item .fields", "tomorrow")
    await becomes(ana, urgency="high", due_date=tomorrow)


@pytest.mark.parametrize("way", ["key", "mouse"])
async def test_a_row_is_moved_in_its_list(look: Look, ana: PythonClient, way: str) -> None:
    sight = await look()
    await sight.see(ROW)
    if way == "key":
        await sight.page.focus('#priorities [data-code="P2"] .opener')
        await sight.press("Alt+ArrowUp")
    else:
        grip = await sight.page.locator('#priorities [data-code="P2"] .grip').bounding_box()
        above = await sight.page.locator(ROW).bounding_box()
        assert grip
        assert above
        await sight.page.mouse.move(grip["x"] + 4, grip["y"] + 6)
        await sight.page.mouse.down()
        await sight.page.mouse.move(grip["x"] + 4, above["y"] + 12, steps=4)
        await sight.page.mouse.move(grip["x"] + 4, above["y"] + 4, steps=4)
        await sight.page.mouse.up()
    await sight.see('#answer [data-state="done"]', "rank P2")
    rows = sight.page.locator("#priorities .row .opener .vh")
    await expect(rows).to_have_text(["P2 ", "P1 ", "P3 "])


async def test_what_is_due_before_a_meeting_says_so_and_names_it(look: Look, ana: PythonClient) -> None:
    await ana.done("calendar:put", items=[{"id": "e1", "title": "Board lunch", "start": in_minutes(60)}])
    await ana.done("priorities:put", items=[priority(1)])
    await ana.done("commitments:put", items=[commitment(1, assignee="Bo")])
    await ana.done("command:run", text="due P1 before C1 | due M1 before C1")
    sight = await look()
    row = "#priorities li[data-code=P1] .due"
    await sight.see(row, "before C1")
    await expect(sight.page.locator(row)).to_have_attribute("title", "Board lunch")
    await sight.page.click("li[data-code=P1] .opener")
    await sight.see("#item .decided .held", "before C1 Board lunch")
    await sight.page.click("#item .decided .held .code")
    await sight.see("#item .headline", "Board lunch")
    await ana.done("calendar:drop", codes=["C1"])
    await expect(sight.page.locator(row)).not_to_contain_text("before")
