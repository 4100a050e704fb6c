// Notifications while the page is closed: this browser's subscription at its push service, and what the server knows of
// it. The messages are encrypted by the server for this browser alone, and its service worker shows them.

import { sentence } from "./refused.js";
import { say } from "./words.js";

const LEAVE_WITHIN_MS = 3_000;

export class Push {
  key = null; // the server's public key; null where it cannot notify closed pages
  id = null; // what the server calls this browser; null where it is not notified
  devices = []; // {id, device, since} of all the person's browsers that are
  #client;
  #changed;
  #sent = null; // what the server was told of this browser
  #wanted = null; // what the person chose while it is not yet so
  #turned = Promise.resolve(); // the last change of it: they are made one after another

  constructor({ client, changed }) {
    this.#client = client;
    this.#changed = changed;
    client.addEventListener("link", ({ detail }) => detail.stage === "connected" && this.#learn());
  }

  // Whether the browser has such a thing.
  get isPossible() {
    return "PushManager" in globalThis && "Notification" in globalThis;
  }

  get isOn() {
    return this.id !== null;
  }

  // As a switch shows it: what was chosen last, also while the browser and the server are still asked.
  get isWanted() {
    return this.#wanted ?? this.isOn;
  }

  // Has this browser notified, or no longer. Resolves with the reason why it is not as wanted, or "".
  async turn(wanted) {
    this.#wanted = wanted;
    this.#changed();
    const turned = this.#turned.then(() => (wanted ? this.#begin() : this.isOn ? this.end() : ""));
    const last = (this.#turned = turned.catch(() => {}));
    try {
      return await turned;
    } catch (error) {
      return say.pushFailed(error.message);
    } finally {
      if (this.#turned === last) this.#wanted = null;
      this.#changed();
    }
  }

  async #begin() {
    const registration = await registered();
    if (!registration || !this.key) return say.pushMissing;
    const old = await registration.pushManager.getSubscription();
    if (old && keyOf(old) !== this.key) await old.unsubscribe();
    const options = { userVisibleOnly: true, applicationServerKey: this.key };
    return this.#send(await registration.pushManager.subscribe(options));
  }

  // Notifies it no more, or another one of the person's.
  async end(id = this.id) {
    if (id === this.id) await (await this.#subscription())?.unsubscribe();
    const ack = await this.#client.change("push:unsubscribe", { id }, { withinMs: LEAVE_WITHIN_MS });
    if (id === this.id) this.id = this.#sent = null;
    if (ack.ok) this.#take(ack.data);
    return ack.ok ? "" : sentence(ack.error);
  }

  // The page speaks another language: so do the notices.
  async renew() {
    const subscription = this.isOn ? await this.#subscription() : null;
    if (subscription) await this.#send(subscription);
  }

  // A subscription is renewed each time that the page opens: it lapses when it is not open for months.
  async #learn() {
    if (!this.isPossible) return;
    const ack = await this.#client.request("push:get");
    if (!ack.ok) return;
    this.#take(ack.data);
    const subscription = await this.#subscription();
    this.#sent = null;
    if (subscription && this.key && keyOf(subscription) === this.key) await this.#send(subscription);
  }

  async #send(subscription) {
    const { endpoint, keys } = subscription.toJSON();
    const told = { endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth }, device: deviceName(), words: words() };
    if (JSON.stringify(told) === this.#sent) return "";
    const ack = await this.#client.change("push:subscribe", told);
    if (!ack.ok) return sentence(ack.error);
    this.#sent = JSON.stringify(told);
    this.id = ack.data.id;
    this.#take(ack.data);
    return "";
  }

  async #subscription() {
    return (await registered())?.pushManager.getSubscription() ?? null;
  }

  #take({ key, devices }) {
    this.key = key;
    this.devices = devices;
    this.#changed();
  }
}

const registered = async () => (await navigator.serviceWorker?.getRegistration()) ?? null;

// As the server writes it: base64url.
function keyOf({ options }) {
  const bytes = new Uint8Array(options?.applicationServerKey ?? []);
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// The sentences of this page's language, with the names of what the server fills in.
function words() {
  const { soon, given, failed, more } = say.notices;
  return {
    soon: soon("{title}", "{minutes}"),
    given: given("{title}", "{who}"),
    failed: failed("{name}", "{why}"),
    more: more("{count}"),
    busy: say.busy,
  };
}

// What a person tells this browser by: "Firefox, Linux".
function deviceName() {
  const { userAgent, userAgentData, platform } = navigator;
  const [browser] = /Edg|Firefox|Chrome|Safari/.exec(userAgent) ?? [""];
  return [browser === "Edg" ? "Edge" : browser, userAgentData?.platform || platform].filter(Boolean).join(", ").slice(0, 64) || "?";
}

// Opens what a notification was about, on the board that it came from: in this page when it is clicked, or in one that it
// has opened.
export function followWorker({ client, push, session, boards, open }) {
  navigator.serviceWorker?.addEventListener("message", ({ data }) => {
    if (data?.renew) push.renew();
    if (!data?.open) return;
    if (data.board === boards.here) open(data.open);
    else session.enter(data.board, data.open);
  });
  const code = session.item;
  if (!code) return;
  session.tidyAddress();
  client.addEventListener("sync", () => open(code), { once: true });
}
