"""`adjutant connect`, `sources`, `run` and `disconnect`: the accounts that are read, and kept being read.

Reading order: book (the file of accounts, and their secrets), kinds (what can be connected), connect (asks,
tries, notes down), announcing (the board is told), keeping (a process for each account, kept running),
listing (how they are), __main__.
"""
