"""Tables of action items in mails keep their rows, and what a page quotes is somebody else's."""

import pytest

from collectors.mail.html import html_text
from tests.collectors.test_mail_content import boxed, part, text
from tests.collectors.test_said import talk, told

OUTLOOK = """<html><body><div class=WordSection1><p class=MsoNormal>Hi all,<o:p></o:p></p>
<table class=MsoTableGrid border=1><tr><td width=90 valign=top><p class=MsoNormal><b>Owner<o:p></o:p></b></p>
</td><td><p class=MsoNormal><b>Action</b></p></td><td><p><b>Due</b></p></td><td><p><b>Status</b></p></td></tr>
<tr><td><p class=MsoNormal>Cy</p></td><td><p>Send the deck to finance</p><p>and legal</p></td>
<td><p>4 Dec</p></td><td><p>Open</p></td></tr>
<tr><td><p>Ana</p></td><td><p>Book the hall</p></td><td><p>&nbsp;</p></td><td><p>Open</p></td></tr>
<tr><td><p>Ana</p></td><td><p>Call Dee</p></td><td></td><td><p>Done</p></td></tr>
</table></div></body></html>"""
ROWS = """Hi all,

| Owner | Action | Due | Status |
| Cy | Send the deck to finance and legal | 4 Dec | Open |
| Ana | Book the hall |  | Open |
| Ana | Call Dee |  | Done |"""
AS_LINES = """Hi all,

Owner Action

Due Status

Cy

Send the deck to finance
and legal

4 Dec

Open

Ana

Book the hall

Open

Call Dee

Done

<https://example.org/deck>"""
DOCS = """<table><colgroup><col><col></colgroup><tbody><tr><td><p dir="ltr"><span>Action</span></p></td>
<td><p dir="ltr"><span>Who</span></p></td></tr><tr><td><p><span>Send the deck</span></p></td><td><p><a
href="mailto:cy@example.org">@Cy Rae</a></p></td></tr></tbody></table>"""
PAIRS = """<table><tr><th>Owner</th><td>Cy</td></tr><tr><th>Action</th><td>Send the deck</td></tr>
<tr><th>Due</th><td>Friday</td></tr></table>"""


def test_a_table_of_action_items_has_its_rows_on_lines() -> None:
    assert html_text(OUTLOOK) == ROWS
    assert told(ROWS, talk()) == [
        "owed Cy: Send the deck to finance and legal <2026-12-04>",
        "priority Book the hall",
        "gone priorities",
    ]


def test_the_rows_are_kept_where_the_plain_text_has_lost_them() -> None:
    plain = part("text/plain", AS_LINES)
    page = part("text/html", OUTLOOK)
    assert text(boxed(plain, page, kind="alternative")) == f"{ROWS}\n\n<https://example.org/deck>"


@pytest.mark.parametrize(
    ("page", "items"),
    [
        (DOCS, ["owed Cy Rae: Send the deck"]),
        (PAIRS, ["owed Cy: Send the deck <2026-11-27>"]),
        (f"<blockquote>{PAIRS}</blockquote>", ["owed Cy: Send the deck <2026-11-27>"]),  # only set off
        (f"<blockquote type=cite>{PAIRS}</blockquote>", []),
    ],
)
def test_other_tables_and_quotes_of_mail_programs(page: str, items: list[str]) -> None:
    assert told(html_text(page), talk()) == items


def test_a_table_that_only_places_things_is_no_table() -> None:
    page = "<table><tr><td><table><tr><td>Hello Ana,<br>the owner is Bo.</table><tr><td>Footer<td>Us</table>"
    assert html_text(page) == "Hello Ana,\nthe owner is Bo.\nFooter  Us"


def test_what_a_page_quotes_has_a_mark_before_it() -> None:
    page = (
        "<p>Yes.</p><div class=gmail_quote>On Monday, Bo wrote:<br><blockquote class=gmail_quote>"
        "<p>Please send me the deck.</p>Soon<blockquote type=cite>Or not</blockquote></blockquote></div>"
    )
    said = html_text(page)
    assert said == "Yes.\n\nOn Monday, Bo wrote:\n>\n> Please send me the deck.\n>\n> Soon\n> > Or not"
    assert told(said, talk()) == []


@pytest.mark.parametrize(
    "page",
    [
        "<table><tr><td>Action<td>Owner</tr><tr><td>deep<td>" * 1_200,
        "<blockquote type=cite>deep" * 3_000,
        "<table><tr><td>Action<td>Owner</tr>" + "<tr><td>deep" * 5_000,
        "<table><tr>" + "<td>Action" * 5_000 + "<td>deep",
    ],
)
def test_nasty_tables_and_quotes_are_read(page: str) -> None:
    assert "deep" in html_text(page)
