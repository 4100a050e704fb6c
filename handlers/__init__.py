"""RULES: what each request does, one module for each family of events; pure functions, no I/O.

THE list is `FAMILIES`: a new section is a module in models/, a module here, and one word below.
Reading order: priorities (the fullest example), then calendar, conflicts (which follow it), commitments,
brief; sources, then system and collection, which follow them; command is the table of what people type,
proposals the lines that they approve; state and stats hold the requests that only read; records, search,
people, prefs, push and seen (each person's own) are beside the state; day sums
up what a person's day holds; auth renews a sign-in, boards lists the boards of a server.
"""

from __future__ import annotations

from handlers import (
    auth,
    boards,
    brief,
    calendar,
    collection,
    command,
    commitments,
    conflicts,
    day,
    people,
    prefs,
    priorities,
    proposals,
    push,
    records,
    search,
    seen,
    sources,
    state,
    stats,
    system,
)
from sio_server.registry.registry import Registry

FAMILIES = (
    *(system, calendar, conflicts, priorities, commitments, brief, sources, collection),
    *(proposals, command, state, stats, records, search, people, prefs, push, seen, day, auth, boards),
)

REGISTRY = Registry([module.FAMILY for module in FAMILIES], source_hooks=sources.SOURCE_HOOKS)
command.verbs(REGISTRY)  # so that a word used by two commands stops the start, too
