"""Labels of action items in real minutes, compared with what was found.

An item matches a label on its line, else on an adjacent one; labels that a fair reader may judge either way
count as neither hit, miss nor false alarm. The rules are those of the labels' README.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from bench.corpus import DATA
from collectors.actions.item import Found

LABELS = DATA.parent / "labels"
KEPT_ASIDE = 3  # each third sentence is not looked at while rules are written
"""Every third range, and every third sentence, was not looked at while the reader was made."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Range:
    """Lines of a file that were labelled, from `first` to `last`."""

    file: str
    first: int
    last: int
    kept: bool
    dates: tuple[tuple[int, str], ...]


def ranges() -> list[Range]:
    """All labels. Errors: FileNotFoundError without the folder."""
    found: list[Json] = orjson.loads((LABELS / "ranges.json").read_bytes())
    return [
        Range(
            one["file"],
            one["from_line"],
            one["to_line"],
            number % KEPT_ASIDE == KEPT_ASIDE - 1,
            tuple((date["line"], date["iso"]) for date in one["meeting_dates"]),
        )
        for number, one in enumerate(found)
    ]


def labels() -> Iterator[Json]:
    """Each labelled line."""
    for line in (LABELS / "action-items.jsonl").read_bytes().split(b"\n"):
        if line.strip():
            yield orjson.loads(line)


@dataclass
class Score:
    """The comparison of some ranges with their labels."""

    marked: list[bool] = field(default_factory=list)
    said: list[bool] = field(default_factory=list)
    owners: list[bool] = field(default_factory=list)
    sure: list[bool] = field(default_factory=list)
    likely: list[bool] = field(default_factory=list)
    done: list[bool] = field(default_factory=list)

    def add(self, given: Sequence[Json], read: Sequence[Found]) -> None:
        """Compares the labels of one range with what was read there."""
        free: dict[int, Found] = {}
        for one in read:
            # Those of one line are one item, with the owners of all.
            before = free.get(one.line)
            free[one.line] = replace(before, who=before.who + one.who) if before else one
        met: dict[int, Found] = {}
        hard = [label for label in given if not label["borderline"]]
        soft = [label for label in given if label["borderline"]]
        for beside in ((0,), (1, -1)):
            for label in (*hard, *soft):
                for step in beside if id(label) not in met else ():
                    if (line := label["line"] + step) in free:
                        met[id(label)] = free.pop(line)
                        break
        for label in hard:
            self._judge(label, met.get(id(label)))
        for alarm in free.values():
            (self.sure if alarm.sure else self.likely).append(False)

    def _judge(self, label: Json, one: Found | None) -> None:
        if label["done"]:
            self.done.append(one is None or one.state != "open")
            return
        (self.marked if label["marked"] else self.said).append(one is not None)
        if one is not None:
            (self.sure if one.sure else self.likely).append(True)
            if label["owners"]:
                self.owners.append(_names(one.who) == _names(label["owners"]))


def by_range(ranges: Iterable[Range]) -> Iterator[tuple[Range, list[Json]]]:
    """Each range with its labels."""
    of_file: dict[str, list[Json]] = defaultdict(list)
    for label in labels():
        of_file[label["file"]].append(label)
    for one in ranges:
        inside = [label for label in of_file[one.file] if one.first <= label["line"] <= one.last]
        yield one, inside


def text_of(file: str) -> str:
    """The minutes."""
    return (DATA / "documents" / file).read_bytes().decode("utf-8", "replace")


def sentences() -> list[tuple[bool, str]]:
    """Sentences of mails, and whether each asks for something or promises it."""
    path: Path = DATA / "documents" / "email-intent" / "Ask0729-fixed.txt"
    rows = (line.partition("\t") for line in path.read_text(encoding="utf-8", errors="replace").split("\n"))
    return [(label == "Yes", sentence) for label, tab, sentence in rows if tab]


def _names(names: Iterable[str]) -> set[str]:
    plain = (re.sub(r"[@*_`\[\]()<>]", " ", name).strip(" .:-").lower() for name in names)
    return {re.sub(r"^the ", "", " ".join(name.split())) for name in plain}
