"""Calendar files and addresses as events.

Reading order: __main__ (the command), options, source (a file or address), confined (each in a process of its
own), file (bytes to items) over text, event, recurrence and item.
"""
