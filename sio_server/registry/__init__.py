"""What a section and a request declare about themselves. A handler may import nothing else of the server.

Reading order: registry, ops (what a rule changes), checks (of the declarations, at start), order (how items
sort), fields (what people set by commands), persons (what is kept of each person), errors, roles, items (put,
drop, edit and release for any section) and batch, preview (the state after some ops), describing (what
clients learn of a section), records, encoding.
"""
