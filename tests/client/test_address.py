"""An address is understood whole, or refused with a sentence; what is secret in it is never shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from adjutant_client.address import Address, AddressError, without_secrets


@pytest.mark.parametrize(
    ("text", "base", "path"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", "socket.io"),
        ("https://board.example/", "https://board.example", "socket.io"),
        ("https://board.example/team/board", "https://board.example", "team/board/socket.io"),
        ("https://board.example:8443/board/", "https://board.example:8443", "board/socket.io"),
        ("http://[::1]:8000/a/", "http://[::1]:8000", "a/socket.io"),
        ("https://büro.example/", "https://xn--bro-hoa.example", "socket.io"),
        ("https://board.example/b%C3%BCro/", "https://board.example", "b%C3%BCro/socket.io"),
        ("HTTPS://Board.Example/Team/", "https://board.example", "Team/socket.io"),
        ("https://ana:secret@board.example/a/", "https://ana:secret@board.example/", "a/socket.io"),
    ],
)
def test_an_address_leads_to_the_socket_below_its_path(text: str, base: str, path: str) -> None:
    address = Address.parse(text)
    assert (address.base, address.socketio_path) == (base, path)
    for scheme in ("http", "ws"):
        secure = "s" if address.url.scheme == "https" else ""
        reached = URL(f"{scheme}{secure}://{address.url.host_port_subcomponent}/{path}/?EIO=4")
        assert address.leads_to(reached)
        assert not address.leads_to(reached.with_path("/socket.io/x/"))
        assert not address.leads_to(reached.with_host("other.example"))
        assert not address.leads_to(reached.with_port(1))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "does not begin with http"),
        ("board.example", "does not begin with http"),
        ("localhost:8000", "does not begin with http"),
        ("ws://board.example", "does not begin with http"),
        ("file:///etc/passwd", "does not begin with http"),
        ("http://", "has no host"),
        ("http:///board", "has no host"),
        ("http://board.example:0", "has no host, or a port"),
        ("http://board.example:99999", "cannot be read"),
        ("http://board.example:80x/", "cannot be read"),
        ("http://[::]@", "cannot be read"),
        ("http://[::1/", "cannot be read"),
        ("http://board.example/a b", "characters that are not allowed in an address"),
        ("http://board.example/\n", "characters that are not allowed in an address"),
        ("http:\\\\board.example", "characters that are not allowed in an address"),
        ("https://board.example/?token=secret", "leave out everything from"),
        ("https://board.example/#token=secret", "leave out everything from"),
        ("https://board.example/?", "leave out everything from"),
        ("https://board.example//board", "could lead elsewhere"),
        ("https://board.example/board//", "could lead elsewhere"),
        ("https://board.example/a/../b", "could lead elsewhere"),
        ("https://board.example/a/%2e%2e/b", "could lead elsewhere"),
        ("https://board.example/a%2Fb", "could lead elsewhere"),
        ("https://board.example/@other.example/", "could lead elsewhere"),
        ("https://board.example/board/socket.io/", "leave out socket.io"),
    ],
)
def test_what_is_not_understood_is_refused(text: str, why: str) -> None:
    with pytest.raises(AddressError, match=why) as error:
        Address.parse(text)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "https://ana:secret@board.example/",
        "https://ana:se#secret@board.example/",
        "https://ana:se?secret@board.example/",
        "https://ana:se/secret@board.example/",
        "https://ana:se@secret@board.example/",
        "ana:secret@board.example",
        "https://board.example/?token=secret",
    ],
)
def test_no_secret_is_shown(text: str) -> None:
    assert "secret" not in without_secrets(text)
    assert "board.example" in without_secrets(text)


@given(st.text(st.sampled_from("htps:/@?#%.2e[]\\ab1 \t"), max_size=25))
def test_any_text_is_an_address_or_refused(rest: str) -> None:
    try:
        address = Address.parse(f"http://{rest}")
    except AddressError:
        return
    built = URL(f"{address.base.rstrip('/')}/{address.socketio_path}/?EIO=4")
    assert address.leads_to(built)
