"""What the pages refer to is there: what their links name, and the decisions that the code names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.running import ROOT

DECISIONS = ROOT / "docs" / "decisions"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES.remove(ROOT / "docs" / "protocol.in.md")  # the template of a page
PACKAGES = [file.parent.name for file in sorted(ROOT.glob("*/__init__.py"))]
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """What a link may name behind `#`."""
    headings = HEADING.findall(page.read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_nowhere(page: Path, link: str) -> bool:
    """Whether what it names is missing; what is on other hosts is not looked at."""
    if re.match(r"[a-z]+:", link):
        return False
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    return not target.exists() or (bool(anchor) and anchor not in anchors(target))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = LINK.findall(CODE.sub("", page.read_text("utf-8")))
    assert [link for link in links if leads_nowhere(page, link)] == []


def test_every_decision_that_the_code_names_exists() -> None:
    numbers = {int(file.name[:4]) for file in DECISIONS.glob("*.md")}
    named = {
        (file.relative_to(ROOT).as_posix(), int(number))
        for package in PACKAGES
        for file in (ROOT / package).rglob("*.py")
        for number in re.findall(r"\bdecision (\d+)\b", file.read_text("utf-8"))
    }
    assert named
    assert [place for place in sorted(named) if place[1] not in numbers] == []
