"""What is true now, and a batch's draft over it.

Reading order: commit, codes, state, history (what a draft asks about former times), draft, history_draft.
"""
