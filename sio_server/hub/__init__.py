"""The one write path: requests are gathered, worked out in order, appended, then told.

Reading order: hub (on the event loop), thread and worker (on the store's thread), batch, outcome,
speculation (large puts).
"""
