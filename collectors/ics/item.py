"""One occurrence into one item of the `calendar` section: pure, and within the server's limits.

What people read is trimmed to fit; what cannot be said truly (a time out of range) is a ValueError.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TypedDict
from urllib.parse import urlsplit

from icalendar import Event

from collectors.ics.recurrence import Placed
from collectors.texts import fitted, lines, one_line

TITLE_MAX, LOCATION_MAX, DESCRIPTION_MAX, URL_MAX = 500, 1_000, 16_000, 2_000
ATTENDEES_MAX, ATTENDEE_MAX, ID_MAX = 500, 320, 255
FIRST_YEAR, LAST_YEAR = 1900, 2199
NO_TITLE = "(no title)"

_AWAY = ("ROOM", "RESOURCE")


class Item(TypedDict):
    """An item as `calendar:put` takes it."""

    id: str
    title: str
    start: str
    end: str
    all_day: bool
    attendees: list[str]
    location: str | None
    description: str | None
    url: str | None


def item(placed: Placed, item_id: str, tz: tzinfo) -> tuple[Item, list[str]]:
    """The item, and the names of the fields that had to be cut.

    Errors: ValueError for times that the board does not take; the message is a sentence's end.
    """
    event = placed.component
    start, end, all_day = _times(placed, tz)
    attendees = list(_people(event))
    texts = {
        "title": one_line(_first(event, "SUMMARY")) or NO_TITLE,
        "location": one_line(_first(event, "LOCATION")),
        "description": lines(_first(event, "DESCRIPTION")),
    }
    limits = {"title": TITLE_MAX, "location": LOCATION_MAX, "description": DESCRIPTION_MAX}
    cut = [name for name, text in texts.items() if len(text) > limits[name]]
    if len(attendees) > ATTENDEES_MAX:
        cut.append("attendees")
    return {
        "id": item_id,
        "title": fitted(texts["title"], TITLE_MAX),
        "start": start,
        "end": end,
        "all_day": all_day,
        "attendees": attendees[:ATTENDEES_MAX],
        "location": fitted(texts["location"], LOCATION_MAX) or None,
        "description": fitted(texts["description"], DESCRIPTION_MAX) or None,
        "url": _url(event),
    }, cut


def item_id(uid: str, original: date | datetime | None, tz: tzinfo) -> str:
    """The same id for the same occurrence in every run: UID, or UID#where the rule first put it.

    A UID that the server would not take as part of an id is replaced by a hash of it.
    """
    suffix = f"#{_basic(original, tz)}" if original is not None else ""
    if not is_id(uid) or len(uid) + len(suffix) > ID_MAX:
        uid = f"sha256-{hashed(uid)}"
    return uid + suffix


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def is_id(text: str) -> bool:
    """Whether the server takes this text as an id: what two people would both read and type the same way."""
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
    if placed.reversed:
        raise ValueError("it ends before it begins")
    if not isinstance(start, datetime) and not isinstance(end, datetime):
        # DTEND is the day after the last one. Programs that write the last day itself mean a whole day, too.
        end = max(end, start + timedelta(days=1))
        _check_years(start, end)
        return start.isoformat(), end.isoformat(), True
    first, last = in_utc(start, tz), in_utc(end, tz)
    _check_years(first, last)
    return _rfc3339(first), _rfc3339(last), False


def _check_years(start: date, end: date) -> None:
    if start.year < FIRST_YEAR or end.year > LAST_YEAR:
        raise ValueError(f"it is not within the years {FIRST_YEAR} to {LAST_YEAR}")


def in_utc(moment: date | datetime, tz: tzinfo) -> datetime:
    """The instant of a time; one without a zone is by the clock of `tz`, a date is its midnight there."""
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=tz)
    return (moment if moment.tzinfo else moment.replace(tzinfo=tz)).astimezone(UTC)


def _rfc3339(moment: datetime) -> str:
    return moment.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _basic(moment: date | datetime, tz: tzinfo) -> str:
    if isinstance(moment, datetime):
        return in_utc(moment, tz).strftime("%Y%m%dT%H%M%SZ")
    return moment.strftime("%Y%m%d")


def _values(event: Event, name: str) -> Iterable[object]:
    value = event.get(name, [])
    return value if isinstance(value, list) else [value]


def _first(event: Event, name: str) -> str:
    return next((str(value) for value in _values(event, name)), "")


def _people(event: Event) -> Iterator[str]:
    """Whom the event concerns, organizer first, each once: `Name <address>` or the one that is known."""
    seen = set()
    for value in (*_values(event, "ORGANIZER"), *_values(event, "ATTENDEE")):
        params = getattr(value, "params", {})
        if str(params.get("CUTYPE", "")).upper() in _AWAY:
            continue
        address = one_line(re.sub(r"^mailto:", "", str(value).strip(), flags=re.IGNORECASE))
        name = one_line(str(params.get("CN", ""))).strip("\"'")
        person = (
            f"{name} <{address}>" if name and address and name.lower() != address.lower() else name or address
        )
        key = (address or name).lower()
        if person and key not in seen:
            seen.add(key)
            yield fitted(person, ATTENDEE_MAX)


def _url(event: Event) -> str | None:
    """Where to read more or to join; what no browser should open is left out."""
    for name in ("URL", "CONFERENCE", "X-GOOGLE-CONFERENCE"):
        for value in _values(event, name):
            url = str(value).strip()
            if len(url) <= URL_MAX and is_web_address(url):
                return url
    return None


def is_web_address(url: str) -> bool:
    if not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
