"""The one write path: requests are gathered, worked out in order, appended, then told.

Reading order: hub, batch, outcome, speculation (large puts).
"""
