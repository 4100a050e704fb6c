"""Who is who: address books (vCard, CSV) for the board's directory, and the people whom other sources name.

Reading order: __main__ (the command), book (a file), vcard and table (its forms), met (those whom mails and
calendars name, the most frequent first).
"""
