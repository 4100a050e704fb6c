"""What rules depend on besides the state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, tzinfo

from sio_server.people.directory import NOBODY, Directory


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """Settings that rules use.

    `people`          the current directory
    `proposal_days`   how long a proposal waits for a person's answer
    `proposal_limit`  how many proposals of one source may wait
    `me`              names and addresses of the person the board is for
    `items`           how many items the board has on disk
    `..._limit`       the most items of the board and of one source, and the most sources
    `..._mib`         the most MiB of items of the board and of one source
    `push_key`        the server's public key for Web Push; None where it cannot send any
    `push_allows`     whether a host is a push service that may be sent to
    `day_starts`      when a working day begins: the time meant by a day alone
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
    item_mib: int = 512
    source_item_mib: int = 128
    push_key: str | None = None
    push_allows: Callable[[str], bool] = lambda host: False
