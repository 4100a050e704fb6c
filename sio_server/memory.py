"""A process's use of memory."""

from __future__ import annotations

import os


def memory_bytes(pid: int | str = "self") -> int:
    """Resident bytes of a process; 0 where the system does not tell."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
