"""What the process that forks the tests' programs has imported before the first: all that they would import
themselves. It is frozen, so that no collection in a copy looks through it, and its pages stay shared."""

import gc
from importlib import import_module

from sio_server.commands import when

PROGRAMS = (
    "serve",
    "uvloop",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.auto",
    "sio_server.log.postgres.log",
    "sio_server.search.__main__",
    "collectors.archive.__main__",
    "collectors.caldav.__main__",
    "collectors.connected.__main__",
    "collectors.git.__main__",
    "collectors.github.__main__",
    "collectors.ics.__main__",
    "collectors.imap.__main__",
    "collectors.mail.__main__",
    "collectors.notes.__main__",
    "collectors.people.__main__",
    "collectors.slack.__main__",
    "collectors.slack.live.__main__",
    "terminal.__main__",
    "examples.__main__",
    "tests.collectors.sample",
    "tests.source_process",
    "tests.forked",
)

for name in PROGRAMS:
    import_module(name)
when.load()
gc.collect()
gc.freeze()
