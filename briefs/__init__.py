"""BRIEFS: what the state and the records say about a day, a week or a meeting; pure functions over models.

Each statement names what it rests on, and nothing is said that is not there. Reading order: facts (what a
brief is made of), statements (one item in words), then daily, weekly and meeting; people and words decide
who is meant and what belongs together; scope says which changes put a brief out of date; render writes it
as text and as Markdown.
"""
