"""Bytes into text: labels mean what they mean on the web, and a bad byte decides nothing for the others."""

import base64

import pytest
import webencodings.labels
from hypothesis import given
from hypothesis import strategies as st

from collectors.charsets import BODY_MAX_BYTES, decoded


@pytest.mark.parametrize(
    ("label", "data", "text"),
    [
        ("gb2312", base64.b64decode("1uzpRrv50+uzwoa0o7q74dLpuMTG2g=="), "朱镕基与陈喆：会议改期"),
        ("GBK", b"\x80 5", "€ 5"),
        ("ks_c_5601-1987", base64.b64decode("jGO55rCix88gyLjAxw=="), "똠방각하 회의"),
        ("shift_jis", base64.b64decode("h0CJ74tjIIeKjYKLtCDu4A=="), "①会議 ㈱高橋 髙"),
        ("x-sjis", "①".encode("cp932"), "①"),
        ("iso-2022-jp", b"\x1b$B\x2d\x21\x1b(B \x1b$BF|\x7c\x62\x1b(B \x1b(I1\x1b(B", "① 日髙 ｱ"),
        ("euc-jp", b"\xad\xa1 \xc6\xfc\xfc\xe2", "① 日髙"),
        ("big5", "廣告".encode("big5"), "廣告"),
        ("iso-8859-1", b"\x93Quoted\x94 and \x80 5", "“Quoted” and € 5"),
        ("us-ascii", b"K\xf6ln", "Köln"),
        ("iso-8859-9", "Ş".encode("cp1254"), "Ş"),
        ("tis-620", "ก".encode("cp874"), "ก"),
        ("iso-8859-8-i", "א".encode("iso8859-8"), "א"),
        ("x-mac-cyrillic", "я".encode("mac-cyrillic"), "я"),
        ("unicode-1-1-utf-7", b"Hi +AOQ-", "Hi ä"),
        ("iso-2022-kr", "회의".encode("iso2022_kr"), "회의"),
        ("hz-gb-2312", "会议".encode("hz"), "会议"),
        ("cp850", "ä".encode("cp850"), "ä"),
        (' "UTF-8" ', "ä".encode(), "ä"),
        ("iso-8859-1*de", b"\xe4", "ä"),
        ("utf-16", "hé".encode("utf-16"), "hé"),
        ("utf-16", "hé".encode("utf-16-be"), "h\u00e9".encode("utf-16-be").decode("utf-16-le")),
        ("utf-16", b"\xfe\xff" + "hé".encode("utf-16-be"), "hé"),
        ("koi8-r", b"\xef\xbb\xbf" + "ä".encode(), "ä"),
    ],
)
def test_a_label_means_what_it_means_on_the_web(label: str, data: bytes, text: str) -> None:
    assert decoded(data, label) == (text, "")


def test_every_label_of_the_web_is_known() -> None:
    codecs = {label: name for label, name in webencodings.labels.LABELS.items() if "utf-16" not in name}
    unknown = {label for label in codecs if decoded(b"abc", label) != ("abc", "")}
    # The web replaces what is labelled so by one character; mails in it are read where Python can.
    assert unknown <= {label for label, name in codecs.items() if name in ("replacement", "x-user-defined")}


@pytest.mark.parametrize("label", [None, "iso-8859-1", "us-ascii", "windows-1252"])
def test_a_bad_byte_in_utf_8_that_nobody_declared_costs_that_byte(label: str | None) -> None:
    text = "Übersicht für Köln — Müller, ”"
    assert decoded(text.encode() + b" \x93x", label) == (
        f"{text} “x",
        "some of its bytes are not UTF-8, and were read as Windows-1252",
    )


def test_a_bad_byte_in_another_charset_costs_a_character() -> None:
    assert decoded("Grüße".encode() + b"\xff und " + "Köln".encode(), "utf-8")[0] == "Grüße\ufffd und Köln"
    assert decoded("会议".encode("gbk") + b"\xff" + "改期".encode("gbk"), "gb2312")[0] == "会议\ufffd改期"
    assert decoded("会議".encode("cp932") + b"\x85\xfd" + "日".encode("cp932"), "shift_jis")[0][-1] == "日"


def test_windows_1252_stays_what_it_is_where_some_of_it_could_be_utf_8() -> None:
    assert decoded("„groß“ und „Spaß“".encode("cp1252"), "iso-8859-1") == ("„groß“ und „Spaß“", "")
    assert decoded("„groß“, „Maß“ und „Fußball“ für „Köln“".encode("cp1252"), None)[0].startswith("„groß“")


LABELS = (None, *webencodings.labels.LABELS, "utf-7", "idna", "zip", "☃", "")


@given(st.binary(max_size=200), st.sampled_from(LABELS))
def test_whatever_the_bytes_and_the_label_there_is_text(data: bytes, label: str | None) -> None:
    text, odd = decoded(data, label)
    assert isinstance(text, str)
    assert isinstance(odd, str)


def test_a_character_at_the_limit_is_no_error() -> None:
    text, odd = decoded(b"x" * (BODY_MAX_BYTES - 1) + "ä".encode(), "utf-8")
    assert (len(text), odd) == (BODY_MAX_BYTES - 1, "")
