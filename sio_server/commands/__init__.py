"""From a typed line to a change of the state.

Reading order: grammar (a line into steps, by a table of verbs), when (times), steps (planned, then carried
out as one change), setting (one field of an item) with values, people and ranks, undo, suggest.
The table itself, and what each verb does, is in handlers/command.py.
"""
