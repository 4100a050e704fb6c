"""A position must prove a common past (state/commit, delivery/sync): whoever holds one of another history
gets a snapshot, without a flag of the operator's."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from sio_server.log.backup import back_up
from tests.core.seats import Core, Seat
from tests.core.test_sync import first_sync, put
from tests.replica import canonical

Json = Any


def new(folder: Path) -> Path:
    """An empty folder."""
    folder.mkdir()
    return folder


async def held(seat: Seat) -> Json:
    """The position that the client holds, as the server gave it."""
    patch = seat.received("state:patch")[-1]
    return {name: patch[name] for name in ("epoch", "seq", "mark")}


def copy_of(folder: Path, to: Path) -> Path:
    """A copy of a running store as `serve.py backup` makes it."""
    to.mkdir()
    back_up(folder / "adjutant.db", to / "adjutant.db")
    return to


@pytest.mark.parametrize("further", [0, 3, 5, 8])
async def test_a_copy_that_was_put_back_is_another_history(tmp_path: Path, further: int) -> None:
    """With as many, fewer and more changes since then than the client has seen."""
    async with Core(new(tmp_path / "live")) as core:
        seat = await core.sit("state")
        for number in range(3):
            await put(seat, f"common{number}")
        old = copy_of(core.folder, tmp_path / "old")
        for number in range(5):
            await put(seat, f"first{number}")
        position = await held(seat)
    async with Core(old) as core:
        other = await core.sit("state")
        for number in range(further):
            await put(other, f"second{number}")
        sync = await first_sync(core, "state", resume=position)
        assert (sync["mode"], sync["why"]) == ("snapshot", "ahead" if further < 5 else "history")
        assert canonical(sync["state"]) == canonical((await other.done("state:get"))["state"])


async def test_of_two_copies_that_both_run_each_has_its_own_history(tmp_path: Path) -> None:
    async with Core(new(tmp_path / "one")) as core:
        seat = await core.sit("state")
        await put(seat, "common")
        shared = await held(seat)
        copy_of(core.folder, tmp_path / "two")
        for number in range(3):
            await put(seat, f"one{number}")
        position = await held(seat)
    async with Core(tmp_path / "two") as core:
        seat = await core.sit("state")
        for number in range(4):
            await put(seat, f"two{number}")
        assert (await first_sync(core, "state", resume=position))["why"] == "history"
        delta = await first_sync(core, "state", resume=shared)
        assert (delta["mode"], len(delta["patches"])) == ("delta", 4)


async def test_a_position_is_looked_up_where_it_is_no_longer_in_memory(core: Core) -> None:
    seat = await core.sit("state")
    for number in range(4):
        await put(seat, f"a{number}")
    patches = seat.received("state:patch")
    core.sync.recent.floor, core.sync.recent._commits = 4, type(core.sync.recent._commits)()
    for patch in patches[:3]:
        position = {name: patch[name] for name in ("epoch", "seq", "mark")}
        assert (await first_sync(core, "state", resume=position))["mode"] == "delta"
        assert (await first_sync(core, "state", resume=position | {"mark": "0" * 16}))["why"] == "history"


async def test_a_restart_changes_nothing_for_whoever_proves_a_past_or_does_not(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        seat = await core.sit("state")
        await put(seat, "a")
        early = await held(seat)
        await put(seat, "b")
        late = await held(seat)
    async with Core(tmp_path) as core:
        for position in (late, {"epoch": late["epoch"], "seq": late["seq"]}):
            assert (await first_sync(core, "state", resume=position))["mode"] == "current"
        for position in (early, {"epoch": early["epoch"], "seq": early["seq"]}):
            assert (await first_sync(core, "state", resume=position))["mode"] == "delta"


async def test_a_store_that_lost_its_newest_changes_gets_a_new_epoch_by_itself(tmp_path: Path) -> None:
    """A client that hands back epoch and seq alone is right, too."""
    async with Core(new(tmp_path / "live")) as core:
        seat = await core.sit("state")
        await put(seat, "a")
        copy_of(core.folder, tmp_path / "old")
        for number in range(3):
            await put(seat, f"lost{number}")
        position = await held(seat)
    shutil.copy(tmp_path / "old/adjutant.db", tmp_path / "live/adjutant.db")
    async with Core(tmp_path / "live") as core:
        other = await core.sit("state")
        for number in range(5):
            await put(other, f"new{number}")
        sync = await first_sync(core, "state", resume={"epoch": position["epoch"], "seq": position["seq"]})
        assert (sync["mode"], sync["why"]) == ("snapshot", "epoch")


async def test_equal_histories_have_equal_marks_and_different_ones_have_not(tmp_path: Path) -> None:
    marks = []
    for name, title in (("a", "Same"), ("b", "Same"), ("c", "Other")):
        async with Core(new(tmp_path / name)) as core:
            seat = await core.sit("state")
            await seat.done("priorities:put", items=[{"id": "x", "title": title}])
            marks.append((await held(seat))["mark"])
    assert marks[0] == marks[1] != marks[2]
