"""The durable sequence of commits.

Reading order: base (the port), sqlite (the backend), rows, schema, history, reader (off the event loop).
"""
