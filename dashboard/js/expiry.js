// How long the sign-in is good: it says so in time, and goes on under a new token without a reconnect.

import { MINUTE_MS, ms } from "./dates.js";
import { sentence } from "./refused.js";

const SOON_MS = 5 * MINUTE_MS; // time to fetch a new token
const AGAIN_MS = 20_000; // it may have been renewed on the server

export class Expiry {
  fault = ""; // why a token was not taken
  #client;
  #session;
  #changed;
  #endsAt = NaN; // ms of the epoch

  // `changed()` hears that there is something else to say.
  constructor({ client, session, changed }) {
    this.#client = client;
    this.#session = session;
    this.#changed = changed;
    client.addEventListener("link", ({ detail }) => detail.stage === "connected" && this.look());
    setInterval(() => this.minutesLeft(Date.now()) !== null && this.look(), AGAIN_MS);
  }

  // Whole minutes until it ends; null while that is far.
  minutesLeft(at) {
    const leftMs = this.#endsAt - at;
    return leftMs <= SOON_MS ? Math.max(1, Math.ceil(leftMs / MINUTE_MS)) : null;
  }

  // Asks how long the token is good, by going on under it.
  async look() {
    const { token } = this.#session;
    const was = this.minutesLeft(Date.now());
    const ack = token ? await this.#ask(token) : null;
    this.#endsAt = ack?.ok ? ms(ack.data.expires_at) : NaN;
    if (was !== this.minutesLeft(Date.now())) this.#changed();
  }

  // Goes on under another token of the same person.
  async renew(token) {
    const ack = await this.#ask(token);
    this.fault = ack.ok ? "" : sentence(ack.error);
    if (ack.ok) {
      this.#session.renew(token);
      this.#endsAt = ms(ack.data.expires_at);
    }
    this.#changed();
  }

  #ask(token) {
    return this.#client.request("auth:refresh", { token }, { withinMs: 10_000 });
  }
}
