"""Notices: what one person is told, on an open page as an event and on a closed one by Web Push."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from models.base import Few, Label, Personal, Wire

DEVICES_MAX = 10
"""Browsers of one person that are notified while the page is closed."""
ENDPOINT_MAX = 1_000  # characters; push services give some 200 to 500

DeviceId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Endpoint = Annotated[str, Field(max_length=ENDPOINT_MAX, pattern=r"^https://[^\s/@?#]+/[!-~]*$")]
Template = Annotated[str, Field(max_length=200)]
Sentence = Annotated[tuple[Template, ...], Few(2, least=2)]


class PushKeys(Wire):
    """The keys of a browser's subscription: a point on P-256 and 16 random bytes, in base64url."""

    p256dh: Annotated[str, Field(pattern=r"^B[A-Za-z0-9_-]{86}$")]
    auth: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{22}$")]


class NoticeWords(Wire):
    """How a page says each kind of notice, in its language: the title and the text, with `{title}`,
    `{minutes}`, `{who}`, `{name}`, `{why}` and `{count}` in the places of what is told. `busy` stands for a
    private title."""

    soon: Sentence
    given: Sentence
    failed: Sentence
    more: Sentence
    busy: Label


class AddDevice(Personal):
    """A browser's subscription, as `PushSubscription.toJSON()` has it; `device` is what people call that
    browser. Sent again it is renewed, and its words are replaced."""

    endpoint: Endpoint
    keys: PushKeys
    device: Label
    words: NoticeWords


class RemoveDevice(Personal):
    """Names one of the person's devices."""

    id: DeviceId


class Device(Wire):
    """A browser that is notified; `since` is when it was last renewed."""

    id: DeviceId
    device: str
    since: str


class MyPush(Wire):
    """`key` is the server's public key for `PushManager.subscribe`; null where the server cannot notify
    closed pages. `id` is the device that was just subscribed."""

    key: str | None
    devices: tuple[Device, ...] = ()
    id: str | None = None


class Notice(Wire):
    """One thing that the person is told. `kind` is soon, given, failed or more, `fields` are what fills the
    sentence, `tag` replaces an older notice about the same, `code` opens its item."""

    kind: str
    tag: str
    code: str | None
    fields: dict[str, str]


class Notices(Wire):
    """What the person is told now."""

    notices: tuple[Notice, ...]
