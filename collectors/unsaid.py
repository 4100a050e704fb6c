"""Items on the board whose text no longer says them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from collectors.types import Gone
from models.commitments import GivenCommitment
from models.priorities import GivenPriority
from models.proposals import GivenProposal

SECTIONS = ("priorities", "commitments", "proposals")
"""Items that name the text they come from."""

Stated = GivenPriority | GivenCommitment | GivenProposal


@dataclass
class Unsaid:
    """Of one run. `held` has what the board holds of the source, as (section, id), by what its evidence
    names: a note, or a record. A text that was not read in this run keeps what is held by it."""

    held: Mapping[str, Collection[tuple[str, str]]]
    _read: set[str] = field(default_factory=set)
    _stated: set[tuple[str, str]] = field(default_factory=set)

    def is_held(self, text: str) -> bool:
        """Whether anything on the board rests on this text, however old it is."""
        return text in self.held

    def read(self, text: str) -> None:
        """Notes that the text was read in this run."""
        if text in self.held:
            self._read.add(text)

    def stated(self, one: Stated) -> None:
        """Notes that a text says this, whether or not it is sent; an item's former ids count as this item."""
        if self.held:
            self._stated.update((one.section, id) for id in (one.id, *one.formerly))

    def gone(self, is_covered: Callable[[str], bool] = lambda text: False) -> Iterator[Gone]:
        """What no text says any more; at the end, when all is stated. With `is_covered`, also what a text
        said that would have been met if it were still there: it goes only if all could be read."""
        for text, items in self.held.items():
            met = text in self._read
            if not met and not is_covered(text):
                continue
            for section, id in items:
                if (section, id) not in self._stated:
                    yield Gone(section, (id,), unmet=not met)
