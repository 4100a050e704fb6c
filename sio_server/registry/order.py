"""A section's sort order and its meaning of done, as data that can be sent to clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.base import Item, order_key


@dataclass(frozen=True)
class SortKey:
    """One key of a section's order. `values` is the order of a closed set; an empty field comes last."""

    field: str
    values: tuple[str, ...] = ()

    def of(self, item: Item) -> tuple[bool, Any]:
        """The item's value for this key."""
        value = getattr(item, self.field)
        if value is None:
            return True, None
        if self.values:
            return False, self.values.index(value)
        return False, order_key(value) if isinstance(value, str) else value


@dataclass(frozen=True)
class Done:
    """When an item counts as done: its field has one of these values."""

    field: str
    values: tuple[str, ...]
