"""SHORT BRIEFS: one screen that can be sent as it stands, for a day, a week or a meeting.

Reading order: length (how many words there may be), subjects (what is decided, open, cancelled or at one
time), overview (what a day and a week have in common), then day, week and meeting. The first line says what
it is, when, what to decide, and what is open.
"""
