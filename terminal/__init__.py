"""The board in a terminal: one line carried out, or the live board with a prompt.

Reading order: `__main__` and `options` (the two ways of use), `one_line`, `live` (the screen, with
`completion` and `conversation` at its prompt), all over `adjutant_client`; then how it looks: `board` lays
out what `sections` says of each item, `answer` says what became of a line, over `styled`, `dates` and
`plain_text`.
"""
