"""The boards of the server that the asker may enter."""

from __future__ import annotations

from datetime import date

from briefs.facts import Facts
from handlers import priorities
from models.base import Nothing
from models.boards import BoardList
from sio_server.registry.ops import Json
from sio_server.registry.registry import Asker, Family
from sio_server.registry.roles import READERS

FAMILY = Family("boards")


@FAMILY.query("list", Nothing, roles=READERS, cost=5, returns=BoardList)
async def list_boards(asker: Asker, payload: Nothing) -> Json:
    """The boards that the asker may enter, and how much is due there; figures for their administrators."""
    return {"boards": await asker.boards(_due)}


def _due(asker: Asker) -> int:
    """How many priorities are overdue or due today, by the asker's zone."""
    facts = Facts(asker.now, asker.principal.tz, priorities=[*asker.view().items(priorities.SECTION)])
    return sum((facts.due(item) or date.max) <= facts.today for item in facts.open_priorities)
