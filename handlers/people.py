"""Who is who: the directory that sources fill, outside the state like the records."""

from __future__ import annotations

from collections.abc import Awaitable

from models.ack import ErrorCode
from models.batch import PutMode
from models.people import PEOPLE_MAX, GivenPerson, PutPeople, PutPeopleDone
from sio_server.registry.errors import Refusal, bad_request
from sio_server.registry.ops import Json, SourceActivity
from sio_server.registry.registry import Asker, Context, Delta, Family, View
from sio_server.registry.roles import WRITERS

FAMILY = Family("people")


def _take_in(asker: Asker, payload: PutPeople) -> Awaitable[Json]:
    """Stores them. Errors: bad_request, too_large, source_fenced."""
    whole = payload.mode is PutMode.REPLACE and payload.complete
    if whole and not payload.items and not payload.allow_empty:
        message = "An empty replace would remove everybody: send allow_empty:true if that is meant."
        raise bad_request(message, ("items", "is empty"))
    if len(payload.items) > PEOPLE_MAX:
        raise Refusal(ErrorCode.TOO_LARGE, f"A source names at most {PEOPLE_MAX:,} people.")
    source = asker.principal.source
    if source is not None and payload.run is not None:
        asker.registry.source_hooks.check(asker.view(), source, payload.run)
    spared = payload.spare if whole else None
    return asker.records.put_people(asker.principal.delivers_as, [*payload.items], GivenPerson, spared)


@FAMILY.rule("put", PutPeople, roles=WRITERS, returns=PutPeopleDone, prefetch=_take_in)
def put(view: View, payload: PutPeople, ctx: Context) -> Delta:
    """States people's names and addresses; with `replace`, the sender's other people are removed."""
    source, done = ctx.principal.source, ctx.prefetched
    if source is None:
        return Delta([], done)
    changed = any(done[name] for name in ("added", "changed", "removed"))
    activity = SourceActivity(source, 0, changed, True, payload.run)
    return Delta(ctx.registry.source_hooks.record(view, ctx, activity), done)
