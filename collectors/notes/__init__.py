"""Folders of Markdown and text: notes as records, tasks as priorities, promises as commitments.

Reading order: __main__ (the command), vault (all files), note (one file), text (its lines), items (what a
line is), records.
"""
