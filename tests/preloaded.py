"""What the process that forks the tests' servers has imported before the first: all that they would import
themselves. It is frozen, so that no collection in a copy looks through it, and its pages stay shared."""

import gc
from importlib import import_module

from sio_server.commands import when

for name in ("uvloop", "uvicorn.lifespan.on", "uvicorn.protocols.http.auto", "serve", "tests.forked"):
    import_module(name)
when.load()
gc.collect()
gc.freeze()
