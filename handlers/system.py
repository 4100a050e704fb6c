"""The head line of the board: what the system is doing, and the progress of the collection.

It is derived from the sources' runs. A value set by hand stays until the runs change it.
"""

from __future__ import annotations

from models.collection import Collection, Share
from models.sources import GOING_ON, RunStatus, Source, SourceStatus
from models.system import SYSTEM_ID, SetSystem, SystemItem, SystemState, SystemStatus
from sio_server.registry.errors import bad_request
from sio_server.registry.ops import Ops, Put
from sio_server.registry.registry import Changed, Context, Delta, Family, Section, View
from sio_server.registry.roles import WRITERS

_NOTHING_YET = SystemItem()
_BUSY = frozenset({SystemStatus.COLLECTING, SystemStatus.PROCESSING})
_SOURCES = "sources"
_NAMED_MAX = 3  # the head line is one line


def _follow(before: View, after: View, changed: Changed, ctx: Context) -> Ops:
    """The head line and the collection, as the sources' runs are now."""
    system = after.get(SECTION, SYSTEM_ID) or _NOTHING_YET
    runs = _sources(after, ctx)
    new = system.model_copy(update={"collection": _followed(system.collection, runs, ctx)})
    ran = _sources(before, ctx)
    if _course(ran) != _course(runs):
        new = _led(new, {source.id for source in _busy(ran)}, runs, ctx)
    return [] if new == system else [Put(SECTION.name, new)]


def _led(system: SystemItem, was_busy: set[str], runs: list[Source], ctx: Context) -> SystemItem:
    """The head line; if no run was or is in progress, only failures count."""
    busy, failed = _busy(runs), _failed(runs)
    if busy:
        whole = system.collection
        follows = whole is not None and whole.status is RunStatus.RUNNING
        percent = whole.percent if whole is not None and follows else _mean([run.percent for run in busy])
        message = f"Collecting from {_names(busy)}"
        told: dict[str, object] = {"status": SystemStatus.COLLECTING, "progress": percent}
    elif failed:
        message = "; ".join(f"{run.id}: {run.message or 'its run failed'}" for run in failed[:_NAMED_MAX])
        told = {"status": SystemStatus.ERROR, "progress": 0}
    else:
        message, told = "", {"status": SystemStatus.IDLE, "progress": 100}
    if not busy and _ended_well([run for run in runs if run.id in was_busy], system.collection):
        told |= {"last_sync": ctx.at}
    return system.model_copy(update=told | {"message": message[:1_000] or None})


def _ended_well(ended: list[Source], collection: Collection | None) -> bool:
    """Whether the runs that just ended count as a sync: none of them failed, nor any before them in their
    collection. Earlier failures of other sources do not matter."""
    if any(source.run_status is not RunStatus.DONE for source in ended):
        return False
    runs = {source.run for source in ended}
    whole = collection is None or collection.run not in runs or collection.status is RunStatus.DONE
    return bool(ended) and whole


def _followed(collection: Collection | None, runs: list[Source], ctx: Context) -> Collection | None:
    """The collection with each source's part as its run is now; it is over when all parts are."""
    if collection is None or collection.status is not RunStatus.RUNNING:
        return collection
    by_id = {source.id: source for source in runs}
    shares = tuple(
        _share(share, by_id.get(share.source), collection.run) if share.status in GOING_ON else share
        for share in collection.sources
    )
    percent = _mean([100 if share.status not in GOING_ON else share.percent for share in shares])
    update: dict[str, object] = {"sources": shares, "percent": percent}
    if all(share.status not in GOING_ON for share in shares):
        failed = [share for share in shares if share.status is not RunStatus.DONE]
        update |= {"status": RunStatus.FAILED if failed else RunStatus.DONE, "ended_at": ctx.at}
        if failed:
            names = ", ".join(share.source for share in failed[:_NAMED_MAX])
            update["message"] = f"{len(failed)} of {len(shares)} sources failed: {names}"
    return collection.model_copy(update=update)


def _share(share: Share, source: Source | None, run: int) -> Share:
    if source is None or source.run != run or source.run_status is None:
        update: dict[str, object] = {"status": RunStatus.FAILED, "message": "It began another run."}
    else:
        update = {"status": source.run_status, "percent": source.percent}
        update |= {"counts": source.counts, "message": source.message}
    return share.model_copy(update=update)


def _tick(view: View, ctx: Context) -> Ops:
    """A source that does not finish in time has failed, and the collection goes on without it."""
    system = view.get(SECTION, SYSTEM_ID)
    collection = None if system is None else system.collection
    if system is not None and _tells_of(ctx.private, system):
        return [Put(SECTION.name, system.model_copy(update={"collection": None, "message": None}))]
    if collection is None or collection.status is not RunStatus.RUNNING:
        return []
    if ctx.elapsed_ms < collection.ends_ms:
        return []
    late = {share.source for share in collection.sources if share.status in GOING_ON}
    update = {"run_status": RunStatus.FAILED, "message": "It took longer than a collection is allowed to."}
    return [
        Put(_SOURCES, source.model_copy(update=update))
        for source in _sources(view, ctx)
        if source.id in late and source.run == collection.run
    ]


def _tells_of(private: frozenset[str], system: SystemItem) -> bool:
    """Whether it names a source that is private now."""
    shares = () if system.collection is None else system.collection.sources
    return any(name in (system.message or "") or name in [one.source for one in shares] for name in private)


SECTION = Section(
    "system",
    SystemItem,
    noun="system",
    nouns="system",
    headline="message",
    shape=SystemState,
    place=lambda items: {"system": items[0][1] if items else _NOTHING_YET.model_dump()},
    tick=_tick,
    tick_every_s=2.0,
    follow=_follow,
    follows=frozenset({_SOURCES}),
    shared=True,
)
FAMILY = Family("system", SECTION)


@FAMILY.rule("set", SetSystem, roles=WRITERS, returns=SystemItem)
def set_system(view: View, payload: SetSystem, ctx: Context) -> Delta:
    """Changes the given fields; a collection that ends well counts as the last sync."""
    stated = {name: getattr(payload, name) for name in payload.model_fields_set - {"op"}}
    if not stated:
        raise bad_request("Say which fields to set: status, progress or message.", ("", "sets nothing"))
    nulls = [(name, "must not be null") for name in ("status", "progress") if stated.get(name, 0) is None]
    if nulls:
        raise bad_request("Only the message can be removed.", *nulls)
    old = view.get(SECTION, SYSTEM_ID) or _NOTHING_YET
    if old.status in _BUSY and stated.get("status") is SystemStatus.IDLE:
        stated["last_sync"] = ctx.at
    new = old.model_copy(update=stated)
    return Delta([Put(SECTION.name, new)], lambda after: after.get(SECTION, SYSTEM_ID) or new)


def _sources(view: View, ctx: Context) -> list[Source]:
    return sorted(view.items(ctx.registry.sections[_SOURCES]), key=lambda source: source.id)


def _busy(runs: list[Source]) -> list[Source]:
    return [source for source in runs if source.run_status in GOING_ON]


def _failed(runs: list[Source]) -> list[Source]:
    return [source for source in runs if _has_failed(source)]


def _has_failed(source: Source) -> bool:
    return source.status is SourceStatus.ERROR or source.run_status is RunStatus.FAILED


def _course(runs: list[Source]) -> list[tuple[object, ...]]:
    """The parts of the head line: runs in progress, and runs that failed."""
    return [
        (source.id, source.run, source.run_status, source.percent, _has_failed(source) and source.message)
        for source in runs
        if source.run_status in GOING_ON or _has_failed(source)
    ]


def _names(runs: list[Source]) -> str:
    names = ", ".join(source.id for source in runs[:_NAMED_MAX])
    more = len(runs) - _NAMED_MAX
    return f"{names} and {more} more" if more > 0 else names


def _mean(percents: list[int]) -> int:
    return sum(percents) // len(percents) if percents else 100
