"""What the server says about itself."""

from __future__ import annotations

from models.base import Nothing
from models.stats import Stats
from sio_server.registry.ops import Json
from sio_server.registry.registry import Asker, Family

FAMILY = Family("stats")


@FAMILY.query("get", Nothing, returns=Stats)
def get(asker: Asker, payload: Nothing) -> Json:
    """The same as GET /stats."""
    return asker.stats()
