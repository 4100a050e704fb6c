"""What there is no room for is counted on a wall, and whole on paper; nothing is half to be seen."""

from __future__ import annotations

from playwright.async_api import expect

from tests.dashboard.conftest import Look, in_days, in_minutes, priority
from tests.running import PythonClient

WALL = {"viewport": {"width": 1920, "height": 1080}}
# [statements or meetings that are to be seen, those of them that are not whole, the last line]
FITS = """(place) => {
    const box = document.querySelector(place).getBoundingClientRect();
    const all = [...document.querySelectorAll(`${place} li:not(.wmore)`)];
    const more = document.querySelector(`${place} .wmore`);
    const seen = all.filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect());
    const whole = seen.filter((one) => one.bottom <= box.bottom + 1 && one.right <= box.right + 1);
    return [seen.length, seen.length - whole.length, more.textContent];
}"""


async def test_a_wall_shows_the_statements_of_a_brief_that_fit_and_counts_the_others(
    look: Look, ana: PythonClient
) -> None:
    said = "A statement that is long enough for two lines of a wall, and is read from afar"
    items = [{"text": f"{said}, number {number}."} for number in range(20)]
    sections = [{"title": "To decide", "items": items[:10]}, {"title": "Promises", "items": items[10:]}]
    await ana.done("brief:set", brief={"title": "A full day.", "sections": sections})
    wall = await look("/#wall", **WALL)
    await wall.see("#brief .text li")
    await wall.see("#brief .wmore", "more")
    seen, cut, more = await wall.page.evaluate(FITS, "#brief .text")
    assert cut == 0
    assert more == f"and {20 - seen} more"
    assert 3 <= seen < 20
    headings = await wall.page.locator("#brief h4").all()
    assert [await heading.is_visible() for heading in headings] == [True, False]
    # Of another one all is to be seen again.
    await ana.done(
        "brief:set", brief={"title": "A quiet day.", "sections": [sections[0] | {"items": items[:2]}]}
    )
    await wall.see("#brief", "A quiet day.")
    assert await wall.page.evaluate(FITS, "#brief .text") == [2, 0, ""]


async def test_a_wall_cuts_a_brief_of_one_piece_behind_a_whole_line(look: Look, ana: PythonClient) -> None:
    await ana.done(
        "brief:set", brief={"text": "\n".join(f"Line {number} of the day." for number in range(60))}
    )
    wall = await look("/#wall", **WALL)
    await wall.see("#brief .prose", "Line 0")
    await wall.until(
        """(() => {
            const [prose, brief] = ["#brief .prose", "#brief"].map((one) => document.querySelector(one));
            const [inner, outer] = [prose, brief].map((one) => one.getBoundingClientRect());
            const lines = prose.clientHeight / parseFloat(getComputedStyle(prose).lineHeight);
            return prose.scrollHeight > prose.clientHeight && Math.abs(lines - Math.round(lines)) < 0.05
                && inner.bottom <= outer.bottom;
        })()"""
    )


async def test_a_wall_counts_the_meetings_that_it_has_no_room_for(look: Look, ana: PythonClient) -> None:
    title = "A meeting whose title takes three lines where two columns stand side by side, as on a wall"
    items = [
        {
            "id": str(number),
            "title": f"{title} {number}",
            "start": in_minutes(begin),
            "end": in_minutes(begin + 9),
        }
        for number, begin in enumerate(range(30, 330, 10))
    ]
    await ana.done("calendar:put", items=items)
    wall = await look("/#wall", **WALL)
    await wall.see("#calendar .wmore", "more")
    seen, cut, more = await wall.page.evaluate(FITS, "#calendar")
    assert cut == 0
    assert more == f"and {29 - seen} more"  # the first is on the stage


async def test_paper_lists_what_a_block_only_counts(look: Look, ana: PythonClient) -> None:
    times = {"start": in_minutes(60), "end": in_minutes(90)}
    await ana.done(
        "calendar:put", items=[{"id": str(n), "title": f"Meeting {n}"} | times for n in range(1, 10)]
    )
    sight = await look()
    await sight.see("#calendar .pile", "+7 more")
    printed = sight.page.locator("#calendar .printed")
    assert not await printed.is_visible()
    await sight.page.emulate_media(media="print")
    for number in range(3, 10):
        await sight.see("#calendar .printed", f"Meeting {number}")


async def test_on_paper_a_brief_lies_over_nothing(look: Look, ana: PythonClient) -> None:
    await ana.done("priorities:put", items=[priority(1, due_date=in_days(0))])
    await ana.done("brief:set", brief={"title": "Monday", "text": "Sign it."})
    sight = await look()
    await sight.page.click("#brief-card button")
    await sight.see("#brief .prose", "Sign it.")
    await sight.page.emulate_media(media="print")
    boxes = await sight.page.evaluate(
        """() => ["#now", "#brief", "#calendar", "#priorities", ".side"].map((place) => {
            const { top, bottom, left, right } = document.querySelector(place).getBoundingClientRect();
            return [top, bottom, left, right];
        })"""
    )
    for number, (top, bottom, left, right) in enumerate(boxes):
        assert bottom > top
        for other in boxes[number + 1 :]:
            over = (
                top < other[1] - 1 and other[0] < bottom - 1 and left < other[3] - 1 and other[2] < right - 1
            )
            assert not over, boxes
    assert not await sight.page.locator("#brief .close").is_visible()


async def test_what_scrolls_holds_what_is_for_screen_readers_alone(look: Look, ana: PythonClient) -> None:
    """Out of a scroller without a position of its own it would reach beyond the page, and widen it."""
    over = [
        {"id": f"{at}", "title": "A talk of some length", "start": in_minutes(at), "end": in_minutes(at + 9)}
        for at in range(-180, -100, 20)
    ]
    await ana.done("calendar:put", items=over)
    await ana.done("priorities:put", items=[priority(number) for number in range(40)])
    phone = await look(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    await phone.see("#calendar .tag.past")
    assert await phone.page.evaluate("innerWidth") == 390
    await expect(phone.page.locator(".tabs [data-name=search]")).to_be_in_viewport()
    escaping = """() => [...document.querySelectorAll("main, main *, #page *")].filter((one) => {
        const { overflowX, overflowY, position } = getComputedStyle(one);
        const scrolls = /auto|scroll/.test(overflowX + overflowY) && one.checkVisibility();
        return scrolls && position === "static" && one.querySelector(".vh");
    }).map((one) => one.id || one.className)"""
    desk = await look()
    await desk.see('#priorities [data-code="P1"]')
    for sight in (phone, desk):
        assert await sight.page.evaluate(escaping) == []
