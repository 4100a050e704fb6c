"""What the server says about itself."""

from __future__ import annotations

from models.base import Nothing
from sio_server.registry import Asker, Family, Json

FAMILY = Family("stats")


@FAMILY.query("get", Nothing)
def get(asker: Asker, payload: Nothing) -> Json:
    """The same as GET /stats."""
    return asker.stats()
