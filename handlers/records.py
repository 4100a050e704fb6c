"""Records: messages, mails, minutes and the like; kept for search, beside the state."""

from __future__ import annotations

from models.records import GivenRecord, PutRecords, PutRecordsDone
from models.search import GetRecord, Record
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


@FAMILY.query("get", GetRecord, cost=2, returns=Record, aside=True)
async def get(asker: Asker, payload: GetRecord) -> Json:
    """Opens one record: its text around the words that are meant, in parts of a bounded size."""
    return await asker.records.record(**payload.model_dump())
