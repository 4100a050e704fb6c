"""The board in a terminal: runs one line, or shows the live board with a prompt.

Reading order: `__main__` and `options` (the two ways of use), `one_line`, `live` (the screen, with
`completion` and `conversation` at its prompt), all over `adjutant_client`; then how it looks: `board` lays
out what `sections` shows of each item, `answer` shows the result of a line, over `styled`, `dates` and
`plain_text`.
"""

import signal
import sys

if sys.argv[0] == "-m":  # as `python -m` names a program that it has still to load
    # Ctrl-C ends it at once, where there is nothing to tidy up; `main` puts Python's own handler back.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
