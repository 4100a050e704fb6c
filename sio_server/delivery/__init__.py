"""Sends patches to clients as they come, and syncs to clients that missed some.

Reading order: fanout, sync, throttle.
"""
