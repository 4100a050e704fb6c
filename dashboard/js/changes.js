// What others changed since the person last said that they had seen it: the server tells it, item by item, from the
// position that was seen. At a first visit there is nothing to tell.

const AGAIN_MS = 400;
const MOST = 50;

export class Changes {
  list = []; // the server's: {section, id, code, title, what, by, at, changed}, the newest first
  more = 0; // how many are left out of it
  since = null; // ms of the epoch: when it was seen
  #client;
  #marks;
  #isOwn;
  #changed;
  #sections;
  #timer = 0;
  #asked = 0;
  #new = new Set();

  // `marks` keeps the position that was seen: get() and set({epoch, seq, at}). `isOwn(told)` says whether it was the person
  // themselves; `changed()` hears that the list is another one.
  constructor({ client, sections, marks, isOwn, changed }) {
    this.#client = client;
    this.#sections = sections;
    this.#marks = marks;
    this.#isOwn = isOwn;
    this.#changed = changed;
  }

  // Whether an event came since then.
  isNew(id) {
    return this.#new.has(id);
  }

  // Something changed, or the board is there: looks again in a moment.
  look() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), AGAIN_MS);
  }

  // All of it has been seen.
  async seen() {
    const { epoch, seq } = this.#client.replica;
    this.#show([], 0, Date.now());
    await this.#marks.set({ epoch, seq, at: Date.now() });
  }

  async #ask() {
    const { epoch, seq } = this.#client.replica;
    if (epoch === null) return;
    const asked = ++this.#asked;
    const mark = await this.#marks.get();
    if (!mark || mark.epoch !== epoch || mark.seq > seq) {
      await this.#marks.set({ epoch, seq, at: Date.now() });
      return this.#show([], 0, Date.now());
    }
    if (mark.seq === seq) return this.#show([], 0, mark.at);
    const ack = await this.#client.request("state:since", { since: mark.seq, limit: MOST }, { withinMs: 10_000 });
    if (!ack.ok || asked !== this.#asked) return;
    const told = ack.data.items.filter((one) => this.#isTold(one) && !this.#isOwn(one));
    this.#show(told, ack.data.left_out, mark.at);
  }

  // What is proposed stands in a list of its own; what changed in a way that nobody reads is not told.
  #isTold({ section, what, changed }) {
    if (!this.#sections.coded.includes(section) || section === "proposals") return false;
    const { headline } = this.#sections.get(section);
    if (what !== "changed" || !changed) return true;
    return Object.keys(changed).some((field) => [headline, "due_date", "urgency", "location", "note"].includes(field));
  }

  #show(list, more, since) {
    this.list = list;
    this.more = more;
    this.since = since;
    this.#new = new Set(list.filter(({ what }) => what === "added").map(({ id }) => id));
    this.#changed();
  }
}
