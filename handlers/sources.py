"""Sources: a line for each collector, from what it says, what it pushes, and when it disconnects."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable
from contextlib import suppress
from datetime import datetime
from typing import Any

from handlers import notices
from models.ack import ErrorCode
from models.base import Item, Nothing, Removed
from models.batch import DISMISSED_MAX
from models.people import GivenPerson
from models.sources import (
    GOING_ON,
    Collect,
    CollectAnswer,
    FinishRun,
    ForgetSource,
    Hello,
    RunProgress,
    RunStatus,
    Source,
    SourcesState,
    SourceStatus,
    Welcome,
)
from sio_server.registry.errors import Refusal, invalid_state, no_room
from sio_server.registry.ops import Drop, Ops, Put, SourceActivity
from sio_server.registry.registry import Asker, Context, Delta, Family, Section, SourceHooks, View
from sio_server.registry.roles import EDITORS, WRITERS, Role
from sio_server.registry.veil import in_reach

FRESH_FOR_S = 60.0
"""A push that changes nothing is noted at most this often, so that it costs no commit."""


def _tick(view: View, ctx: Context) -> Ops:
    """A source that missed its time becomes stale, and its run, if any, has failed."""
    return [
        _put(source, **_missed(source))
        for source in view.items(SECTION)
        if (source.status is SourceStatus.ONLINE or source.run_status in GOING_ON)
        and not _in_time(source, ctx)
    ]


def _missed(source: Source) -> dict[str, Any]:
    told: dict[str, Any] = {"message": _silence(source)}
    told |= {"status": SourceStatus.STALE} if source.status is SourceStatus.ONLINE else {}
    return told | ({"run_status": RunStatus.FAILED} if source.run_status in GOING_ON else {})


SECTION = Section(
    "sources",
    Source,
    noun="source",
    headline="id",
    shape=SourcesState,
    place=lambda items: {"sources": [json for _, json in items]},
    tick=_tick,
    tick_every_s=2.0,
    notices=notices.failed,
)
FAMILY = Family("source", SECTION)
FAMILY.ask("collect", Collect, CollectAnswer)


def _keep_private(asker: Asker, payload: Hello) -> Awaitable[None] | None:
    """Makes the source private before anything of it is on the board. Errors: invalid_state, forbidden."""
    if payload.visible_to is None:
        return None
    who = asker.principal
    if who.source is None or who.role is not Role.COLLECTOR:
        message = "Only a collector's own token can say to whom its source is visible."
        raise Refusal(ErrorCode.FORBIDDEN, message)
    return asker.keep_private(who.source, payload.visible_to)


@FAMILY.rule("hello", Hello, roles=WRITERS, returns=Welcome, prefetch=_keep_private)
def hello(view: View, payload: Hello, ctx: Context) -> Delta:
    """Starts a run of a source, or says what it can be asked for; its older runs are fenced off."""
    known = view.get(SECTION, _own(ctx))
    former = None if known is not None else _former(view, payload, ctx)
    old = known or (_new(view, _own(ctx), ctx) if former is None else _renamed(former, _own(ctx)))
    last = old.run if isinstance(old.run, int) else 0
    modes = old.modes if payload.modes is None else payload.modes
    said = {"ttl_s": payload.ttl_s, "cadence_s": payload.cadence_s, "modes": modes, "writes": payload.writes}
    new = old.model_copy(update=said | _begun(last + 1, ctx))
    if new.last_push_at is None:
        new = new.model_copy(update=_heard(ctx))
    if new.status is not SourceStatus.ERROR:
        fresh = _in_time(new, ctx)
        status = SourceStatus.ONLINE if fresh else SourceStatus.STALE
        new = new.model_copy(update={"status": status, "message": None if fresh else _silence(new)})
    moved = [] if former is None else _moved(view, ctx, former.id, new.id)
    welcome = {"run": new.run, "last_hash": new.last_hash, "me": _known_as(ctx)}
    return Delta([*moved, Put(SECTION.name, new)], welcome)


def _former(view: View, payload: Hello, ctx: Context) -> Source | None:
    """What the source was until now; a token for one source says nothing about others."""
    if ctx.principal.bound:
        return None
    names = [name for name in payload.formerly if name not in ctx.private]
    return next((found for name in names if (found := view.get(SECTION, name)) is not None), None)


def _renamed(source: Source, name: str) -> Source:
    dismissed = tuple(told.replace(f"/{source.id}/", f"/{name}/", 1) for told in source.dismissed)
    return source.model_copy(update={"id": name, "rev": 0, "dismissed": dismissed})


def _moved(view: View, ctx: Context, old: str, new: str) -> Ops:
    """Moves its items to ids that begin with its new name, with codes and decisions (decision 29)."""
    ops: Ops = [Drop(SECTION.name, old)]
    for section in ctx.registry.coded():
        for item in view.items(section):
            if item.source == old:
                id = f"{new}/{item.id.removeprefix(f'{old}/')}"
                moved = item.model_copy(update={"id": id, "source": new})
                ops += [Drop(section.name, item.id, heir=id), Put(section.name, moved)]
    return ops


@FAMILY.rule("progress", RunProgress, roles=WRITERS, returns=Nothing)
def progress(view: View, payload: RunProgress, ctx: Context) -> Delta:
    """Reports the progress of the source's run; the board shows it."""
    old = _of_run(view, payload.run, ctx)
    if old.run_status in (RunStatus.DONE, RunStatus.CANCELLED):
        raise invalid_state(f"Run {payload.run} is over: say hello for the next one.")
    told = {"percent": payload.percent, "run_status": RunStatus.RUNNING, "heard_at": ctx.at} | _heard(ctx)
    # Until something has come of it, why the last run failed is what people need to know.
    if payload.message is not None and (payload.percent or old.status is not SourceStatus.ERROR):
        told |= {"message": payload.message}
    told |= {"status": SourceStatus.ONLINE} if old.status is SourceStatus.OFFLINE else {}
    return Delta([_put(old, **told)], {})


@FAMILY.rule("finish", FinishRun, roles=WRITERS, returns=Nothing)
def finish(view: View, payload: FinishRun, ctx: Context) -> Delta:
    """Ends the source's run, as a success or a failure."""
    old = _of_run(view, payload.run, ctx)
    told: dict[str, Any] = {"counts": payload.counts}
    told |= {} if payload.records is None else {"records": payload.records}
    if payload.ok:
        mark = old.last_hash if payload.hash is None else payload.hash
        told |= {"status": SourceStatus.ONLINE, "run_status": RunStatus.DONE, "percent": 100}
        told |= {"message": payload.message, "last_hash": mark} | _pushed(ctx)
    else:
        why = payload.error or "It failed without saying why."
        told |= {"status": SourceStatus.ERROR, "run_status": RunStatus.FAILED, "message": why}
    return Delta([_put(old, **told)], {})


async def _forget_people(asker: Asker, payload: ForgetSource) -> None:
    """Removes the source's people from the directory, if it can be reached."""
    with suppress(Refusal):
        await asker.records.put_people(payload.source, [], GivenPerson, ())


@FAMILY.rule("forget", ForgetSource, roles=EDITORS, returns=Removed, prefetch=_forget_people)
def forget(view: View, payload: ForgetSource, ctx: Context) -> Delta:
    """Removes a source that no longer exists, with all its items. `removed` is 0 for one that is hidden from
    who asks."""
    is_seen, view = view.get(SECTION, payload.source) is not None, in_reach(view, ctx.principal)
    if view.get(SECTION, payload.source) is None:
        raise Refusal(ErrorCode.NOT_FOUND, f"There is no source {payload.source}.")
    items = [
        Drop(section.name, item.id)
        for section in ctx.registry.coded()
        for item in view.items(section)
        if item.source == payload.source
    ]
    return Delta([*items, Drop(SECTION.name, payload.source)], {"removed": len(items) if is_seen else 0})


def _known_as(ctx: Context) -> list[str]:
    """All names and addresses of the person the board is for."""
    names = (name for one in ctx.principal.me for name in (one, *ctx.people.names_of(one)))
    return list(dict.fromkeys(names))


def _own(ctx: Context) -> str:
    if ctx.principal.source is None:
        message = "Only a source can send this: give `source` in the handshake."
        raise Refusal(ErrorCode.FORBIDDEN, message)
    return ctx.principal.source


def _of_run(view: View, run: int | str, ctx: Context) -> Source:
    """The source that is asking, at that run; a run newer than any seen before starts here."""
    source = _own(ctx)
    check(view, source, run)
    old = view.get(SECTION, source) or _new(view, source, ctx)
    if old.run == run:
        return old
    return old.model_copy(update=_begun(run, ctx))


def _begun(run: int | str, ctx: Context) -> dict[str, Any]:
    begun: dict[str, Any] = {"run": run, "run_at": ctx.at, "run_status": None}
    return begun | {"percent": 0, "counts": None, "heard_at": None}


def check(view: View, source: str, run: int | str) -> None:
    """Refuses a run older than the newest seen: numbers by size, texts by their words and numbers."""
    known = view.get(SECTION, source)
    if known is None or known.run is None:
        return
    if type(run) is not type(known.run):
        kind = "numbers" if isinstance(known.run, int) else "texts"
        message = f"The runs of {source} are {kind}, such as {known.run}: say hello to be given a number."
        raise Refusal(ErrorCode.SOURCE_FENCED, message, details={"newest": known.run})
    if _run_order(run) < _run_order(known.run):
        message = f"A newer run of {source} has begun, or this one was cancelled: it is over."
        raise Refusal(ErrorCode.SOURCE_FENCED, message, details={"newest": known.run})


def _run_order(run: int | str) -> list[tuple[int, str]]:
    """run-9 comes before run-10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", str(run))
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def record(view: View, ctx: Context, activity: SourceActivity) -> Ops:
    """Notes what a source pushed, or lost because a person dropped it."""
    old = view.get(SECTION, activity.source)
    new = old or _new(view, activity.source, ctx)
    if activity.grew > 0 and activity.pushed:
        _check_room(new, activity.grew, ctx)
    update: dict[str, object] = {"items": max(0, new.items + activity.grew)}
    if activity.dismissed or activity.back:
        update["dismissed"] = _dismissals(new.dismissed, activity)
    if activity.pushed:
        begun = {} if activity.run in (None, new.run) else _begun(activity.run, ctx)
        update |= begun | {"status": SourceStatus.ONLINE}
        if new.status is SourceStatus.ERROR or update.get("run_status", new.run_status) not in GOING_ON:
            update["message"] = None
    new = new.model_copy(update=update)
    if activity.pushed and (activity.changed or new != old or not _is_noted(new, ctx)):
        new = new.model_copy(update=_pushed(ctx))
    return [Put(SECTION.name, new)]


def _new(view: View, name: str, ctx: Context) -> Source:
    """A source that the board does not know yet. Errors: too_large, when it knows as many as it may."""
    most = ctx.settings.source_limit
    if sum(1 for _ in view.items(SECTION)) >= most:
        message = f"The board already has {most:,} sources, the most it may have: forget one that is gone."
        raise Refusal(ErrorCode.TOO_LARGE, message)
    return Source(id=name)


def _check_room(source: Source, grew: int, ctx: Context) -> None:
    """A collector whose ids change with each run would fill the board: it is stopped, and nobody else is."""
    on_board, settings = ctx.settings.items(), ctx.settings
    for whose, has, most, flag in (
        (source.id, source.items, settings.source_item_limit, "--source-item-limit"),
        ("The board", on_board, settings.item_limit, "--item-limit"),
    ):
        if has + grew > most:
            raise no_room(whose, f"{has:,} items", f"{most:,}", f"{grew:,}", flag)


def _dismissals(known: tuple[str, ...], activity: SourceActivity) -> tuple[str, ...]:
    """Only the newest of each section are kept: no sensible source has more than that many."""
    back = {_name(*named) for named in activity.back}
    kept = [name for name in known if name not in back]
    new = sorted({_name(*named) for named in activity.dismissed} - {*kept, *back})
    names = [*kept, *new]
    beyond: set[str] = set()
    for section in {section for section, _ in activity.dismissed}:
        own = [name for name in names if name.startswith(f"{section}/")]
        beyond.update(own[:-DISMISSED_MAX])
    return tuple(name for name in names if name not in beyond)


def _name(section: str, id: str) -> str:
    return f"{section}/{id}"


def dismissed(view: View, source: str, section: str) -> frozenset[str]:
    """The ids in the section that people dropped, as the board names them."""
    known = view.get(SECTION, source)
    names = () if known is None else known.dismissed
    return frozenset(name.partition("/")[2] for name in names if name.startswith(f"{section}/"))


def left(view: View, ctx: Context, source: str) -> Ops:
    """After the last connection dropped: `offline`, unless the source does not serve and its run was over;
    then its `ttl_s` goes on counting."""
    old = view.get(SECTION, source)
    if old is None or (old.ttl_s is not None and not old.modes and _is_over(old)):
        return []
    gone: dict[str, Any] = {"status": SourceStatus.OFFLINE, "modes": ()}
    if old.run_status in GOING_ON:
        message = f"Its connection dropped in the middle of run {old.run}."
        gone |= {"run_status": RunStatus.FAILED, "message": message}
    return [_put(old, **gone)]


def back(view: View, before: Item) -> Ops:
    """It never left: as it was before, but for a run that was taken for failed."""
    now = view.get(SECTION, before.id)
    if now is None or now.status is not SourceStatus.OFFLINE or not isinstance(before, Source):
        return []
    return [_put(now, status=before.status, modes=before.modes)]


def _is_over(source: Source) -> bool:
    return source.run_status is not None and source.run_status not in GOING_ON


def unheard(view: View, ctx: Context, source: str, run: int, why: str) -> Ops:
    """The source was asked for a run but does not do it."""
    old = view.get(SECTION, source)
    if old is None or old.run != run or old.run_status is not RunStatus.ASKED:
        return []
    return [_put(old, run_status=RunStatus.FAILED, message=why)]


def restarted(view: View, ctx: Context) -> Ops:
    """After a restart the outcome of runs in progress is unknown."""
    message = "The server was restarted in the middle of this run."
    ops: Ops = []
    for source in view.items(SECTION):
        failed = {"run_status": RunStatus.FAILED, "message": message} if source.run_status in GOING_ON else {}
        # Of a store of before there was such a clock, the wall clock has to be believed once.
        told = failed | (_heard(ctx, _age_s(source, ctx)) if source.heard_ms is None else {})
        ops += [_put(source, **told)] if told else []
    return ops


def _age_s(source: Source, ctx: Context) -> float:
    """By the wall clock; for a source that was never heard from, since its run began."""
    heard = [at for at in (source.last_push_at, source.heard_at) if at is not None]
    at = max(heard, default=source.run_at, key=datetime.fromisoformat)
    return 0.0 if at is None else max(0.0, (ctx.now - datetime.fromisoformat(at)).total_seconds())


def _pushed(ctx: Context) -> dict[str, Any]:
    return {"last_push_at": ctx.at, "pushed_ms": ctx.elapsed_ms} | _heard(ctx)


def _heard(ctx: Context, ago_s: float = 0.0) -> dict[str, Any]:
    return {"heard_ms": ctx.elapsed_ms - round(ago_s * 1000)}


def _put(source: Source, **fields: Any) -> Put:
    return Put(SECTION.name, source.model_copy(update=fields))


def _in_time(source: Source, ctx: Context) -> bool:
    """Progress counts like a push; for a source that never pushed, a hello counts."""
    return source.ttl_s is None or _is_within(source.ttl_s, source.heard_ms, ctx, unknown=True)


def _is_noted(source: Source, ctx: Context) -> bool:
    often = FRESH_FOR_S if source.ttl_s is None else min(FRESH_FOR_S, source.ttl_s / 4)
    return _is_within(often, source.pushed_ms, ctx, unknown=False)


def _is_within(seconds: float, at_ms: int | None, ctx: Context, *, unknown: bool) -> bool:
    return unknown if at_ms is None else ctx.elapsed_ms - at_ms < seconds * 1000


def _silence(source: Source) -> str:
    return f"Nothing was received for more than {source.ttl_s} s."


def freshness(view: View, now_ms: int) -> tuple[dict[str, int], float]:
    """How many there are in each status; and how long ago the one pushed that has been silent longest."""
    sources = list(view.items(SECTION))
    found = Counter(str(source.status) for source in sources)
    pushed_ms = [source.pushed_ms for source in sources if source.pushed_ms is not None]
    silent_s = max(0, now_ms - min(pushed_ms)) / 1000 if pushed_ms else 0.0
    return {status: found[status] for status in SourceStatus}, silent_s


def health(fields: dict[str, Any]) -> dict[str, Any]:
    """What an administrator is told of a private source: no words and no numbers of its own."""
    told = {name: value if name in _OF_HEALTH else _UNTOLD[name] for name, value in fields.items()}
    if isinstance(told.get("run"), str):
        told["run"] = None
    return told


_OF_HEALTH = frozenset(
    ("id", "rev", "status", "last_push_at", "ttl_s", "cadence_s", "run", "run_at", "run_status")
)
_UNTOLD = Source(id="-").model_dump(mode="json")
"""For every other field, the value of a source of which nothing is known."""
SOURCE_HOOKS = SourceHooks(
    *(SECTION.name, check, record, dismissed, left, back, unheard, restarted, freshness), health
)
