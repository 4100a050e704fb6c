// The board as this browser saw it last, so that a page opened without the server is not empty. It belongs to the person
// who saw it, goes when they sign out, and is let go of after a while.

import { isOf } from "./session.js";

const NAME = "adjutant-board";
const STORE = "boards"; // {person, at: ms of the epoch, board}: see Replica.copy
const EVERY_MS = 30_000; // at most so much is missing after a crash of the browser
const KEPT_MS = 7 * 24 * 3_600_000; // an older board would mislead more than help

export class LastBoard {
  #opening;
  #person;
  #replica;
  #saved = null; // the position that is kept

  // `openDB` is idb's; `person()` names who looks now.
  constructor({ openDB, person, replica }) {
    this.#person = person;
    this.#replica = replica;
    this.#opening = openDB(NAME, 1, { upgrade: (base) => base.createObjectStore(STORE, { keyPath: "person" }) });
    this.#opening.catch(() => {}); // a browser that keeps nothing
    setInterval(() => this.save(), EVERY_MS);
    document.addEventListener("visibilitychange", () => document.hidden && this.save());
  }

  // Puts what is kept into a replica that holds nothing yet; when it was seen (ms of the epoch), or null.
  async restore() {
    try {
      const base = await this.#opening;
      const kept = await base.getAll(STORE);
      for (const { person, at } of kept) if (Date.now() - at > KEPT_MS) await base.delete(STORE, person);
      const found = kept.find(({ person, at }) => person === this.#person() && Date.now() - at <= KEPT_MS);
      if (!found || this.#replica.position !== null) return null;
      this.#replica.take(found.board);
      this.#saved = this.#replica.position; // kept already, with the time at which it was seen
      return found.at;
    } catch {
      return null;
    }
  }

  // Keeps the board, if it has changed.
  async save() {
    const { position } = this.#replica;
    if (position === null || position === this.#saved) return;
    this.#saved = position;
    try {
      const base = await this.#opening;
      await base.put(STORE, { person: this.#person(), at: Date.now(), board: this.#replica.copy() });
    } catch {
      // the browser keeps nothing, or has no room
    }
  }

  // Nothing stays that is kept for those.
  async forget(isTheirs = (person) => person === this.#person()) {
    this.#saved = null;
    try {
      const base = await this.#opening;
      for (const person of await base.getAllKeys(STORE)) if (isTheirs(person)) await base.delete(STORE, person);
    } catch {
      // the browser keeps nothing
    }
  }
}

// Shows the last board until the server has told more, and lets it go with the person who saw it. Returns what empties the
// page when somebody has signed out.
export function keepLast({ last, session, push, client, view, page, frames, lines }) {
  const empty = () => {
    client.replica.clear();
    page.asOf = null;
    frames.ask();
  };
  const leave = () => {
    lines.leaveToTheirPerson();
    empty();
    client.connect({ anew: true });
  };
  page.isSignedIn = () => session.token !== null;
  page.signOut = async () => {
    await last.forget((person) => isOf(person, session.who));
    if (push.isOn) await push.end(); // what comes is not for whoever uses this browser next
    session.signOut();
    leave();
  };
  client.addEventListener("link", ({ detail }) => {
    if (!["unauthorized", "not_found"].includes(detail.code)) return;
    const { who } = session;
    last.forget(detail.code === "unauthorized" ? (person) => isOf(person, who) : undefined);
    if (page.asOf !== null) empty();
  });
  client.addEventListener("sync", () => (page.asOf = null));
  last.restore().then((seenAt) => {
    if (seenAt === null) return;
    view.sections.learn(client.replica.described);
    page.asOf = seenAt;
    frames.ask();
  });
  return leave;
}
