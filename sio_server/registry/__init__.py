"""What a section and a request declare about themselves: all that a handler may import.

Reading order: registry, ops (what a rule brings about), checks (what a registry promises), order (how items
sort), errors, roles, items (put, drop and edit for any section), preview (the state after some ops), records,
encoding.
"""
