"""What a message says: every part that is shown is in its text, once, and every other part is named."""

import base64
import tracemalloc
from email.message import EmailMessage

import pytest
from hypothesis import example, given

from collectors.mail.content import Content, content
from collectors.mail.headers import split
from collectors.mail.parts import Part
from tests.collectors.mail_samples import message, taken
from tests.collectors.mime import TEXTS, Box, Leaf, trees


def boxed(*parts: str, kind: str = "mixed") -> bytes:
    """A whole message of these parts."""
    inner = "".join(f"\n--box\n{part}" for part in parts)
    head = message(f"Content-Type: multipart/{kind}; boundary=box", body="").rstrip(b"\n")
    return head + b"\n" + inner.encode() + b"\n--box--\n"


def part(kind: str, text: str, *headers: str) -> str:
    return "\n".join((f"Content-Type: {kind}", *headers, "", text))


def text(data: bytes) -> str:
    given, remarks = taken(data)
    assert remarks == []
    return given.text


def read(data: bytes) -> Content:
    return content(Part(*split(data)))


@given(trees())
@example(Box("alternative", (Leaf("word2x", "", "", "", ""), Leaf("word3x", "text/html", "", "", "")), 1))
def test_every_word_of_every_part_that_is_not_attached_is_in_the_text(tree: Leaf | Box) -> None:
    found = read(b"From: ana@example.org\n" + tree.data())
    said, named = found.text, [file["name"] for file in found.files]
    alone = isinstance(tree, Leaf) and tree.kind in TEXTS  # it is not attached to anything
    for leaf in tree.leaves:
        assert said.count(leaf.word) == (alone or leaf.is_text), leaf
    assert len(named) == sum(not (alone or leaf.is_text) for leaf in tree.leaves)
    assert (found.parts.seen, found.parts.open) == (len(tree.leaves), 0)
    assert found.remarks == []


FOOTER = part("text/plain", "___\nteam list", "Content-Disposition: inline")
PAGE = part("text/html", "<p>The <b>merger</b> closes on Tuesday</p>")


def test_a_page_and_a_footer_are_both_the_text_in_their_order() -> None:
    assert text(boxed(PAGE, FOOTER)) == "The merger closes on Tuesday\n\n___\nteam list"
    picture = part("image/png; name=p.png", "x")
    more = part("text/html", "<p>After the picture</p>")
    given, _ = taken(boxed(PAGE, picture, more, FOOTER))
    assert given.text == "The merger closes on Tuesday\n\nAfter the picture\n\n___\nteam list"
    assert given.meta is not None
    assert [file["name"] for file in given.meta["attachments"]] == ["p.png"]


@pytest.mark.parametrize(
    ("plain", "page", "said"),
    [
        ("The words", "<p>The <b>words</b></p>", "The words"),
        (
            "See *the* _plan_ <https://a.example>",
            "<p>See <i>the</i> plan</p>",
            "See *the* _plan_ <https://a.example>",
        ),
        ("", "<p>The words</p>", "The words"),
        (" \n\t", "<p>The words</p>", "The words"),
        ("The words", "", "The words"),
        ("The merger", "<p>The merger closes</p><p>on Tuesday</p>", "The merger closes\n\non Tuesday"),
        ("Shows no HTML.", "<p>The real words</p>", "Shows no HTML.\nThe real words"),
        ("One\nTwo", "<p>One</p><p>Three</p>", "One\nTwo\nThree"),
        ("👍", "<p>👍</p>", "👍"),
        ("", "<p>👍</p>", "👍"),
        ("長い文章を\n折り返す", "<p>長い文章を折り返す</p>", "長い文章を\n折り返す"),
    ],
)
def test_of_a_text_in_two_forms_all_is_said_and_nothing_twice(plain: str, page: str, said: str) -> None:
    both = (part("text/plain; charset=utf-8", plain), part("text/html; charset=utf-8", page))
    assert text(boxed(*both, kind="alternative")) == said


def test_a_part_with_a_name_is_text_and_one_that_is_attached_is_a_file() -> None:
    named = part('text/plain; name="minutes.txt"', "The minutes")
    shown = part("text/plain", "The agenda", 'Content-Disposition: inline; filename="agenda.txt"')
    attached = part("text/plain", "The notes", 'Content-Disposition: ATTACHMENT; filename="notes.txt"')
    given, _ = taken(boxed(named, shown, attached))
    assert given.text == "The minutes\n\nThe agenda"
    assert given.meta is not None
    assert [file["name"] for file in given.meta["attachments"]] == ["notes.txt"]
    whole = message(
        "Content-Type: text/plain; name=x.txt", "Content-Disposition: attachment", body="All of it"
    )
    assert text(whole) == "All of it"


def test_a_forwarded_message_is_said_with_its_head() -> None:
    inner = message(
        "From: Doe, John <john@example.org>", "Subject: =?utf-8?q?K=C3=B6ln?=", body="Inner words"
    )
    said = (
        "See below\n\nFrom: Doe, John <john@example.org>\nTo: Bo <bo@example.org>\n"
        "Date: Mon, 09 Mar 2026 10:00:00 +0100\nSubject: Köln\n\nInner words"
    )
    forwarded = part("message/rfc822", inner.decode())
    assert text(boxed(part("text/plain", "See below"), forwarded)) == said
    packed = part("message/rfc822", base64.encodebytes(inner).decode(), "Content-Transfer-Encoding: base64")
    assert text(boxed(part("text/plain", "See below"), packed)) == said
    attached = part("message/rfc822", inner.decode(), 'Content-Disposition: attachment; filename="a.eml"')
    given, _ = taken(boxed(part("text/plain", "See below"), attached))
    assert given.text == said
    assert given.meta is not None
    assert [file["name"] for file in given.meta["attachments"]] == ["a.eml"]
    digest = boxed("\n" + inner.decode(), "\n" + inner.decode().replace("Inner", "Other"), kind="digest")
    assert "Inner words" in text(digest)
    assert "Other words" in text(digest)


def test_a_notice_that_a_mail_did_not_arrive_is_said() -> None:
    status = part(
        "message/delivery-status", "Final-Recipient: rfc822; bo@example.org\nDiagnostic-Code: 550 full"
    )
    returned = part("text/rfc822-headers", "Subject: The offer")
    said = text(boxed(part("text/plain", "It was not delivered"), status, returned, kind="report"))
    assert said == (
        "It was not delivered\n\nFinal-Recipient: rfc822; bo@example.org\nDiagnostic-Code: 550 full\n\n"
        "Subject: The offer"
    )


def test_the_words_of_invitations_and_cards_are_said() -> None:
    event = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VTIMEZONE
DTSTART:19700101T000000
END:VTIMEZONE
BEGIN:VEVENT
UID:one
DTSTART:20261211T090000Z
DTEND;TZID=Europe/Berlin:20261211T110000
SUMMARY:Budget talk
LOCATION:Room celadon
DESCRIPTION:Bring the ledger\\, all\\nof it
 , please
ORGANIZER;CN="Doe, John":mailto:john@example.org
ATTENDEE;CN=Bo;RSVP=TRUE:MAILTO:bo@example.org
END:VEVENT
END:VCALENDAR"""
    said = (
        "from 2026-12-11 09:00 UTC\nto 2026-12-11 11:00\nBudget talk\nRoom celadon\nBring the ledger, all\n"
        "of it, please\nDoe, John <john@example.org>\nBo <bo@example.org>"
    )
    assert text(message("Content-Type: text/calendar; method=REQUEST", body=event)) == said
    invitation = part("text/calendar", event)
    assert (
        text(boxed(part("text/plain", "Please come"), invitation, kind="alternative"))
        == f"Please come\n{said}"
    )
    card = "BEGIN:VCARD\nitem1.FN:Ana Lund\nORG:Acme;Sales\nPHOTO;ENCODING=b:AAAA\nEND:VCARD"
    assert text(message("Content-Type: text/vcard", body=card)) == "Ana Lund\nAcme Sales"


@pytest.mark.parametrize(
    "kind",
    [
        "text/html charset=utf-8",
        "TEXT/HTML; CHARSET=UTF-8",
        "text/html;;; charset=utf-8; =",
        'text/html; charset="utf-8',
        "application/xhtml+xml; charset=utf-8",
        "text/x-amp-html; charset=utf-8",
    ],
)
def test_a_page_is_a_page_however_its_type_is_written(kind: str) -> None:
    assert text(message(f"Content-Type: {kind}", body="<p>Grüße aus <b>Köln</b></p>")) == "Grüße aus Köln"


def test_a_page_may_name_its_charset_itself() -> None:
    page = (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"></head>朱镕基</html>'
    )
    assert text(message("Content-Type: text/html", body=page.encode("gbk"))) == "朱镕基"


def test_pictures_are_said_by_what_stands_for_them() -> None:
    page = (
        "<p>Before<img src=a alt='the chart of sales'>after<img src=b alt=''><noscript>shown</noscript></p>"
    )
    assert text(message("Content-Type: text/html", body=page)) == "Before the chart of sales after shown"


def test_a_box_that_names_no_border_is_taken_apart_by_its_first_one() -> None:
    whole = boxed(PAGE, FOOTER).replace(b"; boundary=box", b"")
    assert text(whole) == "The merger closes on Tuesday\n\n___\nteam list"
    given, remarks = taken(message("Content-Type: multipart/mixed", body="Just words"))
    assert (given.text, remarks) == ("Just words", [])


def test_names_of_files_are_read_in_every_way_in_which_they_are_written() -> None:
    mail = EmailMessage()
    mail.set_content("See the plan")
    mail.add_attachment(b"x", maintype="application", subtype="pdf", filename="Plän.pdf")
    data = b"From: ana@example.org\n" + mail.as_bytes()
    assert [file["name"] for file in read(data).files] == ["Plän.pdf"]
    encoded = part(
        "application/pdf", "x", 'Content-Disposition: attachment; filename="=?utf-8?q?Pl=C3=A4n.pdf?="'
    )
    assert [file["name"] for file in read(boxed(encoded)).files] == ["Plän.pdf"]


def test_what_is_sealed_is_said_to_be() -> None:
    sealed = part("application/pkcs7-mime; name=smime.p7m", "MIIB")
    given, remarks = taken(boxed(sealed))
    assert given.text == "About one@example.org"
    assert remarks == ["its text is not read: it is in an S/MIME envelope"]
    assert taken(boxed(sealed, FOOTER))[1] == []


def test_boxes_in_boxes_do_not_hold_a_large_body_a_hundred_times() -> None:
    body = b"x" * 2**20
    data = b"Content-Type: text/plain\n\n" + body
    for level in range(90):
        border = f"--b{level}z".encode()
        head = f"Content-Type: multipart/mixed; boundary=b{level}z\n\n".encode()
        data = head + border + b"\n" + data + b"\n" + border + b"--\n"
    tracemalloc.start()
    try:
        assert len(read(b"From: a@x\n" + data).text) == 2**20
        assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    finally:
        tracemalloc.stop()
