"""Briefs as pure functions: what is said of which facts, and that it is text and true.

Reading order: given (facts in short), test_daily, test_weekly, test_meeting, test_people, test_render,
test_scope, test_evidence (random facts), test_size.
"""
