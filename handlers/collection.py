"""Collections: asks connected sources for what they have; `system` shows the progress."""

from __future__ import annotations

from datetime import timedelta

from models.ack import ErrorCode, Retry
from models.base import Nothing, format_instant
from models.collection import CancelCollection, Collection, Share, StartCollection, Started
from models.sources import GOING_ON, Collect, Mode, RunStatus, Source, SourceStatus
from models.system import SYSTEM_ID, SystemItem
from sio_server.registry.errors import Refusal, invalid_state
from sio_server.registry.ops import Json, Ops, Put, SourceCall
from sio_server.registry.registry import Asker, Context, Delta, Family, View
from sio_server.registry.roles import EDITORS
from sio_server.registry.veil import veiled

FAMILY = Family("collection")
LIMIT_S = {Mode.QUICK: 120, Mode.FULL: 1_800}
"""In seconds: a source that is not finished by then has failed, unless the start says otherwise."""


@FAMILY.rule("start", StartCollection, roles=EDITORS, returns=Started)
def start(view: View, payload: StartCollection, ctx: Context) -> Delta:
    """Asks all connected sources, or the named ones, to collect; `system` shows the progress."""
    running = _running(view, ctx)
    view = veiled(view, ctx.private, ctx.registry)  # everybody sees which sources it asks
    if running is not None:
        message = (
            f"Collection {running.run} is already running, since {running.started_at}: wait, or cancel it."
        )
        details = {"run": running.run, "mode": running.mode, "by": running.by}
        details |= {} if running.by_name is None else {"name": running.by_name}
        raise Refusal(ErrorCode.BUSY, message, retry=Retry.AFTER, after_ms=5_000, details=details)
    asked = _asked(view, payload, ctx)
    last = _system(view, ctx).collection
    runs = [source.run for source in asked if isinstance(source.run, int)]
    run = 1 + max([*runs, *([] if last is None else [last.run])], default=0)
    now, limit_s = ctx.now.replace(microsecond=0), payload.limit_s or LIMIT_S[payload.mode]
    collection = Collection(
        run=run,
        mode=payload.mode,
        by=ctx.principal.actor,
        by_name=ctx.principal.other_name,
        started_at=format_instant(now),
        ends_by=format_instant(now + timedelta(seconds=limit_s)),
        ends_ms=ctx.elapsed_ms + limit_s * 1000,
        sources=tuple(Share(source=source.id) for source in asked),
    )
    begun = {"run": collection.run, "run_at": collection.started_at, "run_status": RunStatus.ASKED}
    begun |= {"percent": 0, "counts": None}
    ops: Ops = [_put_collection(view, ctx, collection)]
    ops += [Put(_SOURCES, source.model_copy(update=begun)) for source in asked]
    calls = tuple(
        SourceCall(source.id, collection.run, "source:collect", _collect(collection, source))
        for source in asked
    )
    return Delta(ops, {"run": collection.run, "sources": [source.id for source in asked]}, calls=calls)


@FAMILY.query("status", Nothing, returns=Collection, nullable=True)
def status(asker: Asker, payload: Nothing) -> Json:
    """The running collection, or the last one; null if there was none."""
    system = asker.item(_SYSTEM, SYSTEM_ID)
    return system.collection if isinstance(system, SystemItem) else None


@FAMILY.rule("cancel", CancelCollection, roles=EDITORS, returns=Nothing)
def cancel(view: View, payload: CancelCollection, ctx: Context) -> Delta:
    """Ends the collection: whatever its sources send for it from now on is refused."""
    running = _running(view, ctx)
    if running is None or running.run != payload.run:
        raise invalid_state("This collection is not running: it is over, or never existed.")
    shares = {share.source for share in running.sources if share.status in GOING_ON}
    fenced = {"run": running.run + 1, "run_status": RunStatus.CANCELLED}
    stopped = [
        Put(_SOURCES, source.model_copy(update=fenced))
        for source in _sources(view, ctx)
        if source.id in shares and source.run == running.run
    ]
    message = f"Cancelled by {ctx.principal.name}."
    update: dict[str, object] = {"status": RunStatus.CANCELLED, "ended_at": ctx.at, "message": message}
    update["sources"] = tuple(
        share.model_copy(update={"status": RunStatus.CANCELLED}) if share.source in shares else share
        for share in running.sources
    )
    return Delta([_put_collection(view, ctx, running.model_copy(update=update)), *stopped], {})


_SYSTEM, _SOURCES = "system", "sources"


def _running(view: View, ctx: Context) -> Collection | None:
    collection = _system(view, ctx).collection
    return collection if collection is not None and collection.status is RunStatus.RUNNING else None


def _asked(view: View, payload: StartCollection, ctx: Context) -> list[Source]:
    """Errors: invalid_state, not_found."""
    can = {source.id: source for source in _sources(view, ctx) if _can(source, payload.mode)}
    if payload.sources is None:
        if not can:
            message = f"No connected collector can be asked for a {payload.mode} run."
            raise invalid_state(f"{message} Start one with --serve; the others push by themselves.")
        return [can[id] for id in sorted(can)]
    known = {source.id for source in _sources(view, ctx)}
    for name in payload.sources:
        if name not in known:
            raise Refusal(ErrorCode.NOT_FOUND, f"There is no source {name}.")
        if name not in can:
            message = f"{name} cannot be asked for a {payload.mode} run: it is not connected, or only pushes."
            raise invalid_state(message)
    return [can[name] for name in dict.fromkeys(payload.sources)]


def _can(source: Source, mode: Mode) -> bool:
    return mode in source.modes and source.status is not SourceStatus.OFFLINE


def _collect(collection: Collection, source: Source) -> Collect:
    return Collect(run=collection.run, mode=collection.mode, since=source.last_push_at)


def _sources(view: View, ctx: Context) -> list[Source]:
    return list(view.items(ctx.registry.sections[_SOURCES]))


def _system(view: View, ctx: Context) -> SystemItem:
    return view.get(ctx.registry.sections[_SYSTEM], SYSTEM_ID) or SystemItem()


def _put_collection(view: View, ctx: Context, collection: Collection) -> Put:
    return Put(_SYSTEM, _system(view, ctx).model_copy(update={"collection": collection}))
