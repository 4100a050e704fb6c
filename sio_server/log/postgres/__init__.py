"""The log on PostgreSQL (decision 107).

Reading order: tables (what is stored), session (one connection, and the board's lock), log (the backend);
opening, meta, history, tidying.
"""
