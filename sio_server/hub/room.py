"""The room for items, in bytes: a source that would take more than its share is refused, and nobody else."""

from __future__ import annotations

from models.base import CodedItem
from models.batch import Put
from sio_server import garbage
from sio_server.hub.batch import Job
from sio_server.registry.encoding import encode
from sio_server.registry.errors import no_room
from sio_server.registry.ops import Drop, Ops
from sio_server.registry.preview import name_of
from sio_server.registry.registry import Context
from sio_server.state.draft import Draft

CHARACTER_BYTES = 4  # at most, in UTF-8
BESIDE_BYTES = 2 << 10  # of an item, besides what was sent: names of fields, its id, what is not stated


def check_room(draft: Draft, job: Job, ops: Ops, ctx: Context) -> None:
    """Refuses a source's put that the board has no room for; what people do is never refused.

    What a put adds is only looked at where it might be too much: elsewhere this costs a few comparisons.

    Errors: too_large.
    """
    source = ctx.principal.source
    if source is None or not isinstance(job.payload, Put):
        return
    at_most = CHARACTER_BYTES * job.size + BESIDE_BYTES * len(job.payload.items)
    rooms = (
        (source, draft.sizes.share(source)[1], ctx.settings.source_item_mib, "--source-item-mib"),
        ("The board", draft.sizes.size_bytes, ctx.settings.item_mib, "--item-mib"),
    )
    narrow = [room for room in rooms if room[1] + at_most > room[2] << 20]
    more = _grown(draft, ops) if narrow else 0
    for whose, has, most_mib, flag in narrow:
        if more > 0 and has + more > most_mib << 20:
            garbage.free(ops)
            has_mib, more_mib = f"{has / (1 << 20):,.2f} MiB of items", f"{more / (1 << 20):,.2f}"
            raise no_room(whose, has_mib, f"{most_mib:,} MiB", f"{more_mib} MiB", flag)


def _grown(draft: Draft, ops: Ops) -> int:
    """The bytes that the ops add, but for the digits of codes and of `rev`."""
    grown = 0
    for op in ops:
        old = draft.row(*name_of(op))
        if old is not None and isinstance(old.item, CodedItem):
            grown -= len(old.json)
        if not isinstance(op, Drop) and isinstance(op.item, CodedItem):
            grown += len(encode(op.item))
    return grown
