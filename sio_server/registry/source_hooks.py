"""How sources are kept: what the machinery tells of them, and what is asked about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sio_server.registry.registry import Context, Ops, View


@dataclass(frozen=True)
class Fed:
    """What a request did to one source; `pushed` when the source itself made it.

    `dismissed` are the items, as (section, id), that a person dropped; `back` those that are there again,
    or that the source has no more.
    """

    source: str
    grew: int
    changed: bool
    pushed: bool
    run: int | str | None = None
    dismissed: frozenset[tuple[str, str]] = frozenset()
    back: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Feed:
    """How sources are kept, in the items of `section`.

    `check`      fences off an old run
    `record`     notes what came from a source
    `dismissed`  the ids in a section that people dropped and that stay gone, of one source
    `left`       what it means that a source's last connection dropped
    `unheard`    what it means that a source did not take the call of that run, and why
    `restarted`  what a restart of the server means for the runs that were going on
    """

    section: str
    check: Callable[[View, str, int | str], None]
    record: Callable[[View, Context, Fed], Ops]
    dismissed: Callable[[View, str, str], frozenset[str]]
    left: Callable[[View, Context, str], Ops]
    unheard: Callable[[View, Context, str, int, str], Ops]
    restarted: Callable[[View, Context], Ops]
