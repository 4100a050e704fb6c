"""Who is connected, as /stats tells it to administrators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sio_server.clients.client import Client
from sio_server.clients.connection import Connection

LISTED = 500


def lagging(clients: Sequence[Client]) -> list[dict[str, Any]]:
    """Those that do not read. Shape: models.stats.Lagging."""
    return [_named(client) for client in clients if client.lags]


def connected(connections: Sequence[Connection]) -> list[dict[str, Any]]:
    """Those that lag, then the oldest; LISTED at most. Shape: models.stats.Connected."""
    known = [link for link in connections if link.client is not None]
    known.sort(key=lambda link: link.client is None or not link.client.lags)
    return [_told(link, link.client) for link in known[:LISTED] if link.client is not None]


def _told(link: Connection, client: Client) -> dict[str, Any]:
    who = client.came_as
    transport = "websocket" if link.socket.upgraded else "polling"
    about = {"role": who.role, "source": who.source, "address": link.peer, "transport": transport}
    return {**_named(client), **about, "since": link.since, "lags": client.lags}


def _named(client: Client) -> dict[str, Any]:
    return {"client": client.came_as.actor, "sid": client.sid, "backlog_bytes": client.backlog_bytes}
