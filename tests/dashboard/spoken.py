"""What a screen reader says of the page: Chromium's accessibility tree, a line for each thing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page

from tests.dashboard.screens import screens, whole

# Of which a screen reader says nothing by themselves.
SILENT = {
    "generic",
    "none",
    "InlineTextBox",
    "LineBreak",
    "RootWebArea",
    "ListMarker",
    "LabelText",
    "paragraph",
    "strong",
    "emphasis",
    "superscript",
    "deletion",
    "term",
    "definition",
    "listitem",
    "time",
    "code",
    "blockquote",
    "SvgRoot",
    "Section",
    "sectionheader",
    "sectionfooter",
    "DescriptionList",
}
# Said with all that is in them.
WHOLE = {
    "heading",
    "button",
    "link",
    "menuitem",
    "option",
    "image",
    "textbox",
    "combobox",
    "tab",
    "progressbar",
}
STATES: dict[str, dict[Any, str]] = {
    "expanded": {True: "expanded", False: "collapsed"},
    "pressed": {"true": "pressed", "false": "not pressed"},
    "disabled": {True: "unavailable"},
    "checked": {"true": "checked", "false": "not checked"},
    "hasPopup": {"dialog": "opens a dialog", "menu": "opens a menu"},
    "busy": {True: "busy"},
}
# What is told of a screen, and the part of it that is: its role, and how its name begins.
SCREENS = {
    "desk": ("The page as it opens", "RootWebArea", ""),
    "item": ("An item is open, and its due date is being changed", "region", "P4"),
    "palette": ("A line of three steps is typed", "dialog", "Command line"),
}
HEAD = """# What a screen reader says

In the order in which it is said, from Chromium's own accessibility tree, of the day that the pictures show.
Each thing is said as what it is, its name and its state; what stands further in belongs to what is above it.
A text in quotes is read as it stands. What others change is not read out; what becomes of one's own lines is,
from the log at the end. `make screenshots` writes this page, and a test compares it with the dashboard.
"""


async def run_through(browser: Browser, folder: Path) -> str:
    """The whole page of the guide, as Markdown."""
    return HEAD + "".join([await told(name, page) async for name, page in screens(browser, folder)])


async def told(name: str, page: Page) -> str:
    """What the guide has of the screen of this name, which the page shows; of most it has nothing."""
    if name not in SCREENS:
        return ""
    await page.wait_for_selector(".flash", state="detached")
    await whole(page)
    title, role, begins = SCREENS[name]
    lines = await spoken(page, role, begins)
    return "\n".join(("", f"## {title}", "", "```text", *lines, "```", ""))


async def spoken(page: Page, role: str, begins: str) -> list[str]:
    """Lines, indented as the tree is, of the first thing that is such and has such a name."""
    session = await page.context.new_cdp_session(page)
    nodes = (await session.send("Accessibility.getFullAXTree"))["nodes"]
    known = {node["nodeId"]: node for node in nodes}
    await session.detach()
    first = next(node for node in nodes if _is(node, role, begins))
    return list(_said(first, known, 0))


def _is(node: dict[str, Any], role: str, begins: str) -> bool:
    name = str(node.get("name", {}).get("value", ""))
    return node.get("role", {}).get("value") == role and name.startswith(begins)


def _said(node: dict[str, Any], known: dict[str, Any], depth: int) -> Iterator[str]:
    role = str(node.get("role", {}).get("value", ""))
    children = [known[child] for child in node.get("childIds", ()) if child in known]
    name = " ".join(str(node.get("name", {}).get("value", "")).split())
    deeper = depth
    if role == "StaticText":
        if name and not node.get("ignored"):
            yield "  " * depth + f"“{name}”"
        return
    if not node.get("ignored") and role not in SILENT:
        yield "  " * depth + ", ".join([role, *_name(name), *_states(node)])
        deeper += 1
        if role in WHOLE:
            return
    for child in children:
        yield from _said(child, known, deeper)


def _name(name: str) -> list[str]:
    return [f"“{name}”"] if name else []


def _states(node: dict[str, Any]) -> Iterator[str]:
    told = {one["name"]: one["value"].get("value") for one in node.get("properties", ())}
    if "level" in told:
        yield f"level {told['level']}"
    for name, words in STATES.items():
        if told.get(name) in words:
            yield words[told[name]]
    if value := node.get("value", {}).get("value"):
        yield f"“{value}”"
    if description := node.get("description", {}).get("value"):
        yield f"({' '.join(description.split())})"
