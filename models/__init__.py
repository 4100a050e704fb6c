"""WORDS: everything on the wire, as pydantic models; no I/O, no rules.

Reading order: base (shared words), ack, change (patches and syncs), then a module for each section:
system, calendar, priorities, commitments, brief, sources; batch is common to the coded ones;
collection and command are requests to the board; state has the requests without a section;
records and search are outside the state.
"""
