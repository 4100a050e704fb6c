"""The calendars of a CalDAV account, kept up with by what changed.

Read in this order: known (what was read before), account (a run over the account).
"""
