"""The boards of a server, as far as the asker may enter them."""

from __future__ import annotations

from typing import Annotated

from models.base import BoardName, Lax, Wire


class BoardLine(Wire):
    """A board that the asker may enter, in which role; `here` for that of this connection. `due` is how many
    of its priorities are overdue or due today; null where the asker may not read them, for a board that
    cannot be opened, and after the first eight that are not open yet.

    Its administrators are also told whether it is open, how many clients and items it has, and when it last
    changed; for a board that is not open the last two are null.
    """

    name: BoardName
    role: str
    here: bool
    due: int | None = None
    open: bool | None = None
    clients: int | None = None
    items: int | None = None
    last_change: str | None = None


class BoardList(Wire):
    """At most 1,000, by name; that of this connection is always among them."""

    boards: Annotated[tuple[BoardLine, ...], Lax]
