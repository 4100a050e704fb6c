"""Web addresses in people's texts: finds the one that joins a meeting, and removes all of them.

A meeting's address may hold its password. It belongs behind a button, in `join_url`; text that is read aloud,
printed or shown on a wall has the name of the service instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

_ADDRESS = re.compile(r"https?://[^\s<>\"')\]]+", re.IGNORECASE)
_TRAILING = ".,;:!?"
_NAMED = (
    r"(?:(?:meeting|webinar|room|besprechungs)[ -]?(?:id|number|code)|(?:phone )?conference id"
    r"|pass(?:code|word|wd|phrase)"
    r"|access code|host key|pin|pwd|kennwort|passwort|zugangscode|kenncode|mot de passe"
    r"|code d['’](?:accès|entrée)"
    r"|contraseña|código de acceso|clave|パスコード|パスワード|ミーティング ?ID|会議 ?ID)"
)
_SECRET = re.compile(
    rf"[(\[]?\b{_NAMED}\b(?: ?\([^()]*\))?"
    r"(?:\s*(?:[:=：#]|\bis\b|\bist\b|\best\b|\bes\b|は)\s*|\s+(?=\S*\d)(?=\S{3}|\d[\d -]{2,}\d))"
    r"(?:\d[\d -]{2,}\d|[^\s,;)\]]+)#?[)\]]?[,;]?",
    re.IGNORECASE,
)
_BARE_ADDRESS = re.compile(r"\b(?:[a-z0-9-]+\.)+[a-z]{2,}/[^\s<>\"')\]]+", re.IGNORECASE)
_WITHOUT_SCHEME = re.compile(rf"(?<![\w./:@-]){_BARE_ADDRESS.pattern}", re.IGNORECASE)
_BY_APP = re.compile(
    r"(?<![\w.+-])(?:zoommtg|zoomus|zoomrc|msteams|ms-teams|webex|wbx):/{0,3}(?P<rest>[^\s<>\"')\]/][^\s<>\"')\]]*)",
    re.IGNORECASE,
)
"""What opens a service's own program (decision 127)."""
_OTHER_SCHEME = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s<>\"')\]]+", re.IGNORECASE)
_DIALLED = re.compile(r",,\s*[\d*#]+(?:,+[\d*#]+)*")
# By the host that a meeting's address has; the page has the same list for calendars of older servers.
_SERVICES = (
    ("Zoom", re.compile(r"(?:^|\.)zoom(?:gov)?\.(?:us|com|com\.cn)$")),
    ("Teams", re.compile(r"^(?:gov\.)?teams\.(?:microsoft|live)\.(?:com|us)$")),
    ("Meet", re.compile(r"^meet\.google\.com$")),
    ("Webex", re.compile(r"(?:^|\.)webex\.com$")),
    ("GoTo", re.compile(r"(?:^|\.)(?:gotomeeting|gotomeet|goto)\.(?:com|me)$")),
    ("Jitsi", re.compile(r"^meet\.jit\.si$")),
    ("Whereby", re.compile(r"(?:^|\.)whereby\.com$")),
    ("BlueJeans", re.compile(r"(?:^|\.)bluejeans\.com$")),
    ("Chime", re.compile(r"(?:^|\.)chime\.aws$")),
)


# Where mail programs put a page of their own before every link: the host, and the field with the link.
_WRAPPERS = (
    (re.compile(r"\.safelinks\.protection\.outlook\.com$"), "url"),
    (re.compile(r"^www\.google\.com$"), "q"),
    (re.compile(r"^urldefense\.proofpoint\.com$"), "u"),
)
TEXT_MAX = 16_000
"""Characters of a text that an item may have (models.base.Prose)."""
_WRAPPED_MAX = 5  # links inside links that are unwrapped: forwarders wrap one another's


def unwrapped(address: str) -> str:
    """The address that a mail program wrapped into one of its own."""
    for _ in range(_WRAPPED_MAX):
        try:
            parts = urlsplit(address)
            host = (parts.hostname or "").lower()
            fields = [field for wrapper, field in _WRAPPERS if parts.query and wrapper.search(host)]
            inner = parse_qs(parts.query, max_num_fields=20).get(fields[0]) if fields else None
        except ValueError:
            return address
        if not inner or not inner[0].lower().startswith(("https://", "http://")):
            return address
        address = inner[0]
    return address


def service_of(address: str) -> str | None:
    """The service whose meetings have this address; None if it is not a meeting."""
    try:
        parts = urlsplit(unwrapped(address))
        host = (parts.hostname or "").lower()
        _ = parts.port  # what has none that can be is no address
    except ValueError:
        return None
    if parts.scheme.lower() != "https":
        return None
    return next((name for name, pattern in _SERVICES if pattern.search(host)), None)


def addresses_in(text: str) -> Iterable[str]:
    """All web addresses, without the punctuation of the sentence around them."""
    for found in _ADDRESS.findall(text):
        yield found.rstrip(_TRAILING)


def on_the_web(text: str) -> str:
    """The text with the address for a browser in place of each that opens a service's own program."""
    return _BY_APP.sub(_for_a_browser, text) if ":" in text else text


def _for_a_browser(found: re.Match[str]) -> str:
    rest = found["rest"].rstrip(_TRAILING)
    behind = found["rest"][len(rest) :]  # of the sentence, not of the address
    address = f"https://teams.microsoft.com/{rest}" if rest.startswith("l/") else f"https://{rest}"
    try:
        parts = urlsplit(address)
        fields = parse_qs(parts.query, max_num_fields=20)
    except ValueError:
        return found[0]
    if number := fields.get("confno"):  # Zoom's program has the number in a field, its page in the path
        opened = f"?pwd={quote(fields['pwd'][0])}" if "pwd" in fields else ""
        address = f"https://{parts.netloc}/j/{quote(number[0])}{opened}"
    return found[0] if service_of(address) is None else address + behind


def join_link(texts: Iterable[str | None]) -> str | None:
    """The first address that joins a meeting, also one that is written without its scheme."""
    for stated in texts:
        text = on_the_web(stated or "")
        bare = (f"https://{found.rstrip(_TRAILING)}" for found in _WITHOUT_SCHEME.findall(text))
        for address in (*addresses_in(text), *bare):
            if service_of(address) is not None:
                return unwrapped(address)
    return None


def site_of(address: str) -> str:
    """The service, or the host; `a link` if it cannot be read."""
    try:
        return service_of(address) or urlsplit(address).hostname or "a link"
    except ValueError:
        return "a link"


def without_addresses(text: str, named: Callable[[str], str | None] = site_of) -> str:
    """The text with a name in place of each web address; one for which `named` has no name stays."""

    def name(match: re.Match[str]) -> str:
        address = match[0].rstrip(_TRAILING)
        return (named(address) or address) + match[0][len(address) :]

    return _ADDRESS.sub(name, text)


def without_meetings(text: str) -> str:
    """The text with the service's name in place of each address that joins a meeting."""

    def name(found: re.Match[str]) -> str:
        return service_of(f"https://{found[0].rstrip(_TRAILING)}") or found[0]

    return _WITHOUT_SCHEME.sub(name, without_addresses(on_the_web(text), service_of))


def without_entry(text: str) -> str:
    """The same, and where there was one, without the words and numbers that open it."""
    told = without_meetings(text)
    return text if told == text else " ".join(without_codes(told).split())


def link_apart(value: Any, link: str, *texts: str, of_event: bool = False) -> Any:
    """An item as it is stated, with the address that joins a meeting in the field `link` alone. The first of
    the texts is read aloud: it has no words and numbers that open the meeting either. In a task they are only
    taken for such beside an address."""
    if not isinstance(value, dict):
        return value
    said = {
        name: text for name in texts if isinstance(text := value.get(name), str) and len(text) <= TEXT_MAX
    }
    told = {name: without_meetings(text) for name, text in said.items()}
    if texts[0] in said:
        title = said[texts[0]]
        short = without_codes(told[texts[0]]) if of_event or told != said else title
        told[texts[0]] = title if short == title else " ".join(short.split()) or "(no title)"
    if told == said:
        return value
    address = value.get(link) or join_link(said.values())
    return {**value, **told, **({link: address} if address else {})}


def without_secrets(text: str) -> str:
    """The text without addresses, and without the words and numbers that open a meeting."""
    shown = without_addresses(on_the_web(text))
    shown = _OTHER_SCHEME.sub(lambda found: site_of(found[0]), shown)
    return without_codes(_BARE_ADDRESS.sub(lambda found: site_of(f"https://{found[0]}"), shown))


def without_codes(text: str) -> str:
    """The text without the words and numbers that open a meeting."""
    return _DIALLED.sub("", _SECRET.sub("", text))
