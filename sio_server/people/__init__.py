"""Who is who: one person for all the names that people write (decision 56).

Reading order: names (how a name is written), entries (what sources state, by person), directory,
authors (the name of who made a change).
"""
