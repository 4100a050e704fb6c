"""The words of an invitation (text/calendar) or of a visiting card (text/vcard): pure, and nothing raises.

Not an iCalendar reader: of a mail only what people read of such a part is wanted, whatever is wrong with it.
"""

from __future__ import annotations

import re

from collectors.texts import lines

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"(?:[\w-]+\.)?([A-Za-z-]+)((?:;(?:\"[^\"]*\"|[^\":])*)?):(.*)")
_NAME = re.compile(r';CN=(?:"([^"]*)"|([^;:]*))', re.IGNORECASE)
_ESCAPE = re.compile(r"\\([nN,;\\:])")
_WORDS = {
    *("SUMMARY", "LOCATION", "DESCRIPTION", "COMMENT", "CONTACT", "CATEGORIES", "RESOURCES", "URL"),
    *("FN", "NICKNAME", "ORG", "TITLE", "ROLE", "NOTE", "EMAIL", "TEL", "ADR"),
}
_TIMES = {"DTSTART": "from", "DTEND": "to", "DUE": "due"}
_PEOPLE = {"ORGANIZER", "ATTENDEE"}
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d*(Z?))?")


def property_words(text: str) -> str:
    """What a person reads of it, a line for each property, each once."""
    said: dict[str, None] = {}
    zones = 0  # in the rules of a time zone, DTSTART is no event's
    for line in _FOLD.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n"):
        zones += (line.upper() == "BEGIN:VTIMEZONE") - (line.upper() == "END:VTIMEZONE")
        found = _LINE.match(line)
        if found is not None and zones <= 0 and (words := _words(found)):
            said[words] = None
    return lines("\n".join(said))


def _words(found: re.Match[str]) -> str:
    name, parameters, value = found[1].upper(), found[2], found[3]
    if name in _WORDS:
        plain = _ESCAPE.sub(lambda escape: "\n" if escape[1] in "nN" else escape[1], value)
        return " ".join(filter(None, plain.split(";"))) if name in ("ORG", "ADR") else plain
    if name in _TIMES:
        return f"{_TIMES[name]} {_moment(value)}"
    if name in _PEOPLE:
        called, address = _NAME.search(parameters), re.sub("^mailto:", "", value, flags=re.IGNORECASE)
        person = (called[1] or called[2] or "") if called else ""
        return f"{person} <{address}>" if person and person != address else address
    return ""


def _moment(value: str) -> str:
    found = _MOMENT.fullmatch(value.strip())
    if found is None:
        return value
    day = f"{found[1]}-{found[2]}-{found[3]}"
    return f"{day} {found[4]}:{found[5]}{' UTC' if found[6] else ''}" if found[4] else day
