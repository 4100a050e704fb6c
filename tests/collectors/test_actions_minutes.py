"""Minutes in the forms of many communities, as whole texts (minutes/README.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date
from pathlib import Path

import pytest

from collectors.actions.item import Found
from collectors.actions.reader import Source, read

FILES = sorted((Path(__file__).parent / "minutes").glob("*.txt"))
MARK = re.compile(r"\s*<<(?P<kind>[+~?])(?P<owners>.*)$")
SHARES = {"marked": 92, "sure": 88, "owners": 90, "all": 75, "likely": 60}
"""What must be found or right, in percent, of all files together."""


@dataclass
class Scores:
    """Hits and misses by what they are of."""

    of: dict[str, list[bool]] = field(default_factory=lambda: {name: [] for name in SHARES})

    def add(self, path: Path) -> None:
        """Reads the file, and compares."""
        lines = path.read_text(encoding="utf-8").split("\n")
        marks = {number: mark for number, line in enumerate(lines, 1) if (mark := MARK.search(line))}
        text = "\n".join(MARK.sub("", line) for line in lines)
        found = {one.line: one for one in read(text, Source(date(2024, 1, 1), UTC)) if one.state == "open"}
        for number, mark in marks.items():
            one = found.pop(number, None)
            if mark["kind"] != "?":
                self._judge(mark, one)
        for one in found.values():
            self.of["sure" if one.sure else "likely"].append(False)

    def _judge(self, mark: re.Match[str], one: Found | None) -> None:
        self.of["all"].append(one is not None)
        if mark["kind"] == "+":
            self.of["marked"].append(one is not None)
        if one is not None:
            self.of["sure" if one.sure else "likely"].append(True)
            if mark["owners"]:
                self.of["owners"].append(_plain(one.who) == _plain(mark["owners"].split(",")))


def _plain(names: list[str] | tuple[str, ...]) -> set[str]:
    return {re.sub(r"[^\w ]", "", name).lower().removeprefix("the ") for name in names}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_of_each_community_most_is_found(path: Path) -> None:
    scores = Scores()
    scores.add(path)
    assert sum(scores.of["all"]) * 2 >= len(scores.of["all"])


def test_of_all_together_so_much_is_found_and_right() -> None:
    scores = Scores()
    for path in FILES:
        scores.add(path)
    shares = {name: 100 * sum(hits) / len(hits) for name, hits in scores.of.items()}
    assert all(shares[name] >= least for name, least in SHARES.items()), shares
