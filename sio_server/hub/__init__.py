"""The one write path: requests are gathered into a batch, run in order, appended, then answered.

Reading order: hub (on the event loop), thread and worker (on the store's thread), batch, outcome, following
and applying (what other nodes append), speculation (large puts), room (what is too large).
"""
