"""Origins are compared as browsers name them; what can never match is refused, and refusals are told."""

from __future__ import annotations

import pytest

from sio_server.sockets.origins import Origins, is_loopback, normal
from sio_server.sockets.refusals import MAX_ADDRESSES, Refusals

SAME = {
    "https://x": ["https://x:443", "HTTPS://X", "https://x/", "https://X:443/", "https://x:0443"],
    "http://x": ["http://x:80", "http://X"],
    "http://x:443": ["http://x:443"],
    "https://x:8443": ["https://X:8443"],
    "https://xn--bcher-kva.example": ["https://bücher.example", "https://BÜCHER.example:443"],
    "http://[::1]:8000": ["http://[0:0:0:0:0:0:0:1]:8000", "http://[::0001]:8000"],
    "capacitor://localhost": ["capacitor://localhost", "Capacitor://LOCALHOST"],
}
# What no browser sends as an origin, and a word of the reason.
NEVER = {
    "*": "wildcards",
    "https://*.example.org": "wildcards",
    "https://*": "wildcards",
    "https://x/app": "path",
    "https://x?y": "path",
    "https://x#y": "path",
    "https://u@x": "path",
    "https://": "path",
    "x": "path",
    "x.example.org:443": "path",
    "null": "path",
    "": "path",
    "https://x y": "path",
    "https://x\n": "path",
    "https://x\t": "path",
    "https://x:": "path",
    "https://x:port": "path",
    "https://x:65536": "port",
    "https://x:0": "port",
    "https://[::1": "path",
    "https://[12345::]": "12345::",
    "https://a..ü": "host",
    "wss://x": "page",
    "ws://x:8000": "page",
    "file://x": "file",
    "https://x//": "path",
}


@pytest.mark.parametrize("origin", SAME)
def test_an_origin_is_the_same_in_each_of_its_forms(origin: str) -> None:
    assert {normal(form) for form in (origin, *SAME[origin])} == {origin}
    for form in SAME[origin]:
        assert Origins([form]).allow(origin, "board.example")
        assert Origins([origin]).allow(form, "board.example")


@pytest.mark.parametrize("origin", NEVER)
def test_an_origin_that_no_browser_sends_is_refused_with_the_reason(origin: str) -> None:
    with pytest.raises(ValueError, match=NEVER[origin]):
        normal(origin)
    assert not Origins().allow(origin, "x")


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://x", "x:443"),
        ("https://x", "x"),
        ("http://x", "x:80"),
        ("https://x:443", "x"),
        ("https://X", "x"),
        ("https://x:8443", "x:8443"),
        ("https://xn--bcher-kva.example", "BÜCHER.example"),
        ("http://[::1]:8000", "[0::1]:8000"),
    ],
)
def test_the_server_knows_its_own_page_by_its_host_header(origin: str, host: str) -> None:
    assert Origins().allow(origin, host)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://x", "x:80"),
        ("http://x", "x:443"),
        ("https://x:8443", "x"),
        ("https://x", "y"),
        ("https://x", "x:x"),
        ("https://x", "u@x"),
        ("https://x", "x, x"),
        ("https://x", ""),
        ("ws://x", "x"),
        ("null", "null"),
        ("chrome-extension://x", "x"),
        ("https://x.evil.example", "x"),
    ],
)
def test_another_page_is_not_taken_for_the_servers_own(origin: str, host: str) -> None:
    assert not Origins().allow(origin, host)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "a.localhost", "127.0.0.1:1", "127.9.9.9", "[::1]:8000"]
)
def test_a_loopback_host_is_known(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "example.org",
        "evil@127.0.0.1",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil",
        "localhost.evil",
        "127.0.0.1/x",
        "[::1",
        "0.0.0.0",
    ],
)
def test_no_other_host_is_taken_for_loopback(host: str) -> None:
    assert not is_loopback(host)


def test_an_address_is_logged_once_a_minute_and_all_of_them_take_bounded_room(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now, counted = [0.0], list[str]()
    refusals = Refusals(counted.append, lambda: now[0])
    for address in ("10.0.0.1", "2001:db8::1", "10.0.0.1", "2001:db8::ffff", "unknown"):
        refusals.note(address, "origin", "No.")
    assert [record.args for record in caplog.records] == [
        ("10.0.0.1", "No."),
        ("2001:db8::1", "No."),
        ("unknown", "No."),
    ]
    assert counted == ["origin"] * 5
    now[0] = 60.0
    refusals.note("10.0.0.1", "host", "No.")
    assert len(caplog.records) == 4
    for number in range(2 * MAX_ADDRESSES):
        refusals.note(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", "host", "No.")
    assert len(refusals._logged_at) == MAX_ADDRESSES
