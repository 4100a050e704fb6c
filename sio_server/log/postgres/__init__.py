"""The log on PostgreSQL (decisions 107 and 109).

Reading order: tables (what is stored), session (one connection, and the board's lock), head (appending), log
(the backend); following and watcher (what other nodes append); opening, meta, history, tidying; whole (a
board that no server has open).
"""

from sio_server.log.base import LogError

try:
    import psycopg  # noqa: F401
except ImportError:
    install = "pip install -r requirements-postgresql.txt"
    raise LogError(f"the driver for PostgreSQL is not installed: {install}") from None
