"""The head line of the board: what the system is doing."""

from __future__ import annotations

from models.base import format_instant
from models.system import SYSTEM_ID, SetSystem, SystemItem, SystemState, SystemStatus
from sio_server.errors import bad_request
from sio_server.registry import FEEDERS, Context, Delta, Family, Put, Section, View

_NOTHING_YET = SystemItem()
_BUSY = frozenset({SystemStatus.COLLECTING, SystemStatus.PROCESSING})

SECTION = Section(
    "system",
    SystemItem,
    shape=SystemState,
    place=lambda items: {"system": items[0][1] if items else _NOTHING_YET.model_dump()},
)
FAMILY = Family("system", SECTION)


@FAMILY.rule("set", SetSystem, roles=FEEDERS, returns=SystemItem)
def set_system(view: View, payload: SetSystem, ctx: Context) -> Delta:
    """Changes the fields that are given; a collection that ends well is the last sync."""
    stated = {name: getattr(payload, name) for name in payload.model_fields_set - {"op"}}
    if not stated:
        raise bad_request("Say which fields to set: status, progress or message.", ("", "sets nothing"))
    nulls = [(name, "must not be null") for name in ("status", "progress") if stated.get(name, 0) is None]
    if nulls:
        raise bad_request("Only the message can be taken away.", *nulls)
    old = view.get(SECTION, SYSTEM_ID) or _NOTHING_YET
    if old.status in _BUSY and stated.get("status") is SystemStatus.IDLE:
        stated["last_sync"] = format_instant(ctx.now.replace(microsecond=0))
    new = old.model_copy(update=stated)
    return Delta([Put(SECTION.name, new)], lambda after: after.get(SECTION, SYSTEM_ID) or new)
