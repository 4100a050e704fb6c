"""Finds action items in the text of notes, minutes, mails and chats: pure functions.

Reading order: reader (a text), lines and grids (what a line is), inline (lists within one), sections and
outline (where it stands), meetings (from which day), forms and intelligence (what is plainly marked),
promises, tables, prose, asked and clauses (what is only likely), people (who), item (a line taken apart),
sentences, dates and days (by when), markup (states, fields, a title without them), mine (for whom), words,
abroad and patterns. intent tells of one sentence whether it asks for something or promises it.
"""
