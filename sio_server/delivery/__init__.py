"""What a client still lacks: patches as they come, and what it missed.

Reading order: fanout, sync, throttle.
"""
