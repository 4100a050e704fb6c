"""`make fuzz`: changed inputs for everything that reads what others wrote.

Any text is read or clearly refused, and takes time in proportion to its length. Read in this order: `readers`
(what is tried, and which refusals are clear), `changing` (how inputs are made), `trying` (the search, which
follows inputs that are answered in a new way) and `growth` (the time for each doubling).
"""
