"""What a server may do that it should not, for each kind of account, and the sentence that the board shows.

All on real sockets. Where a limit is what is tried, it is a fraction of a second in place of minutes.
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from collectors.connected.kinds import program_of
from collectors.running import Terms, run_once
from tests.collectors.bad_server import BadServer, http
from tests.proxies.example import Certificate
from tests.running import WAIT_S, PythonClient, RunningServer

NOW = datetime.now(UTC)
SILENCE_S, STEP_S = 0.5, 1.5
SILENCES = {
    "caldav": ("collectors.caldav.account.SILENCE_S", "collectors.caldav.fetching.SILENCE_S"),
    "github": ("collectors.github.api.SILENCE_S",),
    "ics": ("collectors.ics.fetch.SILENCE_S",),
    "imap": ("collectors.imap.account.SILENCE_S",),
    "slack": ("collectors.slack.live.api.SILENCE_S",),
}
STEPS = {
    "caldav": "collectors.caldav.__main__._STEP_S",
    "ics": "collectors.ics.fetch.FETCH_S",
    "imap": "collectors.imap.__main__._STEP_S",
}
A_TIME = r"\d\d:\d\d UTC"


def too_often(retry_after: str) -> bytes:
    return http("429 Too Many Requests", "{}", f"Retry-After: {retry_after}")


def date(ahead: timedelta) -> str:
    return format_datetime(NOW + ahead, usegmt=True)


@dataclass(frozen=True)
class Bad:
    """How a server is bad; no `answers` say that there is none."""

    answers: tuple[bytes, ...] = ()
    drips: bool = False
    tls: bool = False


PAGE = http("200 OK", "<html><body>Please log in</body></html>", kind="text/html")
UNAUTHORIZED = http("401 Unauthorized", "{}", 'WWW-Authenticate: Basic realm="x"')
WEB = {
    "gone": Bad(),
    "hangs": Bad((b"",)),
    "drips": Bad((b"HTTP/1.1 200 OK\r\nX-More: more and more",), drips=True),
    "page": Bad((PAGE,)),
    "certificate": Bad((PAGE,), tls=True),
    "401": Bad((UNAUTHORIZED,)),
    "500": Bad((http("500 Internal Server Error", "<html>", kind="text/html"),)),
    "429, seconds": Bad((too_often("7200"),)),
    "429, a date": Bad((too_often(date(timedelta(hours=2))),)),
    "429, a slow clock": Bad((too_often(date(timedelta(days=-900))),)),
    "429, a fast clock": Bad((too_often(date(timedelta(days=900))),)),
}
GREETING, CAPABILITIES = b"* OK hello\r\n", b"* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n"
MAIL = {
    "gone": Bad(),
    "hangs": Bad((b"",)),
    "hangs later": Bad((GREETING, CAPABILITIES, b"")),
    "drips": Bad((b"* OK and so on ",), drips=True),
    "page": Bad((PAGE,)),
    "certificate": Bad((GREETING,), tls=True),
    "refused": Bad((GREETING, CAPABILITIES, b"{tag} NO [AUTHENTICATIONFAILED] no\r\n")),
    "busy": Bad((GREETING, CAPABILITIES, b"{tag} NO [UNAVAILABLE] later\r\n")),
    "full": Bad((GREETING, CAPABILITIES, b"{tag} NO [LIMIT] Too many connections\r\n")),
    "stops": Bad((GREETING, CAPABILITIES, b"* BYE Server shutting down.\r\n")),
    "signed out": Bad((GREETING, CAPABILITIES, b"{tag} OK in\r\n", b"* BYE session expired\r\n")),
}
PRINCIPAL = http(
    "207 Multi-Status",
    '<multistatus xmlns="DAV:"><response><href>/</href><propstat><prop><current-user-principal>'
    "<href>/ana/</href></current-user-principal></prop><status>HTTP/1.1 200 OK</status></propstat></response>"
    "</multistatus>",
    kind="application/xml",
)
USERS = http("200 OK", json.dumps({"ok": True, "members": []}))
EXPIRED = http("200 OK", json.dumps({"ok": False, "error": "token_expired"}))


def left_alone(begin: str, end: str = "") -> dict[str, tuple[Bad, str]]:
    """What is said of 429; no clock is believed beyond a day."""
    names = ("429, seconds", "429, a date", "429, a slow clock", "429, a fast clock")
    said = dict.fromkeys(names, f"{begin} .*{A_TIME}{end}")
    said["429, a fast clock"] = rf"{begin} \d{{4}}-\d\d-\d\d {A_TIME}{end}"
    return {name: (WEB[name], sentence) for name, sentence in said.items()}


AGAIN = f"it is tried again at {A_TIME}"
ANOTHER = f"`adjutant connect` takes another; {AGAIN}"
WRONG = f"does not take the name or the password: some servers want an app password; {ANOTHER}"
UNTRUSTED = "its certificate is not trusted here: self-signed certificate;"
TABLE: Mapping[str, Mapping[str, tuple[Bad, str]]] = {
    "ics": {
        name: (WEB[name], f"https?://[a-z0-9.]+/…: {said}")
        for name, said in {
            "gone": "no connection: refused: nothing is listening there",
            "hangs": r"the server says nothing for 0\.5 s, or takes more than 1\.5 s",
            "drips": r"the server says nothing for 0\.5 s, or takes more than 1\.5 s",
            "page": "it is not a calendar: there is no BEGIN:VCALENDAR in it",
            "certificate": f"{UNTRUSTED} SSL_CERT_FILE may name .*",
            "401": r"it wants a name and a password, or these are wrong: .* \(the server says 401\)",
            "500": r"it cannot be fetched \(the server says 500\)",
        }.items()
    }
    | left_alone(r"https?://[a-z0-9.]+/…: the server has too much to do \(429\), and is left alone until"),
    "caldav": {
        "gone": (WEB["gone"], "the server cannot be reached: refused: nothing is listening there"),
        "hangs": (WEB["hangs"], r"the server has not answered for 0\.5 s"),
        "drips": (
            WEB["drips"],
            r"nothing has come of it for 1\.5 s: the server is too slow, or .* byte by byte",
        ),
        "page": (WEB["page"], r"the server shows no calendar: is the address right\? What is here stays"),
        "certificate": (WEB["certificate"], f"the server cannot be reached: {UNTRUSTED} --ca may name .*"),
        "page for XML": (
            Bad((http("207 Multi-Status", "<html><body>Please log in", kind="application/xml"),)),
            r"the server answers what cannot be understood: is the address right\?",
        ),
        "page for XML, in the middle": (
            Bad((PRINCIPAL, http("207 Multi-Status", "<html><body>No", kind="application/xml"))),
            r"the server answers what cannot be understood: is the address right\?",
        ),
        "401": (WEB["401"], f"the server {WRONG}"),
        "401 in the middle": (
            Bad((PRINCIPAL, UNAUTHORIZED)),
            f"the server {WRONG}",
        ),
        "500": (WEB["500"], r"the server has a fault of its own \(500\), and is asked again"),
        "501": (
            Bad((http("501 Unsupported method", "<html><body>PROPFIND"),)),
            r"the server does not know CalDAV: is the address right\?",
        ),
        **left_alone("the server has too much to do, and is left alone until", "; what is here stays"),
    },
    "imap": {
        "gone": (MAIL["gone"], "127.0.0.1 cannot be reached: refused: nothing is listening there"),
        "hangs": (MAIL["hangs"], r"127.0.0.1 has not answered for 0\.5 s"),
        "hangs later": (MAIL["hangs later"], r"127.0.0.1 has not answered for 0\.5 s"),
        "drips": (
            MAIL["drips"],
            r"nothing has come of it for 1\.5 s: the server is too slow, or .* byte by byte",
        ),
        "page": (
            MAIL["page"],
            r"127.0.0.1 answers what no mail server says: are its name and --port right\?",
        ),
        "certificate": (
            MAIL["certificate"],
            f"localhost cannot be reached: {UNTRUSTED} --ca may name .*",
        ),
        "refused": (MAIL["refused"], f"127.0.0.1 {WRONG}"),
        "busy": (MAIL["busy"], "127.0.0.1 lets nobody in just now, and is asked again"),
        "full": (MAIL["full"], "127.0.0.1 lets nobody in just now, and is asked again"),
        "stops": (
            MAIL["stops"],
            "127.0.0.1 ended the connection, and is asked again: .*shutting down.*",
        ),
        "signed out": (
            MAIL["signed out"],
            "127.0.0.1 ended the connection, and is asked again: .*session expired.*",
        ),
    },
    "slack": {
        "gone": (WEB["gone"], "Slack cannot be reached: refused: nothing is listening there"),
        "hangs": (WEB["hangs"], r"Slack has not answered for 0\.5 s"),
        "drips": (WEB["drips"], r"Slack has not answered for 0\.5 s"),
        "page": (WEB["page"], "there is an answer, but not Slack's: it may be a page to log in"),
        "certificate": (
            WEB["certificate"],
            f"Slack cannot be reached: {UNTRUSTED} SSL_CERT_FILE may name .*",
        ),
        "401": (
            WEB["401"],
            rf"Slack does not take the token \(401\): take a new one from .* page; {ANOTHER}",
        ),
        "401 in the middle": (
            Bad((USERS, EXPIRED)),
            rf"Slack does not take the token \(token_expired\): take a new one from .* page; {ANOTHER}",
        ),
        "500": (WEB["500"], r"Slack has a fault of its own \(500\), and is asked again"),
        **left_alone("the server has too much to do, and is left alone until", "; what is here stays"),
    },
    "github": {
        "gone": (WEB["gone"], r"GitHub cannot be reached: refused: nothing is listening there"),
        "hangs": (WEB["hangs"], r"GitHub has not answered for 0\.5 s"),
        "drips": (WEB["drips"], r"GitHub has not answered for 0\.5 s"),
        "page": (WEB["page"], r"there is an answer, but not GitHub's: is the address right\?"),
        "certificate": (
            WEB["certificate"],
            f"GitHub cannot be reached: {UNTRUSTED} SSL_CERT_FILE may name .*",
        ),
        "401": (
            WEB["401"],
            f"GitHub does not take the access token: it may have expired; {ANOTHER}",
        ),
        "401 in the middle": (
            Bad((http("200 OK", '{"login": "ana"}'), UNAUTHORIZED)),
            f"GitHub does not take the access token: it may have expired; {ANOTHER}",
        ),
        "500": (WEB["500"], r"GitHub has a fault of its own \(500\), and is asked again"),
        **left_alone("GitHub asks to be left alone until", "; what is here stays"),
    },
}


def arguments(collector: str, port: int, secret: Path, *, tls: bool) -> list[str]:
    """Its command line."""
    host = "localhost" if tls else "127.0.0.1"
    base = f"{'https' if tls else 'http'}://{host}:{port}"
    match collector:
        case "ics":
            return [f"{base}/private/a.ics", "--allow-private"]
        case "caldav":
            return [f"{base}/", "ana", "--password-file", str(secret)]
        case "slack":
            return ["acme", "--api", f"{base}/api/", "--tokens-file", str(secret)]
        case "github":
            return ["--host", base, "--token-file", str(secret)]
    where = ["--host", host, "--port", str(port), "--security", "tls" if tls else "none"]
    return ["ana@example.org", *where, "--password-file", str(secret)]


# imapclient leaves the socket of a connection that could not be begun to the garbage collector.
@pytest.mark.filterwarnings("ignore:.*socket.socket.*:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("collector", TABLE)
async def test_whatever_a_server_does_the_board_says_it_in_a_sentence(
    collector: str,
    server: RunningServer,
    board: PythonClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("collectors.slack.live.api.WAITS_MAX_S", 0.001)
    secret = tmp_path / "secret"
    secret.touch(0o600)
    secret.write_text("xoxb-planted\nxapp-planted\n" if collector == "slack" else "planted")
    certificate = await Certificate.made(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.file, certificate.key)
    for name, (bad, sentence) in TABLE[collector].items():
        # What drips is never silent for those that notice it by the whole step.
        is_silent = name.startswith("hangs") or (bad.drips and collector not in ("caldav", "imap"))
        for place in SILENCES[collector]:
            monkeypatch.setattr(place, SILENCE_S if is_silent else WAIT_S)
        if collector in STEPS:
            is_cut = bad.drips or (collector == "ics" and is_silent)  # its sentence names both limits
            monkeypatch.setattr(STEPS[collector], STEP_S if is_cut else WAIT_S)
        tls = context if bad.tls else None
        async with BadServer(*bad.answers, drips=bad.drips, greets=collector == "imap", tls=tls) as upstream:
            if not bad.answers:
                await upstream.stop()
            words = arguments(collector, upstream.port, secret, tls=bad.tls)
            job = program_of(collector).job_of([*words, "--spool", str(tmp_path / name), "--source", "x:y"])
            await run_once(job, Terms(server.url))
        [source] = (await board.state())["sources"]
        said = source["message"]
        assert (source["status"], bool(re.fullmatch(sentence, said))) == ("error", True), f"{name}: {said}"
        assert "planted" not in str(source)
