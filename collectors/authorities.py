"""The file of `--ca`: certificates that are trusted."""

from __future__ import annotations

import ssl
from pathlib import Path


def unusable(ca: Path | None) -> str:
    """Why nothing can be trusted by this file, as a sentence; "" if it can, or if none was given."""
    if ca is None:
        return ""
    try:
        ssl.create_default_context(cafile=ca)
    except ssl.SSLError:
        return f"--ca: {ca.absolute()} has no certificate: it begins with -----BEGIN CERTIFICATE-----"
    except OSError as error:
        return f"--ca: {ca.absolute()} cannot be read: {error.strerror}"
    return ""
