"""WORDS: what travels on the wire, as pydantic models; no I/O, no rules.

Reading order: base (shared words), ack, change (patches and syncs), then a module for each section:
system, calendar, priorities, commitments, brief, sources; batch is what the coded ones have in common;
collection and command are what is asked of the board; and the section-less requests in state;
records and search are beside the state.
"""
