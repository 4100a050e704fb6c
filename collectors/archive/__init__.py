"""The old system's daily JSONL archives as records and events.

Reading order: __main__ (the command), reading (folders and days), lines, fields (what is where), record,
event.
"""
