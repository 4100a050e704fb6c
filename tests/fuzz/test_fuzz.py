"""A short run of `make fuzz`, the same each time."""

from __future__ import annotations

import random

import pytest

from tests.fuzz import growth, trying
from tests.fuzz.changing import changed
from tests.fuzz.readers import READERS, Reader

INPUTS = 3_000
SLOW = {"calendars": 150, "mailboxes": 150, "mails": 400, "times": 400, "notes": 200, "actions": 200}


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_whatever_it_is_given_it_reads_or_clearly_refuses(reader: Reader) -> None:
    inputs = SLOW.get(reader.name, INPUTS)
    trial = trying.search(reader, seed=18, inputs=inputs, cpu_s=60.0)
    assert trial.inputs == inputs
    assert not trial.faults, "\n".join(f"{one.what}\n{one.text!r}" for one in trial.faults.values())


@pytest.mark.parametrize("seed", [1, 2])
def test_a_fault_is_found_and_told_by_a_short_input(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(Reader, "examples", ("see | this",))
    monkeypatch.setattr(Reader, "words", ("|",))

    def careless(text: str) -> object:
        _, *parts = text.split("||")
        return parts[0][99] if parts else None

    trial = trying.search(Reader("packets", careless), seed, 500, 60.0)
    assert [fault.text for fault in trial.faults.values()] == ["||"]


@pytest.mark.parametrize(("power", "found"), [(1, 0), (2, 1)])
def test_what_takes_four_times_as_long_for_twice_as_much_is_found(
    monkeypatch: pytest.MonkeyPatch, power: int, found: int
) -> None:
    monkeypatch.setattr(growth, "_cpu_s", lambda _, text: len(text) ** power / 10 ** (4 * power))
    faults = growth.growth(READERS[0], seed=1, shapes=1)
    assert len(faults) == found
    assert all("for each doubling" in fault.what for fault in faults)


def test_the_same_seed_changes_a_text_in_the_same_way() -> None:
    one, two = (
        [changed("a | b", ["c"], ["|"], chance) for _ in range(50)]
        for chance in (random.Random(3), random.Random(3))
    )
    assert one == two
