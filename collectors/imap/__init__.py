"""A mailbox by IMAP, kept up with: new mails as records, deleted ones removed, invitations on the calendar.

Read in this order: account (the connection), known (what was read before), sync (a run), waiting (IDLE).
"""
