"""The close codes that tell a client why the server ended its websocket, and whether to come back."""

from __future__ import annotations

from enum import Enum

from websockets.frames import CloseCode


class Ending(Enum):
    """A close code, and a few words for whoever looks at the frame."""

    DONE = CloseCode.NORMAL_CLOSURE, "done"
    NOT_UTF8 = CloseCode.INVALID_DATA, "not UTF-8"
    NO_PACKET = CloseCode.INVALID_DATA, "no Socket.IO packet"
    NO_MOVE = CloseCode.POLICY_VIOLATION, "this session cannot move here"
    SIGNED_OUT = CloseCode.POLICY_VIOLATION, "sign-in is over"
    TOO_SLOW = CloseCode.POLICY_VIOLATION, "no connect, or no announced attachment, in time"
    TOO_MANY_PINGS = CloseCode.POLICY_VIOLATION, "too many pings"
    TOO_LARGE = CloseCode.MESSAGE_TOO_BIG, "too large"
    TOO_MANY_FRAGMENTS = CloseCode.MESSAGE_TOO_BIG, "too many fragments"
    TOO_MUCH = CloseCode.MESSAGE_TOO_BIG, "too much before a token"
    FAILED = CloseCode.INTERNAL_ERROR, "the server failed"
    NO_PONG = CloseCode.INTERNAL_ERROR, "no answer to a ping"
    STOPPING = CloseCode.SERVICE_RESTART, "the server stops"
    CROWDED_OUT = CloseCode.TRY_AGAIN_LATER, "too many without a token"
    TOO_MANY_REFUSED = CloseCode.TRY_AGAIN_LATER, "too many refused connects"

    @property
    def code(self) -> int:
        """Of the close frame (RFC 6455)."""
        return int(self.value[0])

    @property
    def reason(self) -> str:
        """Beside the code."""
        return self.value[1]

    @property
    def is_passing(self) -> bool:
        """Whether the same client may come back as it is. It is sent no Engine.IO close, after which Python's
        stays away."""
        return self.value[0] in (
            CloseCode.INTERNAL_ERROR,
            CloseCode.SERVICE_RESTART,
            CloseCode.TRY_AGAIN_LATER,
        )
