"""A port that is free."""

from __future__ import annotations

import socket


def free_port() -> int:
    """Of this machine; somebody else may take it before it is used."""
    with socket.socket() as trying:
        trying.bind(("127.0.0.1", 0))
        return int(trying.getsockname()[1])
