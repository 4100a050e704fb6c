"""What a source brought besides its items is removed: records and people. No undo brings it back."""

from __future__ import annotations

from models.people import GivenPerson
from sio_server.registry.registry import Asker, View


async def erase(asker: Asker, view: View, source: str) -> int:
    """Removes what is searched of a source that is in the view; returns how many records it had.

    Errors: storage_unavailable, busy.
    """
    if view.get(asker.registry.sections[asker.registry.source_hooks.section], source) is None:
        return 0
    removed = await asker.records.forget(source)
    await asker.records.put_people(source, [], GivenPerson, ())
    return removed
