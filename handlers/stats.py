"""The server's figures."""

from __future__ import annotations

from models.base import Nothing
from models.stats import Stats
from sio_server.registry.ops import Json
from sio_server.registry.registry import Asker, Family

FAMILY = Family("stats")


@FAMILY.query("get", Nothing, cost=5, returns=Stats)
def get(asker: Asker, payload: Nothing) -> Json:
    """The same as GET /stats; who is connected is told to administrators only."""
    return asker.stats()
