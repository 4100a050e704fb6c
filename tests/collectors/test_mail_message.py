"""One message into one record, whatever is in it."""

import base64
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from collectors.mail.content import FILES_MAX
from collectors.mail.parts import DEPTH_MAX, PARTS_MAX
from collectors.remarks import Unusable
from models.records import MAX_TEXT
from tests.collectors.mail_samples import NOW, message, taken


def built(text: str = "Hello", **headers: str) -> EmailMessage:
    mail = EmailMessage()
    for name, value in {
        "From": "ana@example.org",
        "Date": "Mon, 09 Mar 2026 10:00:00 +0100",
        **headers,
    }.items():
        mail[name] = value
    mail.set_content(text)
    return mail


def multipart(boundary: str, *parts: bytes, kind: str = "mixed") -> bytes:
    border = f"--{boundary}".encode()
    body = b"\n".join(border + b"\n" + part for part in parts) + b"\n" + border + b"--\n"
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n'.encode() + body


def boxed(*parts: bytes, kind: str = "mixed") -> bytes:
    """A whole message of these parts."""
    head = message(body="").rstrip(b"\n")
    return head + b"\n" + multipart("box", *parts, kind=kind)


PLAIN = b"Content-Type: text/plain\n\nThe words"
HTML = b"Content-Type: text/html\n\n<p>The <b>page</b></p>"


def test_a_message_is_a_record_with_its_people_and_its_place_in_the_thread() -> None:
    headers = ("Cc: Cy <cy@example.org>, dee@example.org", "In-Reply-To: <b@x>", "References: <a@x> <b@x>")
    given, remarks = taken(message(*headers, body="Yes\n\n> Shall we?\n"))
    assert remarks == []
    assert given.id == "one@example.org"
    assert (given.title, given.kind, given.at) == ("About one@example.org", "mail", "2026-03-09T09:00:00Z")
    assert given.text == "Yes\n\n> Shall we?"
    assert given.meta == {
        "folder": "inbox",
        "from": "Ana <ana@example.org>",
        "to": ["Bo <bo@example.org>"],
        "cc": ["Cy <cy@example.org>", "dee@example.org"],
        "message_id": "one@example.org",
        "in_reply_to": "b@x",
        "references": ["a@x", "b@x"],
        "thread": "a@x",
    }


def test_a_message_without_an_id_has_the_same_one_in_every_run_and_another_one_with_other_words() -> None:
    one, again, other = (
        taken(message("Message-ID: ", "Subject: x", body=body))[0] for body in ("Hi", "Hi", "Ho")
    )
    assert one.id == again.id != other.id
    assert one.meta is not None
    assert one.meta["thread"] == one.id


@pytest.mark.parametrize("id", ["a/b@x", "a;b@x", "50%@x", "é" * 300 + "@x", "a\u200bb@x"])
def test_an_id_that_the_server_would_not_take_is_hashed(id: str) -> None:
    given, _ = taken(message(id=id))
    assert len(given.id) == 20
    assert taken(message(id=id))[0].id == given.id
    assert given.meta is not None
    assert given.meta["message_id"] == id


def test_html_alone_becomes_what_a_person_sees_of_it() -> None:
    page = (
        "<html><head><title>t</title><style>p {color: red}</style></head><body><p>Dear&nbsp;Bo,<p>see "
        "<b>t</b>his:<ul><li>one<li>two</ul><script>track()</script><table><tr><td>1<td>2</table>Bye<br>Ana"
    )
    given, remarks = taken(message("Content-Type: text/html; charset=utf-8", body=page))
    assert given.text == "Dear Bo,\n\nsee this:\n\none\ntwo\n1  2\nBye\nAna"
    assert remarks == []


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 100_000 + "deep",
        "<b>" * 50_000 + "deep",
        "<td>" * 100_000 + "deep",
        "<!--" * 50_000 + "--> deep",
    ],
)
def test_html_made_to_hang_a_reader_does_not(page: str) -> None:
    assert "deep" in taken(message("Content-Type: text/html", body=page))[0].text


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit", "x-unknown", ""])
def test_text_is_read_in_every_transfer_encoding(encoding: str) -> None:
    words = "Grüße aus Köln, €5 = 100%"
    body = words.encode()
    if encoding == "base64":
        body = base64.encodebytes(body)
    elif encoding == "quoted-printable":
        body = b"Gr=C3=BC=C3=9Fe aus K=C3=B6ln, =E2=82=AC5 =3D =\n100%"
    headers = ("Content-Type: text/plain; charset=utf-8", f"Content-Transfer-Encoding: {encoding}")
    assert taken(message(*headers, body=body))[0].text == words


def test_broken_base64_gives_what_can_be_read() -> None:
    headers = ("Content-Type: text/plain", "Content-Transfer-Encoding: base64")
    assert taken(message(*headers, body="SGVsbG8gQm8=!!!"))[0].text.startswith("Hello Bo")
    assert taken(message(*headers, body="S"))[0].text == "S"


@pytest.mark.parametrize(
    ("charset", "body", "text", "remark"),
    [
        ("utf-8", "Köln".encode(), "Köln", ""),
        ("iso-8859-1", "Köln".encode("latin-1"), "Köln", ""),
        ("windows-1252", "€5".encode("cp1252"), "€5", ""),
        ("iso-2022-jp", "日本".encode("iso-2022-jp"), "日本", ""),
        ("", "Köln".encode(), "Köln", ""),
        ("", "Köln".encode("latin-1"), "Köln", "names no charset"),
        ("iso-8859-1", "Köln".encode(), "Köln", "names the wrong charset"),
        ("utf-8", b"K\xf6ln", "K\ufffdln", "do not fit its charset"),
        ("klingon", "Köln".encode(), "Köln", "its charset is unknown"),
        ("zip", b"K\xf6ln", "Köln", "its charset is unknown"),
        ("utf-16", b"odd", "odd", "its charset is unknown"),
        ("unicode_escape", b"K\\xf6ln", "K\\xf6ln", "its charset is unknown"),
    ],
)
def test_every_charset_is_survived(charset: str, body: bytes, text: str, remark: str) -> None:
    kind = f"text/plain; charset={charset}" if charset else "text/plain"
    given, remarks = taken(message(f"Content-Type: {kind}", body=body))
    assert given.text == text
    assert [one for one in remarks if remark not in one] == []
    assert bool(remarks) == bool(remark)


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("=?utf-8?q?K=C3=B6ln?= =?utf-8?b?4oKs?=", "Köln€"),
        ("=?iso-8859-1?Q?K=F6ln?= again", "Köln again"),
        ("=?utf-8?q?a=0D=0ABcc:_evil@example.org?=", "a Bcc: evil@example.org"),
        ("one\n  two\n\tthree", "one two three"),
        ("=?klingon?q?K=F6ln?=", "Köln"),
        ("=?utf-8?b?A?=", "=?utf-8?b?A?="),
        ("=?utf-8?b?!!!?=", None),
        ("K\udcf6ln", "Köln"),
        ("a\x00b\x1b[31m", "ab[31m"),
    ],
)
def test_a_subject_is_one_line_of_readable_words(raw: str, title: str | None) -> None:
    assert taken(message(f"Subject: {raw}"))[0].title == title


def test_the_names_of_people_are_readable() -> None:
    headers = (
        "From: =?utf-8?q?K=C3=B6ln=2C_Ana?= <ana@example.org>",
        'To: "B, o" <bo@example.org>, team: c@x, d@x;',
    )
    meta = taken(message(*headers))[0].meta
    assert meta is not None
    assert meta["from"] == "Köln, Ana <ana@example.org>"
    assert meta["to"] == ["B, o <bo@example.org>", "c@x", "d@x"]


def test_headers_made_to_hang_a_reader_do_not() -> None:
    headers = (
        "To: " + ", ".join(f"p{n}@example.org" for n in range(5_000)),
        "Cc: " + "(" * 20_000,
        "Subject: " + "=?utf-8?q?a?=" * 5_000,
        "References: " + " ".join(f"<{n}@x>" for n in range(5_000)),
        "Content-Type: text/plain" + ";" * 50_000 + 'a="' * 10_000,
        "Date: " + "(" * 50_000,
        "Received: by x; Mon, 09 Mar 2026 09:00:00 +0000",
    )
    given, remarks = taken(message(*headers))
    assert given.meta is not None
    assert len(given.meta["to"]) == 100
    assert len(given.meta["references"]) == 50
    assert "it names more than 100 people, and the first of them are kept" in remarks


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("Mon, 09 Mar 2026 10:00:00 +0100", "2026-03-09T09:00:00Z"),
        ("9 Mar 2026 10:00 -0500", "2026-03-09T15:00:00Z"),
        ("Mon, 09 Mar 2026 10:00:00", "2026-03-09T10:00:00Z"),
        ("Mon, 09 Mar 2026 10:00:00 -0000", "2026-03-09T10:00:00Z"),
        ("Mon, 09 Mar 2026 10:00:00 GMT (a remark)", "2026-03-09T10:00:00Z"),
        ("Fri, 01 Jan 99 10:00:00 EST", "1999-01-01T15:00:00Z"),
        ("Mon, 09 Mar 2026 10:00:00 GMT+01:00", "2026-03-09T09:00:00Z"),
        ("Mon, 09 Mar 2026 10:00:00 UTC-0500", "2026-03-09T15:00:00Z"),
        ("2026-03-09T10:00:00+01:00", "2026-03-09T09:00:00Z"),
        ("2026-03-09 10:00:00Z", "2026-03-09T10:00:00Z"),
    ],
)
def test_dates_are_instants_and_without_a_zone_they_are_utc(date: str, at: str) -> None:
    given, remarks = taken(message(f"Date: {date}"))
    assert (given.at, remarks) == (at, [])


@pytest.mark.parametrize(
    "date",
    ["", "soon", "Mon, 99 Mar 2026 10:00:00 +0100", "1 Jan 0001 00:00:00 +9999", "9 Mar 9999 10:00:00 +0000"],
)
def test_a_date_that_cannot_be_read_is_replaced_by_the_next_best_and_that_is_said(date: str) -> None:
    lack = "its date cannot be read" if date else "it has no date"
    received = "Received: from a by b; Sun, 08 Mar 2026 10:00:00 +0000"
    given, remarks = taken(message(f"Date: {date}", received), came_at=NOW)
    assert given.at == "2026-03-08T10:00:00Z"
    assert remarks == [f"{lack}, and that of its Received header is used"]
    given, remarks = taken(message(f"Date: {date}"), came_at=NOW)
    assert given.at == "2026-03-10T09:30:00Z"
    assert remarks == [f"{lack}, and that of the file is used"]
    for nothing in (None, datetime(2200, 1, 1, tzinfo=UTC)):  # a file's time may be any
        with pytest.raises(Unusable, match="nothing else says when it came"):
            taken(message(f"Date: {date}"), came_at=nothing)


def test_a_date_in_the_future_is_taken_and_said() -> None:
    later = (NOW + timedelta(days=3)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    given, remarks = taken(message(f"Date: {later}"))
    assert (given.at, remarks) == ("2026-03-13T09:30:00Z", ["its date is in the future"])


def test_files_are_named_and_their_contents_are_not_in_it() -> None:
    mail = built("See the plan", Subject="Plan")
    mail.add_attachment(b"%PDF" * 1_000, maintype="application", subtype="pdf", filename="Plän.pdf")
    mail.add_attachment("secret words", filename="notes.txt")
    given, _ = taken(mail.as_bytes())
    assert given.text == "See the plan"
    assert given.meta is not None
    assert given.meta["attachments"] == [
        {"name": "Plän.pdf", "type": "application/pdf", "bytes": 4_000},
        {"name": "notes.txt", "type": "text/plain", "bytes": 13},
    ]


def test_a_message_without_words_is_found_by_its_subject() -> None:
    assert taken(message("Subject: Ping", body=""))[0].text == "Ping"
    assert taken(message("Subject: ", body=" \n\t"))[0].text == "(no text)"
    assert taken(message("Subject: ", body=""))[0].title is None


def test_parts_in_parts_in_parts_are_read_to_a_bound() -> None:
    for depth, text in (
        (DEPTH_MAX - 1, "The words"),
        (DEPTH_MAX + 100, "About one@example.org"),
        (3_000, "About"),
    ):
        inner = PLAIN
        for level in range(depth):
            inner = multipart(f"b{level}x", inner)
        given, remarks = taken(message(body="").rstrip(b"\n") + b"\n" + inner)
        assert given.text.startswith(text)
        assert any("boxes deep" in remark for remark in remarks) == (depth > DEPTH_MAX)


def test_ten_thousand_parts_are_read_to_a_bound() -> None:
    files = [b"Content-Type: image/png\n\nx"] * 10_000
    given, remarks = taken(boxed(PLAIN, *files))
    assert given.text == "The words"
    assert given.meta is not None
    assert len(given.meta["attachments"]) == FILES_MAX
    assert f"it has more than {PARTS_MAX:,} parts, and only the first are read" in remarks


def test_a_message_that_is_cut_gives_what_is_there() -> None:
    whole = boxed(PLAIN, b"Content-Type: application/pdf\nContent-Disposition: attachment\n\n" + b"x" * 500)
    given, remarks = taken(whole[:-300])
    assert given.text == "The words"
    assert remarks == ["it ends in the middle"]
    for length in range(60, len(whole)):
        assert taken(whole[:length], came_at=NOW)[0].text


@pytest.mark.parametrize(
    "kind", ["multipart/mixed", 'multipart/mixed; boundary=""', "multipart/mixed; boundary=none"]
)
def test_a_box_without_borders_is_text(kind: str) -> None:
    given, _ = taken(message(f"Content-Type: {kind}", body="Just words"))
    assert given.text in ("Just words", "About one@example.org")


def test_text_and_subject_are_trimmed_to_the_records_limits() -> None:
    given, remarks = taken(message("Subject: " + "s" * 2_000, body="x" * (MAX_TEXT + 1)))
    assert (len(given.text), len(given.title or "")) == (MAX_TEXT, 1_000)
    assert sorted(remarks) == [
        "its subject is longer than 1,000 characters and was cut",
        "its text is longer than 100,000 characters and was cut",
    ]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\0\1\2" * 100, b"GIF89a....", b"Hello\nthere\n"])
def test_what_is_no_message_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(Unusable, match="it is not a message"):
        taken(data, came_at=datetime(2026, 1, 1, tzinfo=UTC))
