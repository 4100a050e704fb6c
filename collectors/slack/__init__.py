"""Slack exports, a zip or a folder, as records; `live` reads a workspace as it goes on, with the same reader.

Reading order: __main__ (the command), export (where its files are), zip (the bounds on an archive), array (a
file with damage), reading (a day of messages), people (whom ids stand for), message (one as a record), text
(what people see of it) over blocks and marks.
"""
