"""Who is who: one person for all the names by which people are written (decision 56).

Reading order: names (what a written name says), entries (what sources state, and whose it is), directory.
"""
