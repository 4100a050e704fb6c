"""What a person should know about a calendar that could not be taken as it is."""

from dataclasses import dataclass
from enum import StrEnum

from recurring_ical_events import BadRuleStringFormat

from collectors.calendar_item import one_line

_SHOWN_MAX = 120


class Kind(StrEnum):
    """How much a finding matters."""

    SKIPPED = "skipped"  # an event is missing that may be on the board: nothing may be removed
    LEFT_OUT = (
        "left out"  # something is missing on purpose: too many occurrences, another version of an event
    )
    NOTE = "note"  # everything is there, though not quite as the file says it


@dataclass(frozen=True)
class Finding:
    """One remark; `event` says where in the file, and is empty when it concerns all of it."""

    kind: Kind
    event: str
    why: str


def shown(text: str) -> str:
    """The text on one line, without control characters, and not too long."""
    text = one_line(text)
    return text if len(text) <= _SHOWN_MAX else text[: _SHOWN_MAX - 1] + "…"


def said(error: Exception) -> str:
    """The error as a clause for people."""
    detail = shown(str(error)) or type(error).__name__
    match error:
        case BadRuleStringFormat():
            return f"its recurrence rule cannot be read: {shown(str(error.rule))}"
        case OverflowError():
            return f"one of its times is out of range ({detail})"
        case AttributeError() | KeyError() | TypeError():
            return f"one of its values cannot be used ({detail})"
        case _:
            return detail
