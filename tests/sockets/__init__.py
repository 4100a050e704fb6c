"""The way between a socket and a session: what is sent in order, cut in pieces, or not read at all.

Each module runs on both paths: websockets used directly, and the stock way (tests.conftest.both_paths).

Reading order: talking (what the tests share), test_order, test_segments, test_upgrades, test_slow_readers,
test_pace, test_comings_and_goings, test_start_check.
"""
