"""Sign-in of a client that is connected."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from models.base import Wire


class Refresh(Wire):
    """A new token of the same person, role and source."""

    token: Annotated[str, Field(min_length=1, max_length=8_000)]


class Renewed(Wire):
    """Until when the connection may go on; null for as long as the token is kept."""

    expires_at: str | None
