// The position up to which the person has seen the board: on the server for all their devices where it keeps it, else in
// this browser.

import { kept } from "./session.js";

const KEY = "adjutant.seen";

export class Marks {
  #client;
  #person;

  constructor({ client, person }) {
    this.#client = client;
    this.#person = person;
  }

  // {epoch, seq, at: ms of the epoch}, or null at a first visit.
  async get() {
    const mark = JSON.parse(kept(() => localStorage.getItem(KEY)) ?? "null");
    return mark?.person === this.#person() ? mark : null;
  }

  async set(mark) {
    kept(() => localStorage.setItem(KEY, JSON.stringify({ ...mark, person: this.#person() })));
  }
}
