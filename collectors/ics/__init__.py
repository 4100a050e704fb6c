"""Calendar files and addresses as events.

Reading order: __main__ (the command), options, source (a file or address), confined (all of them in a
process of their own), file (octets to items) over text (lines and components), event (one VEVENT; times,
moments and zones say when it is, component what comes of it), versions (which count), recurrence (when they
occur), ids and item.
"""
