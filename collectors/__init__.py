"""Programs that bring what is elsewhere to the board, as ordinary clients of the server.

Reading order: `ics` (the command and its flow), `client` (the connection), then how a calendar is read:
`calendar_source` (a file or address), `confined` (in a process of its own), `calendar_file` (bytes to items)
over `ical_text`, `calendar_event`, `recurrence` and `calendar_item`, with `findings` for what could not be
taken. `ics_options`, `ics_progress` and `ics_report` are what a person types and sees; `arguments` is what
any program takes on its command line; `watching` is for --watch.
"""
