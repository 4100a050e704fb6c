"""What rules depend on besides the state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, tzinfo

from sio_server.people.directory import NOBODY, Directory


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """Settings that rules look at.

    `people`          the directory as it is now
    `proposal_days`   how long a proposal waits for a person's answer
    `proposal_limit`  how many proposals of one source may wait
    `me`              the names and addresses of whom the board is for
    `items`           how many the board has, on disk
    `..._limit`       how many it may have, and one source, and how many of those there may be
    `day_starts`      when a working day begins: the time that a day in words means
    """

    tz: tzinfo
    important_words: frozenset[str]
    people: Callable[[], Directory] = lambda: NOBODY
    proposal_days: float = 14.0
    proposal_limit: int = 50
    day_starts: time = time(9)
    me: tuple[str, ...] = ()
    items: Callable[[], int] = lambda: 0
    item_limit: int = 200_000
    source_item_limit: int = 50_000
    source_limit: int = 500
