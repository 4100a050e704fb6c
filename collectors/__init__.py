"""Programs that send data from elsewhere to the board, as ordinary clients of the server.

The library, in reading order: `types` (what a collector's function is asked and yields; `identity` has ids,
`accounts` what became of all that it saw), `program` (its command line: `main`), `running` (one run: Job,
Terms, run_once), `serving` (a collector that stays), `iteration` (takes steps of the function), `batches`
(cut to what a message holds), `delivery` (sends them, or keeps them in the `spool`) over `adjutant_client`,
`report`, `progress`, `known` (what runs over accounts read before; it and the spool are files of `database`),
and what several need: `arguments`, `texts`, `charsets`, `folders`, `watching`, `remarks` (about one file),
`sanitize` (the JSON of other programs), `secret` and `patience` (passwords, and when one was refused),
`authorities` (the file of `--ca`).
`connected` is for people: accounts that are connected once and kept being read.

The collectors stand on it, each in a folder of its own with its command in `__main__`: `ics`, `notes`,
`slack`, `mail`, `git`, `archive`, `people`, `imap`, `caldav`, `github`, `slack.live`.
"""

import signal
import sys

if sys.argv[0] == "-m":  # as `python -m` names a program that it has still to load
    # Ctrl-C ends it at once, where there is nothing to tidy up; `main` puts Python's own handler back.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
