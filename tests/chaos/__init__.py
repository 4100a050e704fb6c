"""`make chaos`: real processes under random faults, and what became of each promise.

Read in this order: `storm` (a storm of faults, then a calm in which all is checked), `faults` (what may go
wrong), `line` and `disk` (how it is made to), `people` and `sources` (who is at work), `ledger` and `log`
(what was promised them, and what is on disk).
"""
