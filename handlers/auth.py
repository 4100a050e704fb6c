"""Sign-in of a client that is connected."""

from __future__ import annotations

from models.auth import Refresh, Renewed
from sio_server.registry.ops import Json
from sio_server.registry.registry import Asker, Family
from sio_server.registry.roles import EVERYBODY

FAMILY = Family("auth")


@FAMILY.query("refresh", Refresh, roles=EVERYBODY, cost=5, returns=Renewed)
async def refresh(asker: Asker, payload: Refresh) -> Json:
    """Goes on under a new token, before the old one expires: no reconnect, and nothing is missed."""
    return await asker.renew(payload.token)
