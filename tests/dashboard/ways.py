"""Three people at the page: one has only a keyboard, one only a mouse, one only a finger. The last two have
an on-screen keyboard, which puts in letters and has no other keys."""

from __future__ import annotations

from typing import Any, ClassVar

from tests.dashboard.browsing import Sight

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
MOST_TABS = 120
# What came to the page that this person does not have.
COUNT = """() => {
    globalThis.came = { key: 0, mouse: 0, touch: 0 };
    addEventListener("keydown", () => (came.key += 1), true);
    addEventListener("pointerdown", ({ pointerType }) => (came[pointerType] += 1), true);
}"""

# The key that comes nearer to the row of a code: Tab until its list has the focus, none where it is reached.
WAY_TO = """(code) => {
    const list = document.querySelector(`[data-list]:has(> [data-code="${code}"])`);
    const stops = [...(list?.querySelectorAll(".opener") ?? [])];
    const at = stops.indexOf(document.activeElement);
    const to = stops.findIndex((stop) => stop.closest("[data-code]")?.dataset.code === code);
    if (at < 0 || to < 0) return "Tab";
    return to > at ? "ArrowDown" : to < at ? "ArrowUp" : null;
}"""


class Way:
    """What all three can do, each in their own way."""

    name: str
    options: ClassVar[dict[str, Any]]

    def __init__(self, sight: Sight) -> None:
        self.sight = sight
        self.page = sight.page

    async def begin(self) -> None:
        """From now on it is noted what comes to the page."""
        await self.page.evaluate(COUNT)

    async def other(self) -> dict[str, int]:
        """How often something came that this person does not have."""
        came: dict[str, int] = await self.page.evaluate("came")
        return {way: number for way, number in came.items() if way != self.name and number}

    async def use(self, selector: str) -> None:
        """Presses what stands there."""
        raise NotImplementedError

    async def row(self, code: str) -> None:
        """Comes to the row of an item."""
        raise NotImplementedError

    async def menu(self, code: str, entry: str) -> None:
        """Opens the menu of a row and chooses the entry that begins so."""
        raise NotImplementedError

    async def details(self, code: str) -> None:
        """Opens the item's own view."""
        raise NotImplementedError

    async def write(self, text: str) -> None:
        """Puts a text in place of what the field says that has the focus."""
        await self.page.evaluate("document.activeElement.select()")
        await self.page.keyboard.insert_text(text)

    async def save(self) -> None:
        """Takes what the field of an item says."""
        await self.use('#page .editor [data-act="save-edit"]')

    async def line(self, text: str) -> None:
        """Gives a line."""
        await self.show("today")
        await self.use(".ask" if self.name != "touch" else ".tabs [data-name=search]")
        await self.write(text)
        await self.use("#palette .send-line")

    async def leave(self) -> None:
        """Leaves the command line."""
        raise NotImplementedError

    async def show(self, tab: str) -> None:
        """Comes to where a part of the page is: all is in sight but on the phone."""

    async def choose(self, part: str) -> None:
        """Comes to one of the lists: all are in sight but on the phone."""


class Keys(Way):
    """By the keyboard alone."""

    name = "key"
    options: ClassVar[dict[str, Any]] = {}

    async def use(self, selector: str) -> None:
        for _ in range(MOST_TABS):
            if await self.page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                return await self.sight.press("Enter")
            await self.sight.press("Tab")
        raise AssertionError(f"Tab never comes to {selector}")

    async def row(self, code: str) -> None:
        """Goes to where it stands; what is still saved may move it, and its editor keeps the arrows."""
        await self.sight.gone("#page .editor")
        for _ in range(MOST_TABS):
            key = await self.page.evaluate(WAY_TO, code)
            if not key:
                return
            await self.sight.press(key)
        raise AssertionError(f"no key comes to {code}")

    async def menu(self, code: str, entry: str) -> None:
        await self.row(code)
        await self.sight.press(".")
        await self.sight.see("#menu")
        for _ in range(20):
            if str(await self.page.evaluate("document.activeElement.textContent")).startswith(entry):
                return await self.sight.press("Enter")
            await self.sight.press("ArrowDown")
        raise AssertionError(f"the menu of {code} has no {entry}")

    async def details(self, code: str) -> None:
        await self.row(code)
        await self.sight.press("Enter")
        await self.sight.see("#item")

    async def write(self, text: str) -> None:
        await self.sight.press("Control+a")
        await self.page.keyboard.type(text)

    async def save(self) -> None:
        await self.sight.press("Enter")

    async def line(self, text: str) -> None:
        await self.sight.press("Control+k")
        await self.sight.type(text)

    async def leave(self) -> None:
        await self.sight.press("Escape")


class Pointer(Way):
    """What a mouse and a finger have in common."""

    async def row(self, code: str) -> None:
        await self.page.locator(f"main li[data-code='{code}']").first.scroll_into_view_if_needed()

    async def details(self, code: str) -> None:
        await self.row(code)
        await self.use(f"main li[data-code='{code}'] .opener")
        await self.sight.see("#item")

    async def menu(self, code: str, entry: str) -> None:
        await self.row(code)
        await self.use(f"main li[data-code='{code}'] [data-act=menu]")
        await self.use(f"#menu [role=menuitem] >> text=/^{entry}/")

    async def leave(self) -> None:
        await self.use("#palette .leave-line")


class Mouse(Pointer):
    """By the mouse alone."""

    name = "mouse"
    options: ClassVar[dict[str, Any]] = {}

    async def use(self, selector: str) -> None:
        await self.page.click(selector)

    async def row(self, code: str) -> None:
        await super().row(code)
        await self.page.hover(f"main li[data-code='{code}']")


class Touch(Pointer):
    """By a finger alone, on a phone."""

    name = "touch"
    options: ClassVar[dict[str, Any]] = PHONE

    async def use(self, selector: str) -> None:
        await self.page.tap(selector)

    async def row(self, code: str) -> None:
        row = self.page.locator(f"main li[data-code='{code}']").first
        list_of_row = await row.evaluate("(row) => row.closest('section').id")
        part = {"commitments": "people"}.get(list_of_row, list_of_row)
        if part in ("priorities", "people", "proposals"):
            await self.choose(part)
        elif part == "calendar":
            await self.show("today")
        await super().row(code)

    async def choose(self, part: str) -> None:
        await self.page.tap(f".lists [data-name={part}]")

    async def show(self, tab: str) -> None:
        await self.page.tap(f".tabs [data-name={tab}]")
        await self.sight.see(f".tabs .on[data-name={tab}]")


WAYS: dict[str, type[Way]] = {way.name: way for way in (Keys, Mouse, Touch)}
