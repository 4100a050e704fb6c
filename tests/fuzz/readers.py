"""Everything that reads what others wrote, and what counts as a clear refusal of each."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import apsw
from pydantic import ValidationError

from adjutant_client.address import Address, AddressError
from collectors.actions import reader as actions
from collectors.actions.mine import NOBODY
from collectors.archive import event as archive_event
from collectors.archive import record as archive_record
from collectors.folders import Unreadable
from collectors.ics.file import Octets, read_calendars
from collectors.ics.recurrence import Window
from collectors.ics.text import UnreadableCalendar
from collectors.mail.html import html_links, html_text
from collectors.mail.mbox import Letter, letters
from collectors.mail.message import Message
from collectors.notes.note import Reading
from collectors.remarks import Unusable
from collectors.sanitize import NothingSaid, parsed
from collectors.slack.marks import Names, readable
from collectors.slack.message import Channel
from collectors.slack.message import record as slack_record
from handlers import REGISTRY
from handlers.command import verbs
from sio_server.commands import grammar, when
from sio_server.registry.errors import Refusal, faults_of
from sio_server.search.query import parse
from sio_server.search.tokenizer import Tokenizer
from sio_server.sign_in.base import NotSignedIn, Shown
from sio_server.sign_in.jwt import Claims, JwtSignIn
from sio_server.sign_in.keys import FileKeys
from sio_server.sign_in.roles import Roles
from sio_server.sockets.driver import check, packets_in
from sio_server.sockets.guard import Guard
from sio_server.sockets.origins import Origins
from sio_server.sockets.packets import Malformed, read, read_head
from sio_server.sockets.pages import Pages
from sio_server.sockets.refusals import Refusals
from tests.fuzz.examples import EXAMPLES, WORDS
from tests.running import ROOT
from tests.sign_in.minting import SECRET, pair

NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
WINDOW = Window.around(NOW, 7, 60, ZONE)
SOURCE = actions.Source(date(2026, 3, 3), ZONE)
READING = Reading(ZONE, NOBODY, NOW)
CHANNEL = Channel("C1", "general", "#general")
VERBS = verbs(REGISTRY)
PAGES = Pages(ROOT / "dashboard")
_WORD = re.compile(r"\w+|\s+|[^\w\s]+")


@dataclass(frozen=True)
class Reader:
    """One of them; `refusals` are the errors that it says it has."""

    name: str
    read: Callable[[str], object]
    refusals: tuple[type[Exception], ...] = ()

    @property
    def examples(self) -> tuple[str, ...]:
        """What it reads without a fault."""
        return EXAMPLES[self.name]

    @property
    def words(self) -> tuple[str, ...]:
        """What means something to it: all that its examples are made of, and some more."""
        found = {word for text in self.examples for word in _WORD.findall(text)}
        return tuple(sorted(found | set(WORDS[self.name].split(" "))))


def octets(text: str) -> bytes:
    """As UTF-8; the characters from U+DC80 to U+DCFF are single bytes that are none."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def plain(text: str) -> str:
    """As a text that came through JSON or a decoder: without lone surrogates."""
    return text.encode("utf-8", "replace").decode()


def packets(text: str) -> object:
    read_head(text)
    return read(text)


def bodies(text: str) -> object:
    """A POST: that it is a payload, and its packets."""
    body = octets(text)
    check(body)
    return [len(packet) for packet in packets_in(body)]


def web_tokens(text: str) -> object:
    """A header and claims, a line each, signed as they are: so that what was changed is looked at."""
    header, _, claimed = text.partition("\n")
    signed = b".".join(base64.urlsafe_b64encode(octets(part)).rstrip(b"=") for part in (header, claimed))
    mac = base64.urlsafe_b64encode(hmac.digest(SECRET, signed, "sha256")).rstrip(b"=")
    try:
        _sign_in().identify(Shown(f"{signed.decode()}.{mac.decode()}")).send(None)
    except StopIteration as found:
        return found.value.role
    raise AssertionError("it waits for something")


@cache
def _sign_in() -> JwtSignIn:
    with TemporaryDirectory() as folder:
        return JwtSignIn(FileKeys(pair("HS256").written(Path(folder))), Claims(), Roles(None))


def requests(text: str) -> object:
    """As the dispatcher: the packet, then the event's model, and the faults that it tells."""
    packet = read(text)
    event, *arguments = packet.data if isinstance(packet.data, list) and packet.data else [""]
    request = REGISTRY.requests.get(event) if isinstance(event, str) else None
    if request is None or packet.flaw or len(arguments) != 1 or not isinstance(arguments[0], dict):
        return None
    try:
        return request.validate(arguments[0])
    except ValidationError as error:
        return len(faults_of(error))


@cache
def payload_schemas() -> dict[str, Any]:
    """The JSON Schema of each request's payload."""
    return {name: one.payload.model_json_schema() for name, one in REGISTRY.requests.items()}


def given_items(text: str) -> object:
    """As the rules: each item of a batch by itself, in every section."""
    packet = read('2["x",' + text + "]")
    return [_faults(section, packet.data[1]) for section in ("calendar", "priorities", "commitments")]


def _faults(section: str, item: object) -> int:
    try:
        _given(section).model_validate(item)
    except ValidationError as error:
        return len(faults_of(error))
    return 0


@cache
def _given(section: str) -> Any:
    from models import calendar, commitments, priorities

    return {
        "calendar": calendar.GivenEvent,
        "priorities": priorities.GivenPriority,
        "commitments": commitments.GivenCommitment,
    }[section]


@cache
def _tokenizer() -> Tokenizer:
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE VIRTUAL TABLE texts USING fts5(content, tokenize='porter unicode61')")
    connection.execute("INSERT INTO texts VALUES ('the budget of ana')")
    _tokenizer_holds.append(connection)
    return Tokenizer(connection)


_tokenizer_holds: list[apsw.Connection] = []


def query(text: str) -> object:
    """As the search: what it is read as is also asked of the index."""
    found = parse(plain(text), _tokenizer())
    expression = found.expression
    if expression is not None:
        _tokenizer_holds[0].execute(
            "SELECT count(*) FROM texts WHERE texts MATCH ?", (expression,)
        ).fetchall()
    return found


def times(text: str) -> object:
    when.why_not(text)
    return when.instant_of(text, NOW, ZONE), when.day_or_instant_of(text, NOW, ZONE)


def calendars(text: str) -> object:
    return read_calendars([Octets("a.ics", octets(text))], WINDOW).items


def mails(text: str) -> object:
    found = [one for one in letters(BytesIO(octets(text))) if isinstance(one, Letter)]
    return [Message(letter, NOW).taken("Inbox") for letter in found]


def one_mail(text: str) -> object:
    data = octets(text)
    message = Message(Letter(data, "a.eml", len(data)), NOW)
    return message.id, message.taken("Inbox")


def html(text: str) -> object:
    return html_text(plain(text)), list(html_links(plain(text)))


def slack(text: str) -> object:
    """The text of a message by itself, and as a whole message if it is one."""
    value, _ = parsed(octets(text))
    return slack_record(value, CHANNEL, Names()) if isinstance(value, dict) else readable(str(value), Names())


def slack_text(text: str) -> object:
    return readable(plain(text), Names(users={"U1": "ana"}))


def notes(text: str) -> object:
    return list(READING.read("a.md", plain(text), NOW.timestamp()))


def action_items(text: str) -> object:
    return actions.read(plain(text), SOURCE)


def archive(text: str) -> object:
    line, _ = parsed(octets(text))
    if not isinstance(line, dict):
        return None
    if archive_event.is_event(line, "mail", ZONE):
        return archive_event.event(line, "mail", ZONE)
    return archive_record.record(line, "mail", "2026-03-03", ZONE, lambda id: id)


def addresses(text: str) -> object:
    return Address.parse(text).socketio_path


def lines(text: str) -> object:
    return grammar.read(text, VERBS)


def paths(text: str) -> object:
    """An HTTP request, its first line being the path with its query, each other one a header: the status."""
    target, *more = octets(text).split(b"\n")
    path, _, asked = target.partition(b"?")
    headers = [(name.lower(), value) for name, _, value in (line.partition(b": ") for line in more)]
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": unquote(path), "query_string": asked}
    said: list[Any] = []

    async def send(message: Any) -> None:
        said.append(message)

    with suppress(StopIteration):
        GUARD(scope | {"headers": headers}, _nothing, send).send(None)
    return said[0]["status"] if said else None


async def _nothing(*_: object) -> Any:
    return None


GUARD = Guard(
    _nothing, PAGES, Origins(()), any_host=False, health=dict, is_full=bool, refusals=Refusals(lambda _: None)
)


READERS = (
    Reader("packets", packets, (Malformed,)),
    Reader("bodies", bodies, (Malformed,)),
    Reader("web tokens", web_tokens, (NotSignedIn,)),
    Reader("models", requests, (Malformed,)),
    Reader("items", given_items, (Malformed,)),
    Reader("lines", lines, (Refusal,)),
    Reader("times", times),
    Reader("query", query),
    Reader("calendars", calendars, (UnreadableCalendar,)),
    Reader("mailboxes", mails, (Unreadable, Unusable)),
    Reader("mails", one_mail, (Unusable,)),
    Reader("html", html),
    Reader("slack texts", slack_text),
    Reader("slack messages", slack, (Unusable, NothingSaid)),
    Reader("notes", notes, (Unusable,)),
    Reader("actions", action_items),
    Reader("archive", archive, (Unusable, NothingSaid)),
    Reader("addresses", addresses, (AddressError,)),
    Reader("paths", paths),
)


def reader(name: str) -> Reader:
    """The reader of this name. Errors: KeyError."""
    return {one.name: one for one in READERS}[name]
