"""Slack exports, a zip or a folder, as records.

Reading order: __main__ (the command), export (where its files are), zip (the bounds on an archive), reading
(a day of messages), message (one as a record), text (what people see of it).
"""
