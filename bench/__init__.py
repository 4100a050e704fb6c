"""What the server must reach, measured on loopback: `python -m bench [TABLE]...` prints the tables.

Nothing here passes or fails: below each column stands what a good value is on a quiet machine of today,
and figures of a busy one are worth nothing.
Reading order: client (a Socket.IO client that costs next to nothing), server (the server under load,
and what it uses), seed (what the state is filled with), table; then one module for each table:
fanout, durable (with bare_commits, what the disk alone can do), reconnect, memory, dashboard (the page in
Chromium); and peers, where other servers are measured beside ours.
"""
