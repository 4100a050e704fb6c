"""A small world to look at: `python -m examples` (or `make demo`) writes it, and starts everything on it.

Reading order: days (when is what), world (the files), living (what changes in them while one looks on),
__main__ (the server and the collectors, as processes).
"""
