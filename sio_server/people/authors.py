"""What people call the author of a change: a name, where the wire has an actor (decision 71)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sio_server.people.names import name_in

LOCAL = "local"
"""Who sits at a client of a board without tokens that names nobody: the person the board is for."""
SOMEONE = "someone at the dashboard"
_PAGE = re.compile(r"dashboard-[0-9a-f]{4}")
"""A name that a page gives itself, one for each browser."""
_WRITTEN = {"ics": "ICS", "slack": "Slack", "vcard": "vCard"}


def author_of(actor: str) -> str:
    """The name of an actor of whom nothing else is known."""
    return SOMEONE if _PAGE.fullmatch(actor) else actor


def source_label(source: str) -> str:
    """`work (ICS)` for `ics:work`."""
    kind, _, rest = source.partition(":")
    kind = _WRITTEN.get(kind, kind)
    return f"{rest} ({kind})" if rest else kind


def sitting_there(person: str | None, client: str | None, me: Sequence[str]) -> str:
    """The name of who sits at a client of a board without tokens."""
    if person not in (None, LOCAL):
        return person or ""
    if me and (person == LOCAL or client is None):
        return name_in(me[0])
    return author_of(client or LOCAL)
