// The state of the connection, said honestly; and the way in where the server wants a token.

import { text } from "./dom.js";
import { Stage } from "./client.js";
import { clock } from "./dates.js";

const SAID = {
  [Stage.CONNECTING]: () => "connecting …",
  [Stage.CATCHING_UP]: () => "catching up …",
  [Stage.CONNECTED]: () => "connected",
  [Stage.OFFLINE]: ({ since }) => `offline since ${clock(since)}`,
  [Stage.REFUSED]: ({ since }) => `not let in since ${clock(since)}`,
};

export class LinkView {
  #client;
  #session;
  #place;
  #banner;
  #dialog;
  #onToken;

  // `onToken()` hears that the person has given a token.
  constructor({ client, session, place, banner, dialog, onToken }) {
    this.#onToken = onToken;
    this.#client = client;
    this.#session = session;
    this.#place = place;
    this.#banner = banner;
    this.#dialog = dialog;
    client.addEventListener("link", () => this.draw());
    addEventListener("online", () => this.#retry());
    document.addEventListener("visibilitychange", () => this.#retry());
    dialog.querySelector("form").addEventListener("submit", (event) => this.#signIn(event));
    this.draw();
  }

  draw() {
    const { link, replica } = this.#client;
    document.documentElement.dataset.link = link.stage;
    text(this.#place, SAID[link.stage](link));
    const away = [Stage.OFFLINE, Stage.REFUSED].includes(link.stage);
    this.#banner.hidden = !away;
    const held = replica.items("system").size > 0;
    const shown = held ? ` Below is the last known state, of ${clock(link.since)}.` : "";
    const why = link.why.replace(/\.$/, "");
    text(this.#banner, away ? `${SAID[link.stage](link)}: ${why}.${shown}` : "");
    this.#ask(link);
  }

  #ask({ stage, code, why }) {
    if (stage === Stage.CONNECTED) return this.#dialog.close();
    if (stage !== Stage.REFUSED || code !== "unauthorized") return;
    text(this.#dialog.querySelector(".why"), why);
    if (!this.#dialog.open) this.#dialog.show();
    this.#dialog.querySelector("input").focus();
  }

  #signIn(event) {
    event.preventDefault();
    const field = this.#dialog.querySelector("input");
    const token = field.value.trim();
    if (!token) return;
    this.#session.token = token;
    field.value = "";
    this.#onToken();
  }

  #retry() {
    if (this.#client.link.stage === Stage.OFFLINE) this.#client.connect();
  }
}
