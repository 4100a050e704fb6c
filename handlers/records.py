"""Records: messages, mails, minutes and the like; kept for search, beside the state."""

from __future__ import annotations

from models.records import GivenRecord, PutRecords, PutRecordsDone
from sio_server.registry.ops import Json
from sio_server.registry.registry import Asker, Family
from sio_server.registry.roles import WRITERS

FAMILY = Family("records")


@FAMILY.query("put", PutRecords, roles=WRITERS, returns=PutRecordsDone, aside=True)
async def put(asker: Asker, payload: PutRecords) -> Json:
    """Stores records for search. Once acked they are on disk and can be found."""
    principal = asker.principal
    key = None if payload.op is None else (principal.key, payload.op)
    return await asker.records.put(principal.delivers_as, payload.records, GivenRecord, key)
