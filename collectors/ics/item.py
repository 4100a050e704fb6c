"""Turns an occurrence into an item of the `calendar` section: pure, and within the server's limits.

Texts are cut to fit; what cannot be represented (a time out of range) is Unusable.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, tzinfo
from typing import Any, TypedDict, cast
from urllib.parse import urlsplit

from icalendar import Event

from collectors.ics import details
from collectors.ics.moments import instant, is_day
from collectors.ics.recurrence import Placed
from collectors.mail.html import html_text, is_page
from collectors.remarks import Unusable
from collectors.texts import fitted, lines, one_line
from models.base import YEARS
from models.links import without_codes, without_meetings

TITLE_MAX, LOCATION_MAX, DESCRIPTION_MAX, URL_MAX = (
    500,
    1_000,
    16_000,
    2_000,
)  # the server's bounds (models.base)
ATTENDEES_MAX, ATTENDEE_MAX, ID_MAX = 500, 320, 255  # likewise (models.calendar)
UID_MAX = ID_MAX - len("#20261123T090000Z")
FIRST_YEAR, LAST_YEAR = YEARS[0], YEARS[-1]  # the server's bounds
NO_TITLE, BUSY = "(no title)", "Busy"

_AWAY = ("ROOM", "RESOURCE")
_ANSWERS = {
    "ACCEPTED": "accepted",
    "DECLINED": "declined",
    "NEEDS-ACTION": "needs_action",
    "TENTATIVE": "tentative",
}


class Answered(TypedDict):
    """What one of the attendees said to the invitation."""

    attendee: str
    answer: str


class Item(TypedDict):
    """An item as `calendar:put` takes it."""

    id: str
    formerly: list[str]
    title: str
    start: str
    end: str
    all_day: bool
    attendees: list[str]
    answers: list[Answered]
    location: str | None
    description: str | None
    url: str | None
    status: str
    busy: bool
    private: bool
    organizer: str | None
    join_url: str | None


def item(
    placed: Placed, item_id: str, formerly: Sequence[str], tz: tzinfo, *, off: bool
) -> tuple[Item, list[str]]:
    """The item, and the names of the fields that had to be cut. `off`: it will not take place.

    The address of a meeting is in `join_url`. It may hold a password, so the texts name the service instead.

    Errors: Unusable for times that the board does not take.
    """
    event = placed.component.event
    start, end, all_day = _times(placed, tz)
    stated = _stated(event)
    attendees = [*stated]
    texts = {
        "title": one_line(without_codes(without_meetings(first(event, "SUMMARY")))) or NO_TITLE,
        "location": without_meetings(one_line(first(event, "LOCATION"))),
        "description": without_meetings(description(event)),
    }
    join = details.join_url(event)
    organizer = next(iter(_stated(event, "ORGANIZER")), None)
    limits = {"title": TITLE_MAX, "location": LOCATION_MAX, "description": DESCRIPTION_MAX}
    cut = [name for name, text in texts.items() if len(text) > limits[name]]
    if len(attendees) > ATTENDEES_MAX:
        cut.append("attendees")
    return {
        "id": item_id,
        "formerly": list(formerly),
        "title": fitted(texts["title"], TITLE_MAX),
        "start": start,
        "end": end,
        "all_day": all_day,
        "attendees": attendees[:ATTENDEES_MAX],
        "answers": [
            {"attendee": person, "answer": _ANSWERS[said]}
            for person in attendees[:ATTENDEES_MAX]
            if (said := stated[person]) in _ANSWERS
        ],
        "location": fitted(texts["location"], LOCATION_MAX) or None,
        "description": fitted(texts["description"], DESCRIPTION_MAX) or None,
        "url": web_url(event),
        "status": "cancelled" if off else details.status(event),
        "busy": details.busy(event, all_day=all_day),
        "private": details.is_private(event),
        "organizer": organizer,
        "join_url": join if join is not None and len(join) <= URL_MAX else None,
    }, cut


def answer_of(item: Item, is_meant: Callable[[str], bool]) -> str | None:
    """What the person who is meant answered to the invitation, if anything."""
    return next((one["answer"] for one in item["answers"] if is_meant(one["attendee"])), None)


def only_busy(item: Item) -> Item:
    """What others may see of a private event: only that the time is taken."""
    nothing: dict[str, Any] = {
        **dict.fromkeys(("location", "description", "url", "organizer", "join_url")),
        "attendees": [],
        "answers": [],
    }
    return cast("Item", item | nothing | {"title": BUSY})


# The last: a place that is an address.
_WHERE_TO_READ_ON = ("URL", *details.CONFERENCES, "LOCATION")


def sound_uid(uid: str) -> str:
    """The UID as the ids of its items begin; one that the server would not take is replaced by a hash of
    it."""
    return uid if is_id(uid) and len(uid) <= UID_MAX else f"sha256-{hashed(uid)}"


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def is_id(text: str) -> bool:
    """Whether the server accepts this text as an id: people must read and type it unambiguously."""
    return (
        0 < len(text) <= ID_MAX
        and text not in (".", "..")
        and text == unicodedata.normalize("NFC", text)
        and text.strip() == text
        and "  " not in text
        and all(_is_id_character(character) for character in text)
    )


def _is_id_character(character: str) -> bool:
    return character == " " or (
        character not in "/;%" and unicodedata.category(character)[0] not in "CZ" and not character.isspace()
    )


def _times(placed: Placed, tz: tzinfo) -> tuple[str, str, bool]:
    start, end = placed.start, placed.end
    if is_day(start):
        _check_years(start, end)
        return start.isoformat(), end.isoformat(), True
    first = instant(start, tz)
    last = max(first, instant(end, tz))
    _check_years(first, last)
    return rfc3339(first), rfc3339(last), False


def _check_years(start: date, end: date) -> None:
    if start.year < FIRST_YEAR or end.year > LAST_YEAR:
        raise Unusable(f"it is not within the years {FIRST_YEAR} to {LAST_YEAR}")


def rfc3339(moment: datetime) -> str:
    """A moment in UTC, as the server takes it."""
    return moment.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _values(event: Event, name: str) -> Iterable[object]:
    value = event.get(name, [])
    return value if isinstance(value, list) else [value]


def first(event: Event, name: str) -> str:
    """The first value of that name, "" without one."""
    return next((str(value) for value in _values(event, name)), "")


def _stated(event: Event, *roles: str) -> dict[str, str]:
    """Whom the event concerns, organizer first, each once: `Name <address>` or the one that is known, and
    their PARTSTAT. Who invites is most often an attendee as well, and answers as one."""
    found: dict[str, tuple[str, str]] = {}
    for value in (value for role in roles or ("ORGANIZER", "ATTENDEE") for value in _values(event, role)):
        params = getattr(value, "params", {})
        if str(params.get("CUTYPE", "")).upper() in _AWAY:
            continue
        address = one_line(re.sub(r"^mailto:", "", str(value).strip(), flags=re.IGNORECASE))
        name = one_line(str(params.get("CN", ""))).strip("\"'")
        person = (
            f"{name} <{address}>" if name and address and name.lower() != address.lower() else name or address
        )
        if person:
            key, said = (address or name).lower(), str(params.get("PARTSTAT", "")).upper()
            known, before = found.get(key, (fitted(person, ATTENDEE_MAX), ""))
            found[key] = known, before or said
    return dict(found.values())


def web_url(event: Event) -> str | None:
    """An address to read more or to join; only ones that a browser may open."""
    for name in _WHERE_TO_READ_ON:
        for value in _values(event, name):
            url = str(value).strip()
            if len(url) <= URL_MAX and is_web_address(url):
                return url
    return None


def description(event: Event) -> str:
    """The description as text, even if a program wrote HTML; Outlook has that in a property of its own."""
    said = first(event, "DESCRIPTION")
    if not said.strip():
        return html_text(first(event, "X-ALT-DESC"))
    return html_text(said) if is_page(said) else lines(said)


def is_web_address(url: str) -> bool:
    if not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
