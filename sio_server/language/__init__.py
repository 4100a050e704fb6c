"""The words and sentences of what people write, in English, German, French, Spanish and Japanese.

Reading order: stop_words (what says little), words (what a title is about), passages (the parts of a text
that somebody wrote as prose), sentences (which of them can be quoted).
"""
