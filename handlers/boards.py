"""The boards of the server that the asker may enter."""

from __future__ import annotations

from models.base import Nothing
from models.boards import BoardList
from sio_server.registry.ops import Json
from sio_server.registry.registry import Asker, Family
from sio_server.registry.roles import READERS

FAMILY = Family("boards")


@FAMILY.query("list", Nothing, roles=READERS, cost=5, returns=BoardList)
async def list_boards(asker: Asker, payload: Nothing) -> Json:
    """The boards that the asker may enter; their figures are for the administrators of each."""
    return {"boards": await asker.boards()}
