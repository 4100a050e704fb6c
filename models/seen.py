"""Up to where a person has looked."""

from __future__ import annotations

from models.base import Personal, Seq, Wire


class SetSeen(Personal):
    """`seq` is the position that the person had before them. One older than what is kept changes nothing."""

    seq: Seq


class Seen(Wire):
    """Up to where the person has looked, and when they said so; null before they first did."""

    seq: Seq | None
    at: str | None
