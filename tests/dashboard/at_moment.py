"""`python tests/dashboard/at_moment.py INSTANT FLAGS...`: the server, with its wall clock set to begin at
this instant, so that a picture of its page is the same on any day."""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from serve import main
from sio_server.clock import SystemClock

if __name__ == "__main__":
    ahead_s = datetime.fromisoformat(sys.argv.pop(1)).timestamp() - time.time()
    SystemClock.wall = lambda self: time.time() + ahead_s  # type: ignore[method-assign]
    sys.exit(main(sys.argv[1:], dict(os.environ)))
