"""Signing in where passwords are not taken: Microsoft by a code that is typed elsewhere, Google in a browser.

What is kept is a grant: the refresh token, and for which app at which provider. Access tokens live for an
hour and are kept nowhere.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from adjutant_client.reasons import plainly
from collectors.program import UsageError

PROVIDERS = ("microsoft", "google")
_MICROSOFT = "https://login.microsoftonline.com/common"
_SCOPES = {
    "microsoft": ["https://outlook.office.com/IMAP.AccessAsUser.All"],
    "google": ["https://mail.google.com/"],  # the only one with which Google takes IMAP
}
_EARLY_S = 300.0  # a token that ends within this time is renewed before it is used
_FRESH_S = 60.0  # between renewals for a refusal: a server that refuses all tokens is not a reason for more
_PATIENCE_S = 900.0  # to sign in with a browser; codes of Microsoft's live as long
_SILENCE_S = 30.0  # an authorization server answers within seconds
_ENDED = ("invalid_grant", "interaction_required", "consent_required")
_MISSING = "signing in at {0} needs the library {1}: .venv/bin/pip install {1}"

for _name in ("msal", "google.auth", "google_auth_oauthlib", "requests_oauthlib", "oauthlib"):
    logging.getLogger(_name).addHandler(logging.NullHandler())


class SignInError(Exception):
    """There is no access token; the message is a sentence without any secret."""


class SignInEnded(SignInError):
    """The grant is not taken any more: somebody has to sign in again."""


class Grant(BaseModel):
    """What is kept. `at` is Microsoft's authority, or where Google gives tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str
    client: str
    at: str
    refresh: str
    client_secret: str = ""


def add_oauth(parser: ArgumentParser) -> None:
    """The options of a sign-in."""
    add = parser.add_argument
    about = "sign in at microsoft or google in place of a password (`adjutant connect` does it)"
    add("--oauth", choices=PROVIDERS, metavar="PROVIDER", help=about)
    about = "the app that asks: its id at Microsoft, or the file client_secret.json of Google"
    add("--oauth-client", metavar="ID_OR_FILE", help=about)
    about = "where Microsoft signs in, with the tenant (%(default)s)"
    add("--oauth-authority", metavar="ADDRESS", default=_MICROSOFT, help=about)


def asked(options: Sequence[str]) -> Namespace | None:
    """The options of a sign-in among those of a collector; None without one. Errors: UsageError."""
    parser = ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    add_oauth(parser)
    given, _ = parser.parse_known_args(list(options))
    if given.oauth is None:
        return None
    if not given.oauth_client:
        raise UsageError("say with --oauth-client which app asks: docs/how-to/ tells how to make one")
    return given


def sign_in(given: Namespace, user: str, say: Callable[[str], None]) -> str:
    """Lets a person sign in, who is told by `say` what to do; the grant, as text that is a secret.

    Errors: SignInError.
    """
    grant = (_at_microsoft if given.oauth == "microsoft" else _at_google)(given, user, say)
    return grant.model_dump_json()


@dataclass
class Access:
    """Access tokens by a grant. `grant` gives its text each time anew; `keep` takes a new one, where the
    provider gives a new refresh token with each access token. Without `keep`, `newest` has it."""

    grant: Callable[[], str]
    keep: Callable[[str], None] | None = None
    newest: str = field(default="", repr=False)
    _token: str = field(default="", repr=False)
    _ends_s: float = 0.0
    _renewed_s: float = -_FRESH_S
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __call__(self) -> str:
        """A token that still lives for a while. Errors: SignInError."""
        with self._lock:  # a refresh token may be good for one use
            if time.time() > self._ends_s - _EARLY_S:
                self._renew()
            return self._token

    def renew(self, refused: str) -> bool:
        """Gets another token in place of one that was refused; whether there is one. One that was got in
        place of another just now is not refused for its age.

        Errors: SignInError.
        """
        with self._lock:
            if self._token == refused:
                if time.monotonic() - self._renewed_s < _FRESH_S:
                    return False
                self._renewed_s = time.monotonic()
                self._renew()
            return True

    def _renew(self) -> None:
        try:
            grant = Grant.model_validate_json(self.newest or self.grant())
        except ValidationError:
            raise SignInEnded("its secret is no sign-in") from None
        got = _microsoft_token(grant) if grant.provider == "microsoft" else _google_token(grant)
        self._token, self._ends_s = (
            str(got["access_token"]),
            time.time() + float(got.get("expires_in", 3_600)),
        )
        if (fresh := got.get("refresh_token")) and fresh != grant.refresh:
            text = grant.model_copy(update={"refresh": fresh}).model_dump_json()
            if self.keep is None:
                self.newest = text
            else:
                self.keep(text)


def _at_microsoft(given: Namespace, user: str, say: Callable[[str], None]) -> Grant:
    app = _microsoft(given.oauth_client, given.oauth_authority)
    try:
        flow = app.initiate_device_flow(scopes=_SCOPES["microsoft"])
        if "user_code" not in flow:
            raise SignInError(f"Microsoft gives no code: {_why(flow)}")
        say(f"Open {flow['verification_uri']} in a browser, sign in as {user}, and type {flow['user_code']}")
        got = app.acquire_token_by_device_flow(flow)
    except (OSError, ValueError) as error:
        raise SignInError(f"Microsoft cannot be asked: {plainly(error)}") from None
    if "refresh_token" not in got:
        raise SignInError(f"Microsoft did not sign in: {_why(got)}")
    return Grant(
        provider="microsoft",
        client=given.oauth_client,
        at=given.oauth_authority,
        refresh=got["refresh_token"],
    )


def _microsoft(client: str, authority: str) -> Any:
    try:
        import msal
    except ImportError:
        raise SignInError(_MISSING.format("Microsoft", "msal")) from None
    known = authority == _MICROSOFT or (urlsplit(authority).hostname or "").endswith(".microsoftonline.com")
    try:
        return msal.PublicClientApplication(
            client, authority=authority, instance_discovery=None if known else False, timeout=_SILENCE_S
        )
    except (OSError, ValueError) as error:
        raise SignInError(f"{authority} cannot be asked: {plainly(error)}") from None


def _microsoft_token(grant: Grant) -> dict[str, Any]:
    try:
        got = _microsoft(grant.client, grant.at).acquire_token_by_refresh_token(
            grant.refresh, scopes=_SCOPES["microsoft"]
        )
    except (OSError, ValueError) as error:
        raise SignInError(f"no access token can be asked for: {plainly(error)}") from None
    if "access_token" not in got:
        raise (SignInEnded if got.get("error") in _ENDED else SignInError)(
            f"the sign-in at Microsoft is not taken any more: {_why(got)}"
        )
    return dict(got)


def _at_google(given: Namespace, user: str, say: Callable[[str], None]) -> Grant:
    try:
        from google_auth_oauthlib.flow import InstalledAppFlow
    except ImportError:
        raise SignInError(_MISSING.format("Google", "google-auth-oauthlib")) from None
    try:
        path = Path(given.oauth_client).absolute()
        try:
            app = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise SignInError(f"--oauth-client: {path} cannot be read: {error.strerror}") from None
        flow = InstalledAppFlow.from_client_config(app, _SCOPES["google"])
        say(f"Open this address in a browser on this machine, and sign in as {user}:")
        got = flow.run_local_server(
            host="127.0.0.1",
            port=0,
            open_browser=False,
            authorization_prompt_message="{url}",
            timeout_seconds=_PATIENCE_S,
            access_type="offline",
            prompt="consent",  # else a second sign-in gives no refresh token
            login_hint=user,
        )
        config = flow.client_config
    except SignInError:
        raise
    except Exception as error:  # noqa: BLE001 - its libraries raise many kinds, some with what was sent
        raise SignInError(f"Google did not sign in: {plainly(error)}") from None
    if not got.refresh_token:
        raise SignInError("Google gives no lasting access: remove the app's old one from the account first")
    return Grant(
        provider="google",
        client=config["client_id"],
        client_secret=config.get("client_secret", ""),
        at=config["token_uri"],
        refresh=got.refresh_token,
    )


def _google_token(grant: Grant) -> dict[str, Any]:
    try:
        from google.auth.exceptions import GoogleAuthError, RefreshError
        from google.auth.transport.requests import Request
        from google.oauth2.credentials import Credentials
    except ImportError:
        raise SignInError(_MISSING.format("Google", "google-auth-oauthlib")) from None
    made = Credentials(  # type: ignore[no-untyped-call]
        None,
        refresh_token=grant.refresh,
        token_uri=grant.at,
        client_id=grant.client,
        client_secret=grant.client_secret,
        scopes=_SCOPES["google"],
    )
    try:
        made.refresh(Request())  # type: ignore[no-untyped-call]
    except RefreshError as error:
        ended = any(word in str(error) for word in _ENDED)
        raise (SignInEnded if ended else SignInError)(
            "the sign-in at Google is not taken any more" if ended else "Google gives no access token now"
        ) from None
    except (GoogleAuthError, OSError) as error:
        raise SignInError(f"no access token can be asked for: {plainly(error)}") from None
    ends_s = made.expiry.replace(tzinfo=UTC).timestamp() - time.time() if made.expiry else 3_600
    return {"access_token": made.token, "expires_in": ends_s, "refresh_token": made.refresh_token}


def _why(answer: dict[str, Any]) -> str:
    """The provider's own words, the first line of them; tokens are in no error."""
    said = str(answer.get("error_description") or answer.get("error") or "it does not say why")
    return said.splitlines()[0][:200]
