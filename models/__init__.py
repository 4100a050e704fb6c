"""WORDS: what travels on the wire, as pydantic models; no I/O, no rules.

Reading order: base (shared words), ack, change (patches and syncs), then a module for each section:
system, calendar, priorities, commitments, brief, sources; the section-less requests in state;
records and search, which are beside the state.
"""
