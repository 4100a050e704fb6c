"""What a person would call the same task keeps its id, and with it what was decided of it."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.identity import stable_id
from collectors.types import Ask, Mode
from models.commitments import GivenCommitment
from models.priorities import GivenPriority
from tests.collectors.notes import Sorted, collected, read, write

Item = GivenPriority | GivenCommitment


def items(found: Sorted) -> list[Item]:
    return [*found.tasks, *found.promises]


def carried(before: Sorted, after: Sorted) -> dict[str, str]:
    """Which item (by its evidence) is afterwards which, as a board that follows `formerly` sees it."""
    there = {item.id: where(item) for item in items(before)}
    own = {item.id for item in items(after)}
    found = {}
    for item in items(after):
        ids = [item.id, *(id for id in item.formerly if id not in own)]
        old = next((there.pop(id) for id in ids if id in there), "new")
        found[where(item)] = old
    return found


def where(item: Item) -> str:
    assert item.evidence is not None
    return f"{item.evidence.file}:{item.evidence.line}"


@pytest.mark.parametrize(
    "line",
    [
        "- [ ] Send the slides to Ana",
        "* [ ] Send the slides to Ana",
        "    - [ ] Send the slides to Ana",
        "1. [ ] Send the slides to Ana.",
        "> - [ ] Send the slides to Ana",
        "- [/] Send the slides to Ana",
        "- [!] Send the slides to Ana",
        "- [>] Send the slides to Ana",
        "- [ ] **Send** the *slides* to `Ana`",
        "- [ ] send the slides to ana",
        "- [ ] Send the slides to [[People/Ana Lund|Ana]]",
        "- [ ] Send the ==slides== to [Ana](https://example.org)",
        "- [ ] Send the slides to Ana by Friday",
        "- [ ] Send the slides to Ana by Monday",
        "- [ ] Send the slides to Ana due: someday",
        "- [ ] Send the slides to Ana due: 2026-12-01 📅 2026-12-02",
        "- [ ] Send the slides to Ana (tomorrow)",
        "- [ ] Send the slides to Ana 📅 2026-12-02",
        "- [ ] Send the slides to Ana ~~📅 2026-12-02~~ 📅 2026-12-03",
        "- [ ] Send the slides to Ana @due(2026-12-02)",
        "- [ ] ⏫ Send the slides to Ana",
        "- [ ] Send the slides to Ana !!",
        "- [ ] Send the slides to Ana #urgent",
        "- [ ] Please urgently send the slides to Ana",
        "- [ ] Send the slides to Ana ASAP",
        "- [ ] Send the slides to Ana by the next meeting",
        "- [ ] Send the slides to Ana [priority:: low]",
        "- [ ] Send the slides to Ana ➕ 2026-11-01 🛫 2026-11-02 ^slides",
        "- [ ] Send   the\tslides to Ana  ",
    ],
)
def test_an_edit_that_leaves_it_the_same_task_to_a_person_keeps_the_id(line: str) -> None:
    (before,) = read("- [ ] Send the slides to Ana\n").tasks
    (after,) = read(f"# New\n\n## Below\n\n- [ ] first\n{line}\n", file="other.md").tasks[1:]
    assert after.id == before.id


@pytest.mark.parametrize(
    "line",
    [
        "- [ ] Send the slides to Bo",
        "- [ ] Send the slides",
        "- [ ] Do not send the slides to Ana",
        "I owe @ana: Send the slides to Ana",
        "- [ ] Send the slides to Ana 🔁 every week 📅 2026-12-01",
    ],
)
def test_other_words_are_another_task(line: str) -> None:
    (before,) = read("- [ ] Send the slides to Ana\n").tasks
    (after,) = items(read(f"{line}\n"))
    assert after.id != before.id


@pytest.mark.parametrize("task", ["Set up the next {}", "Book the next {}", "Move the next {} to Monday"])
def test_a_meeting_that_a_task_is_about_is_a_part_of_it(task: str) -> None:
    lines = [f"- [ ] {task.format(what)}\n" for what in ("meeting", "call")]
    lines.append(f"- [ ] {task.replace(' the next {}', '')}\n")
    assert len({read(line).tasks[0].id for line in lines}) == len(lines)


def test_one_that_recurs_is_another_with_each_date() -> None:
    first, second = (
        read("- [ ] Rent 🔁 every month 📅 2026-12-01\n- [x] Rent 🔁 every month 📅 2026-11-01\n"),
        read("- [ ] Rent 🔁 every month 📅 2027-01-01\n"),
    )
    assert first.tasks[0].id != second.tasks[0].id


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("I owe @ana: the draft by Friday", "- I owe @Ana the **draft** by 1 December"),
        ("@bo owes me the numbers", "- [ ] @bo promised me: the numbers 📅 2026-12-01"),
    ],
)
def test_a_promise_keeps_its_id_as_well(before: str, after: str) -> None:
    (old,), (new,) = read(before).promises, read(f"# a\n\n{after}", file="b.md").promises
    assert old.id == new.id


def test_twins_are_told_apart_and_what_is_done_is_one_of_them() -> None:
    first, second = read("- [ ] Call Bo\n- [ ] Call Bo\n").tasks
    assert second.id == f"{first.id}-2"
    (left,) = read("- [x] Call Bo\n- [ ] Call Bo\n").tasks
    assert left.id == second.id
    headed = read("## A\n- [ ] Call Bo\n## B\n- [ ] Call Bo\n").tasks
    swapped = read("## B\n- [ ] Call Bo\n## A\n- [ ] Call Bo\n").tasks
    assert [task.id for task in headed] == [task.id for task in reversed(swapped)]


A, B = "# Alpha\n- [ ] Call Bo\n", "# Beta\n- [ ] Call Bo\n"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a.md": A}, {"b/c.md": A}, {"b/c.md:2": "a.md:2"}),
        # Of two with the same words each keeps its own, whichever file is renamed, or goes, or comes.
        ({"a.md": A, "b.md": B}, {"a.md": A, "c.md": B}, {"a.md:2": "a.md:2", "c.md:2": "b.md:2"}),
        ({"a.md": A, "b.md": B}, {"b.md": B}, {"b.md:2": "b.md:2"}),
        ({"a.md": A, "b.md": B}, {"a.md": A}, {"a.md:2": "a.md:2"}),
        ({"a.md": A}, {"a.md": A, "b.md": B}, {"a.md:2": "a.md:2", "b.md:2": "new"}),
        # The older of them was there before.
        (
            {"2026-11-20.md": A},
            {"2026-11-20.md": A, "2026-11-10.txt": "- [ ] x\n", "1 2026-11-22.md": B},
            {"2026-11-20.md:2": "2026-11-20.md:2", "2026-11-10.txt:1": "new", "1 2026-11-22.md:2": "new"},
        ),
        # What is done and comes again is new.
        (
            {"2026-11-20.md": A},
            {"2026-11-20.md": A.replace("[ ]", "[x]"), "2026-11-22.md": B},
            {"2026-11-22.md:2": "new"},
        ),
        ({"a.md": A}, {"a.md": A + "- [ ] Call Bo\n"}, {"a.md:2": "a.md:2", "a.md:3": "new"}),
        ({"a.md": A + "- [ ] Call Bo\n"}, {"a.md": A}, {"a.md:2": "a.md:2"}),
    ],
)  # fmt: skip
def test_items_of_the_same_words_keep_what_was_decided_of_each(
    tmp_path: Path, before: dict[str, str], after: dict[str, str], expected: dict[str, str]
) -> None:
    first = collected(write(tmp_path / "one", before))
    assert carried(first, collected(write(tmp_path / "two", after))) == expected


def test_a_quick_run_calls_them_as_a_full_one_does(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": A, "b.md": B, "c.md": "- [ ] alone\n"})
    full = collected(tmp_path)
    since = datetime.now(UTC) + timedelta(hours=1)
    later = (since + timedelta(hours=1)).timestamp()
    for name in ("b.md", "c.md"):
        os.utime(tmp_path / name, (later, later))
    quick = collected(tmp_path, ask=Ask(Mode.QUICK, since))
    assert [task.id for task in quick.tasks] == [task.id for task in full.tasks[1:]]
    # It does not see the first of two, and takes nothing that may be the other's.
    assert not set(quick.tasks[0].formerly) & {
        id for task in full.tasks[:1] for id in (task.id, *task.formerly)
    }


def test_the_ids_of_earlier_versions_are_named_as_former_ones(tmp_path: Path) -> None:
    text = (
        "- [ ] Send *slides* by Friday !!\n- [ ] Call Bo\n- [ ] Call Bo\n\nI owe @ana: the draft by Friday\n"
    )
    found = collected(write(tmp_path, {"team/a.md": text, "b.md": "- [ ] Call Bo\n"}))
    old = {where(item): item.formerly[-1] for item in items(found)}
    bo = stable_id("team/a.md", "task", "Call Bo")
    assert old == {
        "b.md:1": stable_id("b.md", "task", "Call Bo"),
        "team/a.md:1": stable_id("team/a.md", "task", "Send slides by Friday !!"),
        "team/a.md:2": bo,
        "team/a.md:3": f"{bo}-2",
        "team/a.md:5": stable_id("team/a.md", "owe", "I owe @ana: the draft by Friday"),
    }
