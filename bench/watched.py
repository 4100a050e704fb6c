"""`serve.py`, its event loop watched every millisecond: what /stats calls loop_lag_ms misses nothing."""

from __future__ import annotations

import os
import sys

import serve
from sio_server.side_app import health

LOOK_EVERY_S = 0.001

if __name__ == "__main__":
    health.LAG_EVERY_S = LOOK_EVERY_S
    sys.exit(serve.main(sys.argv[1:], dict(os.environ)))
