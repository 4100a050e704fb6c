"""What a section and a request declare about themselves: all that a handler may import.

Reading order: registry, ops (what changes), errors, roles, items (put, drop and edit for any section),
preview (the state after some ops), records, encoding.
"""
