"""A Slack workspace as it goes on: messages as records within a second, edits, deletions, and what is pinned.

Read in this order: known (which messages are on the board), api (how Slack is asked), socket (what it tells
by itself), older (what is compared bit by bit), workspace (a run).
"""
