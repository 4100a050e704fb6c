"""An example world: `python -m examples` (or `make demo`) writes it, and starts everything on it.

Reading order: days (dates around today), world (the files), living (changes while you watch),
__main__ (the server and the collectors, as processes).
"""
