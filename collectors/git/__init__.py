"""Commits of local repositories as records.

Reading order: __main__ (the command), history (which commits), store (the objects on disk), commit (one as a
record).
"""
