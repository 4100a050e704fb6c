"""Folders of Markdown and text: notes as records, what is to be done as priorities and commitments.

Reading order: __main__ (the command), vault (all files), note (one file), items (what the board is told),
records. What is to be done is found by `collectors.actions`.
"""
