"""Patches to clients as they come, and what a client missed.

Reading order: fanout, sync, throttle.
"""
