"""Who is who: one person for all the ways a name is written (decision 56).

Reading order: names (written forms), entries (what sources state, by person), directory, authors (the
displayed name of a change's author).
"""
