"""Notifications of a page that may send them: a meeting is near, something is given, a source fails; while it
is open, and by its service worker while it is closed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.conftest import Connect, Serve
from tests.dashboard.browsing import Sight
from tests.dashboard.conftest import Look, in_minutes
from tests.planted import FORMS
from tests.push_service import PushServer, push_server
from tests.running import WAIT_S, PythonClient, RunningServer, until

# A headless Chromium grants none, so this stands in for its class: what the page hands to the browser.
LISTEN = """globalThis.noticed = [];
globalThis.Notification = class extends EventTarget {
    static permission = "granted";
    constructor(title, options) {
        super();
        noticed.push([title, options.body]);
    }
};"""
WANTED = {"before_min": 5, "assigned": True, "source": True, "brief": True}


async def listening(look: Look, connect: Connect, **prefs: Any) -> Sight:
    """A page that may send notifications, of Nina, who has these preferences."""
    await (await connect(person="local")).done("prefs:set", set={"name": "Nina Weber", **prefs})
    sight = await look()
    await sight.page.add_init_script(LISTEN)
    await sight.page.reload()
    await sight.stage("connected")
    return sight


async def noticed(sight: Sight, title: str, body: str) -> None:
    await sight.page.wait_for_function(
        "([title, body]) => noticed.some(([one, other]) => one.includes(title) && other === body)",
        arg=[title, body],
    )


async def test_a_meeting_a_task_and_a_failed_source_are_told_once_each(
    look: Look, ana: PythonClient, connect: Connect
) -> None:
    sight = await listening(look, connect, notify=WANTED)

    def call(ident: str, minutes: float, **fields: Any) -> dict[str, Any]:
        return {"id": ident, "title": ident, "start": in_minutes(minutes), "end": in_minutes(40)} | fields

    soon = [
        call("Board call", 4),
        call("Dr. Weiss", 4.5, private=True),
        call("Declined", 4, answer="declined"),
    ]
    await ana.done("calendar:put", items=[*soon, call("Later", 20)])
    given = {"id": "p1", "title": "Sign the lease", "assignee": "Nina Weber"}
    await ana.done("priorities:put", items=[given, {"id": "p2", "title": "Not hers", "assignee": "Bo"}])
    source = await connect(source="ics:work", client="ics:work")
    run = (await source.done("source:hello", ttl_s=3600))["run"]
    await source.done("source:finish", run=run, ok=False, error="the file is gone")
    await noticed(sight, "ana", "Sign the lease")
    await noticed(sight, "failed", "the file is gone")
    await noticed(sight, "5 min", "Busy")
    await noticed(sight, "4 min", "Board call")
    await ana.done("priorities:put", items=[given | {"title": "Sign the new lease"}])
    await sight.see("#priorities", "Sign the new lease")
    told = await sight.page.evaluate("noticed")
    assert len(told) == 4, told


async def test_no_notification_has_a_secret_of_a_meeting(
    look: Look, ana: PythonClient, connect: Connect
) -> None:
    sight = await listening(look, connect, notify=WANTED)

    async def until_told(number: int) -> None:  # of more than twenty at a time only how many would be told
        await sight.page.wait_for_function("(number) => noticed.length >= number", arg=number)

    soon = {"start": in_minutes(4), "end": in_minutes(40)}
    await ana.done(
        "calendar:put", items=[{"id": form, "title": text, **soon} for form, text in FORMS.items()]
    )
    await until_told(len(FORMS))
    given = [{"id": form, "title": text, "assignee": "Nina Weber"} for form, text in FORMS.items()]
    await ana.done("priorities:put", items=given)
    await until_told(2 * len(FORMS))
    for number, text in enumerate(FORMS.values(), 1):
        source = await connect(source=f"ics:work-{number}", client=f"ics:work-{number}")
        run = (await source.done("source:hello", ttl_s=3600))["run"]
        await source.done("source:finish", run=run, ok=False, error=text)
        await until_told(2 * len(FORMS) + number)
    told = json.dumps(await sight.page.evaluate("noticed"))
    assert "Zoom" in told
    assert [secret for secret in ("s3cret", "pwd=", "c0de") if secret in told] == []


async def test_without_the_wish_nothing_is_told(look: Look, ana: PythonClient, connect: Connect) -> None:
    sight = await listening(look, connect)
    await ana.done("priorities:put", items=[{"id": "p", "title": "Sign", "assignee": "Nina Weber"}])
    await sight.see("#priorities", "Sign")
    assert await sight.page.evaluate("noticed") == []


# A Chromium without the network has no push service; its subscription here has keys of its own, as any has.
SUBSCRIBES = """(subscription) => {
    let here = null;
    Object.assign(PushManager.prototype, {
        getSubscription: async () => here,
        subscribe: async ({ applicationServerKey: key }) => {
            await globalThis.isAllowed;
            const bytes = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
            return (here = {
                options: { applicationServerKey: Uint8Array.from(bytes, (one) => one.charCodeAt(0)).buffer },
                toJSON: () => subscription,
                unsubscribe: async () => (here = null, true),
            });
        },
    });
}"""


@pytest.fixture
async def push(tmp_path: Path) -> AsyncIterator[PushServer]:
    async with push_server(tmp_path) as server:
        yield server


async def test_the_switch_signs_this_browser_up_and_off_and_names_the_others(
    look: Look, serve: Serve, connect: Connect, push: PushServer
) -> None:
    server = await serve(
        f"--push-service={push.host}", name="push", env={"SSL_CERT_FILE": str(push.certificate.file)}
    )
    phone = await connect(url=server.url, person="local")
    await phone.done("prefs:set", set={"name": "Nina Weber", "notify": WANTED})
    await phone.done("push:subscribe", push.subscription("phone"))
    sight = await look(url=server.url, service_workers="allow")
    page = sight.page
    await page.add_init_script(LISTEN)
    await page.add_init_script(f"({SUBSCRIBES})({json.dumps(push.subscription('desk'))})")
    await page.reload()
    await sight.stage("connected")
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await page.click(".settings-open")
    switch = page.locator("#settings .closed input")
    await expect(switch).not_to_be_checked()
    await page.evaluate("void (globalThis.isAllowed = new Promise((allow) => (globalThis.allow = allow)))")
    await switch.check()
    await redrawn(sight, phone)
    await expect(switch).to_be_checked()
    await expect(switch).to_have_attribute("aria-busy", "true")
    await page.evaluate("allow()")
    await until_devices(phone, 2)
    await expect(switch).to_have_attribute("aria-busy", "false")
    await page.click("#settings >> text=Deutsch")
    await sight.see("#settings .closed", "Auch wenn diese Seite zu ist")
    ana = await connect(url=server.url, client="ana")
    await ana.done("priorities:put", items=[{"id": "p", "title": "Sign", "assignee": "Nina Weber"}])
    await until(lambda: push.told("desk") and push.told("phone"))
    assert push.told("desk") == ["ana hat Ihnen etwas gegeben: Sign"]
    assert await page.evaluate("noticed") == [], "the service worker shows it"
    await page.click("#settings .devices button")
    await until_devices(phone, 1)
    await switch.uncheck()
    await until_devices(phone, 0)
    sight.forgive()


async def redrawn(sight: Sight, phone: PythonClient) -> None:
    """Something else changes on the server, and the page with it."""
    theme = {"theme": "light" if await sight.page.query_selector("html[data-theme=dark]") else "dark"}
    await phone.done("prefs:set", set=theme)
    await sight.page.wait_for_selector(f"html[data-theme={theme['theme']}]")
    await sight.page.evaluate("new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")


async def test_a_switch_stays_as_it_was_set_while_its_outcome_is_not_known(
    look: Look, connect: Connect
) -> None:
    """While the browser asks the person, the page is drawn anew."""
    phone = await connect(person="local")
    sight = await listening(look, connect)
    page = sight.page
    await page.evaluate(
        """() => {
            globalThis.answers = [];
            Notification.requestPermission = () => new Promise((answer) => answers.push(answer));
        }"""
    )
    await page.click(".settings-open")
    switch = page.locator("#settings .notify input").first
    await switch.check()
    await redrawn(sight, phone)
    await expect(switch).to_be_checked()
    await page.evaluate("answers[0]('denied')")
    await expect(switch).not_to_be_checked()
    await switch.check()
    await redrawn(sight, phone)
    await page.evaluate("answers[1]('granted')")
    await redrawn(sight, phone)
    await expect(switch).to_be_checked()


async def until_devices(client: PythonClient, count: int) -> None:
    async with asyncio.timeout(WAIT_S):
        while len((await client.done("push:get"))["devices"]) != count:
            pass


async def test_the_service_worker_shows_a_push_and_a_click_opens_its_item(
    look: Look, ana: PythonClient, server: RunningServer
) -> None:
    """The browser delivers a message to the real worker; only the display itself is stood in for."""
    put = await ana.done("priorities:put", items=[{"id": "p", "title": "Sign the lease"}])
    code = put["codes"]["p"]
    sight = await look(service_workers="allow")
    page = sight.page
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    [worker] = page.context.service_workers or [await page.context.wait_for_event("serviceworker")]
    await worker.evaluate(
        """() => {
            self.shown = [];
            self.registration.showNotification = async (...told) => void self.shown.push(told);
        }"""
    )
    session = await page.context.new_cdp_session(page)
    registrations: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: registrations.extend(one["registrationId"] for one in told["registrations"]),
    )
    await session.send("ServiceWorker.enable")
    await until(lambda: registrations)
    message = {"title": "In 5 min", "body": "Board call", "tag": "soon c", "board": "main", "code": code}
    told = {"origin": server.url, "registrationId": registrations[0], "data": json.dumps(message)}
    await session.send("ServiceWorker.deliverPushMessage", told)
    while not await worker.evaluate("self.shown.length"):
        pass
    title, options = await worker.evaluate("self.shown[0]")
    assert (title, options["body"], options["tag"]) == ("In 5 min", "Board call", "soon c")
    assert options["data"] == {"board": "main", "code": code}
    # The push service has ended the subscription: the same is asked for again, and the page hears of it.
    await page.evaluate(
        "navigator.serviceWorker.addEventListener('message', ({ data }) => (globalThis.renewed = data.renew))"
    )
    asked = await worker.evaluate(
        """async () => {
            let asked, done;
            self.registration.pushManager.subscribe = async (options) => (asked = options);
            const event = new Event("pushsubscriptionchange");
            event.waitUntil = (promise) => (done = promise);
            event.oldSubscription = { options: { userVisibleOnly: true } };
            self.dispatchEvent(event);
            await done;
            return asked;
        }"""
    )
    assert asked == {"userVisibleOnly": True}
    await page.wait_for_function("() => globalThis.renewed")
    await worker.evaluate(
        """(data) => {
            const event = new Event("notificationclick");
            event.waitUntil = () => {};
            Object.assign(event, { notification: { close() {}, data } });
            self.dispatchEvent(event);
        }""",
        options["data"],
    )
    await sight.see("#item", "Sign the lease")
    other = await look(f"/#board=main&item={code}")
    await other.see("#item", "Sign the lease")
    assert await other.page.evaluate("location.hash") == "#board=main"
    sight.forgive()
