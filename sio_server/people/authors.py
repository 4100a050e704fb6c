"""The displayed name of a change's author; the wire has an actor (decision 71)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sio_server.people.names import name_in

LOCAL = "local"
"""The user of a board without tokens whose client names nobody: the person the board is for."""
SOMEONE = "someone at the dashboard"
_PAGE = re.compile(r"dashboard-[0-9a-f]{4}")
"""The name that the page gives itself in each browser."""
_WRITTEN = {"ics": "ICS", "slack": "Slack", "vcard": "vCard"}


def author_of(actor: str) -> str:
    """The displayed name of an actor about whom nothing else is known."""
    return SOMEONE if _PAGE.fullmatch(actor) else actor


def source_label(source: str) -> str:
    """`work (ICS)` for `ics:work`."""
    kind, _, rest = source.partition(":")
    kind = _WRITTEN.get(kind, kind)
    return f"{rest} ({kind})" if rest else kind


def sitting_there(person: str | None, client: str | None, me: Sequence[str]) -> str:
    """The displayed name of a client's user on a board without tokens."""
    if person not in (None, LOCAL):
        return person or ""
    if me and (person == LOCAL or client is None):
        return name_in(me[0])
    return author_of(client or LOCAL)
