"""The details of an event: whether it takes time, who may see it, how to join."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from icalendar import Event

from collectors.mail.html import html_links, html_text, is_page
from collectors.texts import one_line
from models.links import join_link, on_the_web, service_of

# The fields in which programs put the link to join. CONFERENCE is RFC 7986's.
CONFERENCES = (
    "CONFERENCE",
    "X-GOOGLE-CONFERENCE",
    "X-MICROSOFT-SKYPETEAMSMEETINGURL",
    "X-MICROSOFT-ONLINEMEETINGEXTERNALLINK",
    "X-ZOOM-JOIN-URL",
    "X-WEBEX-JOIN-URL",
)
_BUSY = {"BUSY", "OOF", "WORKINGELSEWHERE"}
_FREE = {"FREE"}
_PRIVATE = {"PRIVATE", "CONFIDENTIAL"}


def status(event: Event) -> str:
    """`confirmed` where nothing else is said; a cancellation is `versions`' to tell."""
    return "tentative" if _said(event, "STATUS") == "TENTATIVE" else "confirmed"


def busy(event: Event, *, all_day: bool) -> bool:
    """Whether it takes time. Of a whole day only when that is said: most are birthdays and holidays, and many
    programs write nothing."""
    outlook = _said(event, "X-MICROSOFT-CDO-BUSYSTATUS")
    if outlook in _BUSY | _FREE:
        return outlook in _BUSY
    stated = _said(event, "TRANSP")
    return stated == "OPAQUE" if all_day else stated != "TRANSPARENT"


def is_private(event: Event) -> bool:
    """Whether its owner wants others to see only that the time is taken."""
    return _said(event, "CLASS") in _PRIVATE


def join_url(event: Event) -> str | None:
    """The way into a meeting online: what is stated as such, else the first known one in the texts."""
    conferences = map(on_the_web, _all(event, *CONFERENCES))
    stated = [address for address in conferences if _is_safe(address)]
    known = next((address for address in stated if service_of(address)), None)
    texts = _all(event, "URL", "LOCATION", "DESCRIPTION", "X-ALT-DESC", "SUMMARY")
    return known or join_link(part for text in texts for part in _seen(text)) or next(iter(stated), None)


def _seen(text: str) -> Iterator[str]:
    """A text, or what a person sees of a page: where its links lead, and its words."""
    if not is_page(text):
        yield text
        return
    yield from html_links(text)
    yield html_text(text)


def _is_safe(address: str) -> bool:
    return address.lower().startswith("https://") and address.isprintable() and " " not in address


def _said(event: Event, name: str) -> str:
    return one_line(next(_all(event, name), "")).upper()


def _all(event: Event, *names: str) -> Iterator[str]:
    for name in names:
        value: Any = event.get(name, [])
        values: Iterable[object] = value if isinstance(value, list) else [value]
        yield from map(str, values)
