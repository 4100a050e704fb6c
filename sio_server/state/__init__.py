"""The committed state, and a batch's draft on top of it.

Reading order: commit, codes, sizes, state, history (what a draft asks about the past), draft, history_draft;
digest (what changed) and sentences (the same in words).
"""
