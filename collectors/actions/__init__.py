"""What people write that is to be done, found in the text of notes, minutes, mails and chats: pure functions.

Reading order: markup (states, fields, and a title without them), dates (by when).
"""
