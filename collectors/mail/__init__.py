"""Mail in mbox files, Maildirs and files of one message, as records.

Reading order: __main__ (the command), places (where mail lies) over sniff (what is mail), mbox (a file as a
stream), reading, deleted (what was thrown away), message (one as a record), headers with addresses and
encoded, content (what it says) over parts, html and properties.
"""
