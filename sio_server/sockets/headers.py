"""The headers that every answer has, on both ports: what a browser must not do with it."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

UNUSED = (
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer"),
    *("microphone", "midi", "payment", "serial", "usb", "xr-spatial-tracking"),
)
SAFE = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", ", ".join(f"{feature}=()" for feature in UNUSED).encode()),
)
NO_PAGE = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
"""Of answers that are no pages."""
HSTS = (b"strict-transport-security", b"max-age=31536000")
"""Where the server speaks TLS itself."""


def safe_headers(scope: MutableMapping[str, Any]) -> list[tuple[bytes, bytes]]:
    """What every answer to this request has."""
    return [*SAFE, HSTS] if scope.get("scheme") in ("https", "wss") else [*SAFE]
