"""What the server must reach, measured on loopback: `python -m bench [TABLE]...` prints the tables.

Nothing here passes or fails: each table names what a good value is beside what was measured.
Reading order: client (a Socket.IO client that costs next to nothing), server (the server under load,
and what it uses), seed (what the state is filled with), table; then one module for each table:
fanout, durable (with bare_commits, what the disk alone can do), reconnect, memory.
"""
