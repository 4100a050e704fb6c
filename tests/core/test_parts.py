"""A batch in parts counts at its last part, all at once, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from models.batch import Put
from sio_server.clients import multipart
from sio_server.clients.multipart import Multipart, PartHeld
from sio_server.registry.errors import Refusal
from sio_server.registry.roles import Principal, Role
from tests.core.seats import Core, Seat, collector

Json = Any

WORK = collector("ics:work")


def items(*ids: str) -> list[Json]:
    return [{"id": id, "title": id.upper()} for id in ids]


async def part(
    seat: Seat, number: int, *ids: str, batch: str = "b", last: bool = False, **fields: Json
) -> Json:
    """The ack of one part."""
    named = {"batch": batch, "number": number, "last": last}
    return await seat.ask("priorities:put", items=items(*ids), part=named, **fields)


async def refused(seat: Seat, number: int, *ids: str, **fields: Json) -> tuple[str, str]:
    ack = await part(seat, number, *ids, **fields)
    assert not ack["ok"], ack
    return ack["error"]["code"], ack["error"]["message"]


async def titles(seat: Seat) -> list[str]:
    return sorted(item["title"] for item in (await seat.state())["priorities"])


async def test_parts_are_one_commit_at_the_last_one(core: Core) -> None:
    work, wall = await core.sit(who=WORK), await core.sit("state")
    await work.done("priorities:put", items=items("a", "b"))
    seq = core.state.seq
    held = await part(work, 1, "b", "c")
    assert (held["data"]["staged"], held["seq"]) == (2, seq)
    assert (await part(work, 2, "d"))["data"]["staged"] == 3
    assert (core.state.seq, await titles(wall)) == (seq, ["A", "B"])
    done = (await part(work, 3, "e", last=True, mode="replace", run=4))["data"]
    counted = {name: done[name] for name in ("added", "changed", "unchanged", "removed", "rejected")}
    assert counted == {"added": 3, "changed": 0, "unchanged": 1, "removed": 1, "rejected": []}
    assert list(done["codes"]) == ["b", "c", "d", "e"]
    assert core.state.seq == seq + 1
    assert await titles(wall) == ["B", "C", "D", "E"]
    assert len(wall.received("state:patch")) == 2
    assert (await wall.item("sources", "ics:work"))["run"] == 4


async def test_a_batch_of_one_part_and_one_that_ends_with_an_empty_one(core: Core) -> None:
    work = await core.sit(who=WORK)
    assert (await part(work, 1, "a", last=True))["data"]["added"] == 1
    await part(work, 1, "b", batch="c")
    assert (await part(work, 2, batch="c", last=True, mode="replace"))["data"]["removed"] == 1
    assert await titles(work) == ["B"]


async def test_rejected_items_are_counted_through_all_parts_and_so_are_twins(core: Core) -> None:
    work = await core.sit(who=WORK)
    await part(work, 1, "a", "b")
    ack = await work.ask(
        "priorities:put",
        items=[{"id": "c"}, *items("a")],
        part={"batch": "b", "number": 2, "last": True},
    )
    assert [(fault["index"], fault["id"]) for fault in ack["data"]["rejected"]] == [(2, "c"), (3, "a")]


@pytest.mark.parametrize("number", [1, 2])
async def test_an_empty_replace_in_parts_needs_to_be_meant_too(core: Core, number: int) -> None:
    work = await core.sit(who=WORK)
    await work.done("priorities:put", items=items("a"))
    if number == 2:
        await part(work, 1)
    assert (await refused(work, number, last=True, mode="replace"))[0] == "bad_request"
    assert await titles(work) == ["A"]


async def test_what_the_last_part_says_counts_for_the_batch(core: Core) -> None:
    work = await core.sit(who=WORK)
    await work.done("priorities:put", items=items("a"))
    await part(work, 1, "b", mode="replace", run=1, op="first")
    done = (await part(work, 2, "c", last=True, mode="replace", complete=False, run=2))["data"]
    assert (done["added"], done["removed"]) == (2, 0)
    assert (await work.item("sources", "ics:work"))["run"] == 2
    assert (await work.ask("priorities:put", items=[], op="first"))["ok"]  # the part's op was not kept


async def test_a_part_out_of_its_place_is_refused_and_the_batch_can_be_sent_again(core: Core) -> None:
    work = await core.sit(who=WORK)
    assert await refused(work, 2, "a") == (
        "invalid_state",
        "Part 2 is out of order: the server has none of the parts before it. Send the batch again"
        " from part 1.",
    )
    await part(work, 1, "a")
    code, message = await refused(work, 3, "c", last=True)
    assert (code, "part 1 was the last to arrive" in message) == ("invalid_state", True)
    assert (await refused(work, 1 + 1, "b", batch="other"))[0] == "invalid_state"
    ack = await work.ask("commitments:put", items=[], part={"batch": "b", "number": 2, "last": True})
    assert ack["error"]["code"] == "invalid_state"
    assert core.state.seq == 0
    assert (await part(work, 2, "b", last=True))["data"]["added"] == 2
    assert (await refused(work, 2, "b", last=True))[0] == "invalid_state"


async def test_a_first_part_begins_anew(core: Core) -> None:
    work = await core.sit(who=WORK)
    await part(work, 1, "a", "b")
    await part(work, 1, "c")
    await part(work, 2, "d", last=True)
    assert await titles(work) == ["C", "D"]


async def test_each_connection_holds_its_own_also_of_one_source(core: Core) -> None:
    first, second = await core.sit(who=WORK), await core.sit(who=WORK)
    await part(first, 1, "a")
    await part(second, 1, "b")
    await part(second, 2, "c", last=True)
    assert await titles(first) == ["B", "C"]
    await part(first, 2, "d", last=True, mode="replace")
    assert await titles(first) == ["A", "D"]


async def test_a_connection_that_ends_leaves_nothing(core: Core) -> None:
    first, wall = await core.sit(who=WORK), await core.sit()
    await part(first, 1, "a")
    first.leave()
    second = await core.sit(who=WORK)
    assert (await refused(second, 2, "b", last=True))[0] == "invalid_state"
    assert await titles(wall) == []
    assert core.state.seq == 0


async def test_an_old_run_is_refused_at_the_last_part_and_nothing_of_it_stays(core: Core) -> None:
    work = await core.sit(who=WORK)
    await part(work, 1, "a", run=1)
    await work.done("source:hello", ttl_s=60)
    await work.done("source:hello", ttl_s=60)
    assert (await refused(work, 2, "b", last=True, run=1))[0] == "source_fenced"
    assert await titles(work) == []


async def test_the_same_op_again_has_one_effect_whatever_the_batch_is_called(core: Core) -> None:
    work = await core.sit(who=WORK)
    await part(work, 1, "a", run=1)
    first = await part(work, 2, "b", last=True, mode="replace", run=1, op="o")
    await work.done("priorities:put", items=items("z"))
    seq = core.state.seq
    await part(work, 1, "a", batch="again", run=1)
    again = await part(work, 2, "b", batch="again", last=True, mode="replace", run=2, op="o")
    assert again == first | {"replay": True}
    assert core.state.seq == seq


@pytest.mark.parametrize(
    ("first", "second", "fields"),
    [(("a",), ("c",), {}), (("b",), ("a",), {}), (("a",), ("b",), {"complete": False})],
    ids=["other items", "another order", "said otherwise"],
)
async def test_the_same_op_for_another_batch_is_a_conflict(
    core: Core, first: tuple[str, ...], second: tuple[str, ...], fields: Json
) -> None:
    work = await core.sit(who=WORK)
    await part(work, 1, "a")
    await part(work, 2, "b", last=True, mode="replace", op="o")
    await part(work, 1, *first)
    assert (await refused(work, 2, *second, last=True, mode="replace", op="o", **fields))[0] == "conflict"
    assert await titles(work) == ["A", "B"]


async def test_people_and_other_sections_take_parts_too(core: Core) -> None:
    person = await core.sit()
    for number, id in ((1, "a"), (2, "b")):
        await person.done(
            "commitments:put",
            items=[{"id": id, "description": id, "direction": "owe"}],
            part={"batch": "b", "number": number, "last": number == 2},
        )
    assert len((await person.state())["commitments"]["owe"]) == 2


async def test_who_may_not_put_holds_no_parts(core: Core) -> None:
    viewer = await core.sit(who=Principal("token:v", "v", Role.VIEWER))
    assert (await refused(viewer, 1, "a"))[0] == "forbidden"
    nobody = await core.sit(who=Principal("token:x", "x", Role.COLLECTOR))
    await part(nobody, 1, "a")
    assert (await refused(nobody, 2, "b", last=True))[0] == "forbidden"
    assert core.state.seq == 0


@pytest.mark.parametrize(
    "named", [{"batch": "", "number": 1}, {"batch": "b", "number": 0}, {"batch": "b"}, 1]
)
async def test_a_part_has_a_name_and_a_number(core: Core, named: Json) -> None:
    work = await core.sit(who=WORK)
    assert (await work.refused("priorities:put", items=[], part=named))["code"] == "bad_request"


# How much is held.


ALL = multipart.SHARE * multipart.BATCH_SIZE_MAX


class Sender:
    """What the staging is told of a client."""

    def __init__(self, held: Multipart, name: str, token: str | None = None) -> None:
        self._held = held
        self._name = name
        self._token = token or name

    def send(self, number: int, count: int, size: int = 0, last: bool = False) -> Any:
        raw: Json = {
            "items": ["x" * (size - 2 - 2 * count), *[0] * (count - 1)] if size else [0] * count,
            "part": {"batch": "b", "number": number, "last": last},
        }
        return self._held.take(self._name, self._token, "priorities:put", Put.model_validate(raw), raw)

    def refused(self, number: int, count: int, size: int = 0) -> str:
        with pytest.raises(Refusal) as refusal:
            self.send(number, count, size)
        return refusal.value.code.value


class Hours:
    """A clock that is set."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_a_batch_has_a_largest_number_of_items_and_a_largest_size() -> None:
    sender = Sender(Multipart(Hours(), ALL), "ada")
    for number in range(1, 11):
        sender.send(number, 5_000)
    assert sender.refused(11, 1) == "too_large"
    assert sender.refused(11, 0) == "invalid_state"
    sender.send(1, 1, multipart.BATCH_SIZE_MAX)
    assert sender.refused(2, 1, 1) == "too_large"
    batch = sender.send(1, 2, last=True)
    assert len(batch[0].items) == 2


def test_all_batches_together_have_a_largest_size() -> None:
    held = Multipart(Hours(), ALL)
    senders = [Sender(held, str(number)) for number in range(6)]
    for sender in senders[:4]:
        sender.send(1, 1, multipart.BATCH_SIZE_MAX - 2)
    assert senders[4].refused(1, 1, 100) == "busy"
    senders[0].send(2, 0, 0, last=True)
    assert isinstance(senders[4].send(1, 1, multipart.BATCH_SIZE_MAX), PartHeld)
    held.forget("1")
    assert isinstance(senders[5].send(1, 1, multipart.BATCH_SIZE_MAX), PartHeld)


def test_one_token_uses_up_its_own_share_by_whatever_many_connections() -> None:
    held = Multipart(Hours(), ALL)
    greedy = [Sender(held, str(number), "greedy") for number in range(4)]
    greedy[0].send(1, 1, multipart.BATCH_SIZE_MAX - 200)
    assert [one.refused(1, 1, 300) for one in greedy[1:]] == ["busy"] * 3
    assert isinstance(greedy[1].send(1, 1, 100), PartHeld)
    assert held.size == multipart.BATCH_SIZE_MAX - 100
    other = Sender(held, "other")
    assert isinstance(other.send(1, 1, multipart.BATCH_SIZE_MAX), PartHeld)
    greedy[0].send(2, 0, 0, last=True)
    assert isinstance(greedy[2].send(1, 1, 300), PartHeld)


def test_where_less_may_be_held_a_batch_may_be_less_too() -> None:
    assert Sender(Multipart(Hours(), 4 << 20), "ada").refused(1, 1, (1 << 20) + 1) == "too_large"


def test_a_batch_that_nobody_goes_on_with_is_let_go() -> None:
    clock = Hours()
    held = Multipart(clock, ALL)
    ada, bob = Sender(held, "ada"), Sender(held, "bob")
    ada.send(1, 1)
    bob.send(1, 1)
    clock.now_s = multipart.IDLE_S
    bob.send(2, 1)
    clock.now_s += 1
    held.tidy()
    assert ada.refused(2, 1) == "invalid_state"
    assert isinstance(bob.send(3, 1), PartHeld)
