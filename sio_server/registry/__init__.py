"""What a section and a request declare about themselves: all that a handler may import.

Reading order: registry, ops (what a rule brings about), checks (what a registry promises), order (how items
sort), fields (what people set by commands), errors, roles, items (put, drop, edit and release for any
section) and batch, preview (the state after some ops), describing (what clients learn of a section), records,
encoding.
"""
