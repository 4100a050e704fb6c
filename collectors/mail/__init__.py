"""mbox files and Maildirs as records.

Reading order: __main__ (the command), places (what is mail in a folder), mbox (a file as a stream), reading,
message (one as a record), headers, parts, html.
"""
