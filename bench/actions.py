"""How well action items are found, compared with labels in real minutes and mails, and how fast."""

from __future__ import annotations

import asyncio
import gc
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date
from functools import cache
from pathlib import Path

from bench.corpus import DATA
from bench.labels import Score, by_range, ranges, sentences, text_of
from bench.table import Table, count, quantile
from collectors.actions.intent import asks_or_promises
from collectors.actions.item import Found
from collectors.actions.lines import read_lines, split
from collectors.actions.meetings import Calendar, named_date, own_date, year_in
from collectors.actions.reader import Reader, Source
from tests.collectors.nasty import NASTY

FILES = 20
WITHIN_S = 600.0
MINUTES_CHARS = 10_000  # about 10 KB, as long minutes are
NASTY_SHOWN = 8  # the slowest shapes: the others are quick
_UNDATED = date(2026, 1, 1)
_BASELINE = re.compile(r"\?|\bplease\b", re.IGNORECASE)


@dataclass
class Half:
    """One half of the labels: the one that the reader was developed on, or the one kept aside."""

    name: str
    score: Score = field(default_factory=Score)
    dates: list[bool] = field(default_factory=list)


@dataclass(frozen=True)
class Agreement:
    """How often a rule agrees with people about sentences."""

    right: int
    wrong: int
    missed: int

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)


async def run(folder: Path) -> Sequence[Table]:
    """The tables; without the folder of real data they are empty."""
    return await asyncio.to_thread(measure)


def measure(minutes: int = 1_000, nasty_chars: int = 1_000_000) -> Sequence[Table]:
    """Reads the labelled texts, this many minutes of 10 KB, and each nasty shape."""
    if not DATA.is_dir():
        return [_minutes([]), _mails([]), _times([], nasty(nasty_chars))]
    return [_minutes(halves()), _mails(mails()), _times(list(read_times(minutes)), nasty(nasty_chars))]


@cache
def halves() -> list[Half]:
    """Compares the labelled minutes with what was found, for each half."""
    found = [Half("developed on"), Half("kept aside")]
    for one, given in by_range(ranges()):
        half, text = found[one.kept], text_of(one.file)
        read = [item for item in read_file(one.file, text) if one.first <= item.line <= one.last]
        half.score.add(given, read)
        meetings = {meeting.line: meeting.day.isoformat() for meeting in _calendar(one.file, text).meetings()}
        half.dates += (meetings.get(line) == day for line, day in one.dates)
    return found


def read_file(file: str, text: str) -> list[Found]:
    """The action items of a file of minutes."""
    name = Path(file).stem
    source = Source(own_date(name) or named_date(name) or _UNDATED, UTC, year_in(name))
    return list(Reader(source, read_lines(split(text))).found())


@cache
def mails() -> list[tuple[str, str, Agreement]]:
    """The rule and the baseline on each half of the labelled sentences."""
    rules: tuple[tuple[str, Callable[[str], object]], ...] = (
        ("question mark or please", _BASELINE.search),
        ("asks_or_promises", asks_or_promises),
    )
    found = []
    for kept, half in ((False, "developed on"), (True, "kept aside")):
        some = [one for number, one in enumerate(sentences(), 1) if (number % 3 == 0) == kept]
        for name, rule in rules:
            said = [(label, bool(rule(sentence))) for label, sentence in some]
            counts = [said.count(pair) for pair in ((True, True), (False, True), (True, False))]
            found.append((half, name, Agreement(*counts)))
    return found


def read_times(minutes: int) -> Iterator[float]:
    """CPU seconds for pieces of real minutes, 10 KB each."""
    texts = [path.read_bytes().decode("utf-8", "replace") for path in sorted(_minutes_files())]
    pieces = (
        text[start : start + MINUTES_CHARS]
        for text in texts
        for start in range(0, len(text) - MINUTES_CHARS, MINUTES_CHARS)
    )
    gc.freeze()  # as a collector does when it starts
    for _, piece in zip(range(minutes), pieces, strict=False):
        began = time.process_time()
        read_file("minutes.md", piece)
        yield time.process_time() - began


def nasty(chars: int) -> list[tuple[str, float, float]]:
    """CPU seconds for each nasty shape: for all of it, and for its first half."""
    found = []
    for name, text in NASTY.items():
        whole = (text * (chars // len(text) + 1))[:chars]
        times = []
        for part in (whole, whole[: chars // 2]):
            began = time.process_time()
            read_file("nasty.md", part)
            times.append(time.process_time() - began)
        found.append((name, times[0], times[1]))
    return found


def _calendar(file: str, text: str) -> Calendar:
    return Calendar(read_lines(split(text)), year_in(Path(file).stem))


def _minutes_files() -> Iterator[Path]:
    for folder in ("openjs-minutes", "k8s-minutes"):
        yield from (DATA / "documents" / folder).rglob("*.md")


def _share(hits: Sequence[bool]) -> str:
    return f"{100 * sum(hits) / len(hits):.0f} % of {len(hits)}" if hits else "none"


def _minutes(halves: Sequence[Half]) -> Table:
    rows = []
    for half in halves:
        score = half.score
        rows.append(
            [
                half.name,
                _share(score.marked),
                _share(score.sure),
                _share(score.owners),
                _share([*score.marked, *score.said]),
                _share(score.likely),
                _share(score.done),
                _share(half.dates),
            ]
        )
    return Table(
        "Action items in labelled minutes",
        (
            "minutes",
            "marked, found",
            "sure, right",
            "owner right",
            "all, found",
            "likely, right",
            "done",
            "dates",
        ),
        rows,
        ("", ">= 92 %", ">= 88 %", ">= 90 %", ">= 75 %", ">= 60 %", "all", "all"),
        ("Lines that a fair reader may see either way count for nothing.",),
    )


def _mails(found: Sequence[tuple[str, str, Agreement]]) -> Table:
    rows = [
        [
            half,
            rule,
            f"{one.right / (one.right + one.wrong):.2f}",
            f"{one.right / (one.right + one.missed):.2f}",
            f"{one.f1:.3f}",
        ]
        for half, rule, one in found
    ]
    return Table(
        "Sentences of mails that ask for something or promise it",
        ("sentences", "rule", "precision", "recall", "F1"),
        rows,
        ("", "", "", "", "above the baseline"),
    )


def _times(minutes_s: Sequence[float], nasty_s: Sequence[tuple[str, float, float]]) -> Table:
    rows = []
    if minutes_s:
        for name, part in (("median", 0.5), ("99th", 0.99), ("worst", 1.0)):
            took = f"{1e3 * quantile(minutes_s, part):.1f}"
            rows.append([f"real minutes of 10 KB, {name} of {count(len(minutes_s))}", took, ""])
    for name, whole_s, half_s in sorted(nasty_s, key=lambda one: -one[1])[:NASTY_SHOWN]:
        rows.append([f"nasty: {name}", f"{1e3 * whole_s:.0f}", f"{whole_s / max(half_s, 1e-4):.1f}"])
    return Table(
        "How long the reader takes",
        ("text", "processor, ms", "times its half"),
        rows,
        ("", "20 for real minutes", "about 2"),
    )
