"""Where an item was read: the text that a source can show for it."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from models.base import MAX_SAFE_INT, Line, Wire
from models.links import without_entry


class Evidence(Wire):
    """`quote` is in `file`, a path below the folder that was read, at `line`, counted from 1; or in the
    record that `file` names, without a line."""

    file: Line
    line: Annotated[int, Field(ge=1, le=MAX_SAFE_INT)] | None = None
    quote: Annotated[Line, AfterValidator(without_entry)]
