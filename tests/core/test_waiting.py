"""Whose turn it is to be written (hub/waiting): nobody waits behind all that another has sent."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable
from pathlib import Path

import pytest

from sio_server.hub.batch import LARGE, Job
from sio_server.hub.waiting import MAX_BATCH, SHARE, Queue
from sio_server.registry.roles import Role
from tests.core.private import person
from tests.core.seats import Core


def queued(queue: Queue, lane: Hashable, number: int) -> list[Job]:
    jobs = [Job(lambda outcome: None, lane=lane) for _ in range(number)]
    for job in jobs:
        queue.add(job)
    return jobs


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_a_lane_is_kept_and_the_servers_own_comes_after_what_came_before(seed: int) -> None:
    chance, queue = random.Random(seed), Queue()
    came, taken = list[Job](), list[Job]()
    while len(came) < 2_000:
        if chance.random() < 0.02:
            taken += queue.take()
        else:
            came += queued(queue, chance.choice([None, "a", "b", *range(200)]), chance.choice([1, 1, 1, 60]))
        assert len(queue) == len(came) - len(taken)
    while queue:
        taken += queue.take() if len(queue) > 50 else queue.take_all()
    assert {id(job) for job in taken} == {id(job) for job in came}
    assert len(taken) == len(came)
    at = {id(job): place for place, job in enumerate(taken)}
    for lane in {job.lane for job in came} - {None}:
        places = [at[id(job)] for job in came if job.lane == lane]
        assert places == sorted(places)
    for place, job in enumerate(came):
        if job.lane is None:
            assert all(at[id(other)] < at[id(job)] for other in came[:place])


def test_who_sends_many_has_a_share_of_each_batch_and_the_others_are_in_the_next_one() -> None:
    queue = Queue()
    queued(queue, "flood", 10_000)
    assert [job.lane for job in queue.take()] == ["flood"] * SHARE
    few = queued(queue, "few", 3)
    batch = queue.take()
    assert [job for job in batch if job.lane == "few"] == few
    assert len(batch) == SHARE + 3


def test_no_lane_waits_for_ever_however_many_there_are() -> None:
    queue = Queue()
    lanes = 3 * MAX_BATCH
    for lane in range(lanes):
        queued(queue, lane, 100)
    served = {job.lane for _ in range(3) for job in queue.take()}
    assert len(served) == lanes


async def test_a_token_that_sends_much_does_not_hold_up_another(tmp_path: Path) -> None:
    """Nor does a question overtake what its own client wrote before it."""
    async with Core(tmp_path) as core:
        many = [await core.sit(who=person("many", Role.EDITOR)) for _ in range(5)]
        few = await core.sit(who=person("few", Role.EDITOR))
        before = core.state.seq
        sent = [
            (seat, seat.send("priorities:put", {"items": [{"id": f"{at}-{number}", "title": "Many"}]}))
            for number in range(60)
            for at, seat in enumerate(many)
        ]
        own = few.send("priorities:put", {"items": [{"id": "few", "title": "Few"}]})
        asked = few.send("state:get", {"sections": ["priorities"]})
        assert (await few.ack(own))["seq"] - before < 3 * SHARE
        titles = [one["title"] for one in (await few.ack(asked))["data"]["state"]["priorities"]]
        assert "Few" in titles
        assert len(titles) < len(sent)
        acks = [await seat.ack(id) for seat, id in sent]
        seqs = [ack["seq"] for ack in acks]
        assert seqs == sorted(seqs)  # of one token, also over several connections


async def test_a_large_batch_waits_for_its_own_token_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Core(tmp_path) as core:
        worker, left = core.hub._worker, list[int]()
        speculation = worker.speculation

        def begin(job: Job) -> Callable[[], None]:
            left.append(core.hub.queued)
            return speculation(job)

        monkeypatch.setattr(worker, "speculation", begin)
        many = [await core.sit(who=person("many", Role.EDITOR)) for _ in range(5)]
        few = await core.sit(who=person("few", Role.EDITOR))
        for number in range(60):
            for at, seat in enumerate(many):
                seat.send("priorities:put", {"items": [{"id": f"{at}-{number}", "title": "Many"}]})
        for name in ("first", "second"):
            items = [{"id": f"{name}-{number}", "title": "Few"} for number in range(LARGE + 1)]
            assert (await few.ack(few.send("priorities:put", {"items": items})))["ok"]
        assert left[0] > SHARE
        assert len(left) == 2
