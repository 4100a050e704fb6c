"""What a section and a request declare about themselves: all that a handler may import.

Reading order: registry, errors, roles, items (put, drop and edit for any section), preview, records.
"""
