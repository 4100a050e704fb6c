"""What waits for a person at GitHub: issues and pull requests, as priorities.

Read in this order: known (answers of earlier runs), api (how GitHub is asked), closing (what is
proposed there), waiting (which lists are read, and what one of them is on the board).
"""
