// The lines that the server has not answered yet, kept by the browser: they outlive a reload, a crash and a tab that the
// phone put away. A line belongs to the person who typed it, and to one page at a time, which holds it for a moment and
// goes on holding it while it lives: two pages never send the same line.

const NAME = "adjutant";
const STORE = "lines"; // {at, op, event, payload, epoch, line, typedAt, person, page, heldUntil}, in the order typed
const HELD_MS = 10_000; // a page that has not renewed its hold for so long is gone: another tab sends its lines
const HOLD_EVERY_MS = 3_000; // three times within HELD_MS

export class Outbox {
  // False once the browser has not kept something: then only the page itself remembers it.
  keeps = true;
  #opening;
  #person;
  #page = crypto.getRandomValues(new Uint32Array(2)).join("-");
  #held = new Map(); // op -> the key of its entry

  // `openDB` is idb's; `person()` names whose lines these are; `onFound(entries)` is given lines that no page holds any
  // more, in the order in which they were typed.
  constructor({ openDB, person, onFound }) {
    this.#person = person;
    this.#opening = openDB(NAME, 1, {
      upgrade: (base) => base.createObjectStore(STORE, { keyPath: "at", autoIncrement: true }),
    });
    const look = async () => {
      await this.#hold();
      const found = await this.#adopt();
      if (found.length) onFound(found);
    };
    this.look = () => look().catch(() => (this.keeps = false));
    setInterval(this.look, HOLD_EVERY_MS);
    addEventListener("pagehide", () => this.#letGo());
    addEventListener("pageshow", () => this.look());
  }

  // Keeps an entry {op, event, payload, epoch, line} until `forget`.
  async keep(entry) {
    const { op } = entry;
    this.#held.set(op, null);
    try {
      const base = await this.#opening;
      const whole = { ...entry, typedAt: Date.now(), person: this.#person(), ...this.#hand() };
      const at = await base.add(STORE, whole);
      if (this.#held.has(op)) this.#held.set(op, at);
      else await base.delete(STORE, at); // it was answered in the meantime
    } catch {
      this.keeps = false;
    }
  }

  // The server has answered, or it was taken back.
  async forget(op) {
    const at = this.#held.get(op);
    this.#held.delete(op);
    if (at == null) return;
    await (await this.#opening).delete(STORE, at).catch(() => (this.keeps = false));
  }

  // Whether this page still is the one to send it, for the person who looks now.
  async isOurs(op, person) {
    if (person !== this.#person()) return false;
    const at = this.#held.get(op);
    if (at === undefined) return false;
    if (at === null) return true; // the browser does not keep it
    try {
      return (await (await this.#opening).get(STORE, at))?.page === this.#page;
    } catch {
      this.keeps = false;
      return true;
    }
  }

  // Leaves a line to whoever its person signs in with next.
  async leave(op) {
    const at = this.#held.get(op);
    this.#held.delete(op);
    if (at != null) await this.#change([at], (entry) => ({ ...entry, heldUntil: 0 }));
  }

  // Whether something is unanswered that would be lost with the page.
  get wouldLose() {
    return !this.keeps && this.#held.size > 0;
  }

  #hand() {
    return { page: this.#page, heldUntil: Date.now() + HELD_MS };
  }

  async #hold() {
    const keys = [...this.#held.values()].filter((at) => at !== null);
    const mine = (entry) => (entry.page === this.#page ? { ...entry, ...this.#hand() } : null);
    if (keys.length) await this.#change(keys, mine);
  }

  #letGo() {
    const keys = [...this.#held.values()].filter((at) => at !== null);
    const release = (entry) => (entry.page === this.#page ? { ...entry, heldUntil: 0 } : null);
    if (keys.length) this.#change(keys, release).catch(() => {});
  }

  // One transaction: of two pages that look at the same time one finds the lines.
  async #adopt() {
    const base = await this.#opening;
    const found = [];
    const transaction = base.transaction(STORE, "readwrite");
    for (const entry of await transaction.store.getAll()) {
      const free = entry.heldUntil < Date.now() || entry.heldUntil > Date.now() + 2 * HELD_MS; // the clock was set back
      if (!free || entry.person !== this.#person() || this.#held.has(entry.op)) continue;
      await transaction.store.put({ ...entry, ...this.#hand() });
      this.#held.set(entry.op, entry.at);
      found.push(entry);
    }
    await transaction.done;
    return found;
  }

  async #change(keys, how) {
    const transaction = (await this.#opening).transaction(STORE, "readwrite");
    for (const at of keys) {
      const entry = await transaction.store.get(at);
      const changed = entry && how(entry);
      if (changed) await transaction.store.put(changed);
    }
    await transaction.done;
  }
}
