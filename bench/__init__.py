"""Benchmarks on loopback: `python -m bench [TABLE]...` prints the tables.

Nothing here passes or fails: below each column stands a good value for a quiet machine of today; figures from
a busy one are worthless. Reading order: client (a Socket.IO client that costs next to nothing), server (the
server under load, and what it uses), seed (what the state is filled with), table; then one module for each
table: fanout, durable (with bare_commits, what the disk alone can do), reconnect, memory, dashboard (the page
in Chromium); and peers, where other servers are measured beside ours.
"""
