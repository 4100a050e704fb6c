"""Which JSON Web Tokens let somebody in, and as whom (sign_in/jwt.py)."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import pytest

from sio_server.registry.roles import Role
from sio_server.sign_in.base import Identity, NotSignedIn, Shown
from sio_server.sign_in.jwt import Claims, JwtSignIn
from sio_server.sign_in.keys import FileKeys, KeysError
from sio_server.sign_in.roles import Roles, RolesError
from tests.sign_in.minting import SECRET, Pair, by_hand, claims, new_pair, pair

Json = Any
ALGORITHMS = ("RS256", "ES256", "EdDSA", "HS256")
ISSUER, AUDIENCE = "https://sign-in.example", "adjutant"
ANY, EXPECTED = Claims(), Claims(issuer=ISSUER, audience=AUDIENCE)


def sign_in(folder: Path, key: Pair, expected: Claims = ANY, roles: Json | None = None) -> JwtSignIn:
    if roles is None:
        return JwtSignIn(FileKeys(key.written(folder)), expected, Roles(None))
    (folder / "roles.json").write_text(json.dumps(roles))
    return JwtSignIn(FileKeys(key.written(folder)), expected, Roles(folder / "roles.json"))


async def identified(by: JwtSignIn, token: str) -> Identity:
    found = await by.identify(Shown(token))
    assert found is not None
    return found


async def refused(by: JwtSignIn, token: str) -> str:
    with pytest.raises(NotSignedIn) as error:
        await by.identify(Shown(token))
    assert token not in error.value.message
    return error.value.message


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_each_algorithm_lets_in_who_its_key_signed_for_and_nobody_else(
    tmp_path: Path, algorithm: str
) -> None:
    key = pair(algorithm)
    by = sign_in(tmp_path, key)
    found = await identified(by, key.sign(claims()))
    assert (found.id, found.name, found.role, found.source) == ("jwt:u-1", "ana", Role.EDITOR, None)
    assert by.still_good(found)
    assert found.expires_at is not None
    for other in ALGORITHMS:
        stranger = new_pair(other) if other != "HS256" else Pair("HS256", b"x" * 32, b"")
        assert "not signed with a key" in await refused(by, stranger.sign(claims()))
    head, body, signature = key.sign(claims()).split(".")
    changed = by_hand({}, claims(role="admin")).split(".")[1]
    assert "not signed" in await refused(by, f"{head}.{changed}.{signature}")
    assert "not signed" in await refused(by, f"{head}.{body}.{signature[:-8]}AAAAAAAA")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("none", ["none", "None", "NONE", "nOnE", "", None, 5, ["RS256"], {"a": 1}])
async def test_a_token_that_is_not_signed_is_refused_whatever_it_calls_that(
    tmp_path: Path, algorithm: str, none: Json
) -> None:
    by = sign_in(tmp_path, pair(algorithm))
    await refused(by, by_hand({"alg": none, "typ": "JWT"}, claims()))
    await refused(by, by_hand({"typ": "JWT"}, claims()))


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
@pytest.mark.parametrize("hashed", ["HS256", "HS384", "HS512"])
async def test_a_public_key_is_no_secret(tmp_path: Path, algorithm: str, hashed: str) -> None:
    """Whoever knows the public key could sign with it, if the token chose the algorithm."""
    key = pair(algorithm)
    by = sign_in(tmp_path, key)
    unsigned = by_hand({"alg": hashed, "typ": "JWT"}, claims()).rpartition(".")[0]
    digest = getattr(hashlib, f"sha{hashed[2:]}")
    for secret in (key.public, key.public.strip(), key.public.decode().encode("utf-16")):
        mac = hmac.new(secret, unsigned.encode(), digest).digest()
        signature = by_hand({}, {}, mac).rpartition(".")[2]
        assert "not signed" in await refused(by, f"{unsigned}.{signature}")


async def test_the_key_of_a_token_is_never_taken_from_the_token(tmp_path: Path) -> None:
    by, mine = sign_in(tmp_path, pair("RS256")), new_pair("RS256")
    for header in (
        {"jwk": mine.jwk()},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/cert"},
        {"kid": "../../../../dev/null"},
        {"kid": "x' UNION SELECT 'a"},
    ):
        assert "not signed" in await refused(by, mine.sign(claims(), **header))
    await identified(by, pair("RS256").sign(claims(), kid="any: the file's has no name"))


NOW = int(time.time())
HOUR = 3600
FOREVER = NOW + 50 * 366 * 24 * HOUR
WRONG: dict[str, tuple[Json, str]] = {
    "expired": ({"exp": NOW - HOUR}, "expired"),
    "without an end": ({"exp": None}, "lacks `exp`"),
    "an end in words": ({"exp": "tomorrow"}, "not valid"),
    "an end that is no number": ({"exp": float("nan")}, "not valid"),
    "an endless end": ({"exp": float("inf")}, "not valid"),
    "a list as its end": ({"exp": [FOREVER]}, "not valid"),
    "not yet good": ({"nbf": FOREVER}, "not valid yet"),
    "made in the future": ({"iat": FOREVER}, "not valid yet"),
    "another audience": ({"aud": "other"}, "aud"),
    "other audiences": ({"aud": ["other", "adjutant-2"]}, "aud"),
    "no audience": ({"aud": None}, "lacks `aud`"),
    "an audience that is a number": ({"aud": 5}, "aud"),
    "another issuer": ({"iss": "https://evil.example"}, "iss"),
    "an issuer with a slash": ({"iss": ISSUER + "/"}, "iss"),
    "no issuer": ({"iss": None}, "lacks `iss`"),
    "nobody": ({"sub": None}, "lacks `sub`"),
    "an empty name": ({"sub": ""}, "sub"),
    "a name with a line break": ({"sub": "a\nb"}, "sub"),
    "a long name": ({"sub": "a" * 201}, "sub"),
    "a number for a name": ({"sub": 5}, "not valid"),
    "no role": ({"role": None}, "no role"),
    "a role that is none": ({"role": "root"}, "no role"),
    "roles that are none": ({"role": ["root", 5, None]}, "no role"),
    "a role in an object": ({"role": {"admin": True}}, "no role"),
    "a source that is none": ({"role": "collector", "source": "a b"}, "source"),
    "the source of people": ({"role": "collector", "source": "local"}, "source"),
    "a source that is a number": ({"role": "collector", "source": 5}, "source"),
}


@pytest.mark.parametrize("case", WRONG)
async def test_claims_that_do_not_fit_are_refused_with_what_is_wrong(tmp_path: Path, case: str) -> None:
    wrong, sentence = WRONG[case]
    right = {"exp": FOREVER, "aud": AUDIENCE, "iss": ISSUER, "iat": NOW - HOUR}
    by, key = sign_in(tmp_path, pair("ES256"), EXPECTED), pair("ES256")
    await identified(by, key.sign(claims(**right)))
    assert sentence in await refused(by, key.sign(claims(**right | wrong)))


async def test_a_token_for_others_is_refused_where_no_audience_is_set(tmp_path: Path) -> None:
    by = sign_in(tmp_path, pair("ES256"))
    assert "aud" in await refused(by, pair("ES256").sign(claims(aud="somebody else")))


async def test_clocks_may_differ_by_the_leeway(tmp_path: Path) -> None:
    key = pair("HS256")
    by = sign_in(tmp_path, key, Claims(leeway_s=600))
    for times in ({"exp": int(time.time()) - 300}, {"nbf": int(time.time()) + 300}):
        await identified(by, key.sign(claims(**times)))
    late = sign_in(tmp_path, key, Claims(leeway_s=0))
    assert "expired" in await refused(late, key.sign(claims(exp=int(time.time()) - 5)))


NESTED = {"realm_access": {"roles": ["offline_access", "viewer", "admin"]}}
NAMED: dict[str, tuple[Claims, Json, Json, Role]] = {
    "by name": (Claims(), {"role": "viewer"}, None, Role.VIEWER),
    "the strongest of several": (Claims(), {"role": ["viewer", "x", "editor"]}, None, Role.EDITOR),
    "on a way": (Claims(role="realm_access.roles"), NESTED, None, Role.ADMIN),
    "by an address": (
        Claims(role="https://adjutant/role"),
        {"https://adjutant/role": "admin"},
        None,
        Role.ADMIN,
    ),
    "by the file, by subject": (Claims(), {"role": None}, {"users": {"u-1": "admin"}}, Role.ADMIN),
    "by the file, by a group": (
        Claims(),
        {"role": None, "groups": ["b", "a"]},
        {"groups": {"a": "viewer", "b": "editor"}},
        Role.EDITOR,
    ),
    "by the file, as everybody": (Claims(), {"role": None}, {"everybody": "viewer"}, Role.VIEWER),
    "by the file, by a checked address": (
        Claims(),
        {"role": None, "email": "ana@example.org", "email_verified": True},
        {"users": {"ana@example.org": "editor"}},
        Role.EDITOR,
    ),
}


@pytest.mark.parametrize("case", NAMED)
async def test_roles_come_from_claims_or_from_the_file(tmp_path: Path, case: str) -> None:
    expected, told, roles, role = NAMED[case]
    by = sign_in(tmp_path, pair("ES256"), expected, roles)
    found = await identified(by, pair("ES256").sign(claims(**told)))
    assert found.role is role
    assert by.still_good(found)


@pytest.mark.parametrize(
    "told",
    [
        {"email": "chief@example.org"},
        {"email": "chief@example.org", "email_verified": "true"},
        {"email": "chief@example.org", "email_verified": False},
        {"preferred_username": "chief@example.org"},
        {"name": "chief@example.org"},
    ],
)
async def test_a_name_that_people_choose_themselves_gives_no_role(tmp_path: Path, told: Json) -> None:
    by = sign_in(tmp_path, pair("ES256"), roles={"users": {"chief@example.org": "admin"}})
    assert "no role" in await refused(by, pair("ES256").sign(claims(role=None, **told)))


async def test_a_role_that_the_file_takes_away_ends_what_it_gave(tmp_path: Path) -> None:
    by = sign_in(tmp_path, pair("ES256"), roles={"users": {"u-1": "admin"}})
    given = await identified(by, pair("ES256").sign(claims(role=None)))
    claimed = await identified(by, pair("ES256").sign(claims()))
    (tmp_path / "roles.json").write_text('{"users": {"u-1": "editor", "u-2": "viewer"}}')
    await by.refresh()
    assert not by.still_good(given)
    assert by.still_good(claimed)
    (tmp_path / "roles.json").write_text('{"users": {"u-1": "root"}} ')
    with pytest.raises(RolesError, match=r"users\.u-1"):
        await by.refresh()
    assert not by.still_good(given)


async def test_a_key_that_is_replaced_ends_what_it_signed(tmp_path: Path) -> None:
    old = new_pair("ES256")
    by = sign_in(tmp_path, old)
    found = await identified(by, old.sign(claims()))
    new = new_pair("ES256")
    new.written(tmp_path)
    await by.refresh()
    assert not by.still_good(found)
    assert by.still_good(await identified(by, new.sign(claims())))
    assert "not signed" in await refused(by, old.sign(claims()))


async def test_what_is_no_such_token_is_for_others_to_say(tmp_path: Path) -> None:
    by = sign_in(tmp_path, pair("ES256"))
    for token in (None, "", "abc", "a.b", "a.b.c.d"):
        assert await by.identify(Shown(token)) is None


@pytest.mark.parametrize(
    "token",
    [
        *("..", "a.b.c", "e30.e30.e30", "é.é.é", "\0.\0.\0"),
        by_hand([], {}),
        by_hand(b"\xff", {}),
        by_hand({"alg": "ES256", "kid": 5}, {}),
        by_hand({"alg": "ES256", "crit": ["exp"]}, claims()),
        by_hand({"alg": "ES256"}, b"[" * 5_000),
        by_hand(b"[" * 5_000, {}),
        "." * 2 + "a" * 7_000,
    ],
)
async def test_whatever_has_two_dots_is_refused_with_a_sentence(tmp_path: Path, token: str) -> None:
    assert await refused(sign_in(tmp_path, pair("ES256")), token)


KEYS: dict[str, tuple[bytes, str]] = {
    "short": (b"0123456789012345678901234567890", "32 bytes"),
    "nothing": (b"", "32 bytes"),
    "a certificate": (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "not a public key"),
    "a private key": (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "private"),
    "an empty set": (b'{"keys": []}', "no public key"),
    "half an object": (b'{"keys"', "not JSON"),
    "not a set": (b'{"keys": 5}', "not a JSON Web Key Set"),
}


@pytest.mark.parametrize("case", KEYS)
def test_a_file_that_holds_no_usable_key_is_named(tmp_path: Path, case: str) -> None:
    content, sentence = KEYS[case]
    file = tmp_path / "key"
    file.write_bytes(content)
    with pytest.raises(KeysError, match=sentence) as error:
        FileKeys(file)
    assert str(file) in str(error.value)
    with pytest.raises(KeysError, match="No such file"):
        FileKeys(tmp_path / "none")


async def test_a_file_may_hold_a_key_or_a_set_of_them_as_json(tmp_path: Path) -> None:
    first, second = pair("ES256"), new_pair("RS256")
    set_ = {"keys": [first.jwk(kid="1"), second.jwk(kid="2", use="sig"), {"kty": "new"}, 5]}
    file = tmp_path / "keys.json"
    for content in (set_, first.jwk()):
        file.write_text(json.dumps(content))
        by = JwtSignIn(FileKeys(file), Claims(), Roles(None))
        await identified(by, first.sign(claims(), **({"kid": "1"} if "keys" in content else {})))
    file.write_text(json.dumps(set_))
    by = JwtSignIn(FileKeys(file), Claims(), Roles(None))
    await identified(by, second.sign(claims(), kid="2"))
    assert "not signed" in await refused(by, second.sign(claims(), kid="1"))
    for unfit in ({"use": "enc"}, {"key_ops": ["sign"]}, {"alg": "PS256"}, {"kid": 5}, {"d": "AAAA"}):
        file.write_text(json.dumps({"keys": [second.jwk(**unfit)]}))
        with pytest.raises(KeysError, match="no public key"):
            FileKeys(file)
    assert len(SECRET) >= 32


@pytest.mark.parametrize("exp", [10**12, 10**400, 1e300, "9" * 400])
async def test_a_token_that_ends_after_all_years_there_are_is_good_until_the_last(
    tmp_path: Path, exp: Json
) -> None:
    key = pair("HS256")
    found = await identified(sign_in(tmp_path, key), key.sign(claims(exp=exp)))
    assert found.expires_at is not None
    assert found.expires_at.year == 9999
