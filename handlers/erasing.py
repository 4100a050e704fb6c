"""What a source brought besides its items is removed: records and people. No undo brings it back."""

from __future__ import annotations

from models.people import GivenPerson
from sio_server.registry.registry import Asker, View
from sio_server.registry.roles import ADMINS, Principal
from sio_server.registry.veil import unveiled


def in_reach(view: View, who: Principal) -> View:
    """The view in which somebody looks for a source to remove: administrators see the names of all."""
    return unveiled(view) if who.role in ADMINS else view


async def erase(asker: Asker, view: View, source: str) -> int:
    """Removes what is searched of a source that is in the view; returns how many records it had.

    Errors: storage_unavailable, busy.
    """
    if view.get(asker.registry.sections[asker.registry.source_hooks.section], source) is None:
        return 0
    removed = await asker.records.forget(source)
    await asker.records.put_people(source, [], GivenPerson, ())
    return removed
