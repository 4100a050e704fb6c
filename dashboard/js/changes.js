// What others changed since the person looked: the server keeps up to where they have, for all their devices, and tells
// what is not as it was, item by item, but a whole calendar that came in as one. At a first visit there is nothing to tell.

const AGAIN_MS = 400; // several patches in a row cost one request
const MOST = 200; // changes asked for; the rest are counted
const ONE_BY_ONE = 6; // of what one author added to a section; more are told as one
const LOOKED_MS = 30_000; // who has had it before them for so long has seen it

export class Changes {
  // The server's: {section, id, code, title, what, by, name, at, changed}, the newest first; `many` where one stands for so many.
  list = [];
  count = 0; // how many they stand for
  more = 0; // how many are left out of it
  since = null; // ms of the epoch: when it was seen
  #client;
  #isOwn;
  #isWatched;
  #changed;
  #sections;
  #timer = 0;
  #asked = 0;
  #told = 0; // up to where the list tells
  #shownAt = 0;
  #new = new Set();

  // `isOwn(told)` says whether it was the person themselves, `isWatched()` whether somebody reads this page; `changed()` hears
  // that the list is another one.
  constructor({ client, sections, isOwn, isWatched, changed }) {
    this.#client = client;
    this.#sections = sections;
    this.#isOwn = isOwn;
    this.#isWatched = isWatched;
    this.#changed = changed;
    client.addEventListener("seen", () => this.look());
    document.addEventListener("visibilitychange", () => this.#leave());
  }

  // Whether an event came since then.
  isNew(id) {
    return this.#new.has(id);
  }

  // Something changed, or the board is there: looks again in a moment.
  look() {
    clearTimeout(this.#timer);
    if (this.#isWatched()) this.#timer = setTimeout(() => this.#ask(), AGAIN_MS);
  }

  // All of it has been seen.
  seen() {
    const { seq } = this.#client.replica;
    this.#show([], 0, Date.now());
    return this.#client.change("seen:set", { seq });
  }

  // Who puts the page away after a while has seen what it told.
  #leave() {
    if (document.hidden) {
      if (this.list.length && performance.now() - this.#shownAt > LOOKED_MS)
        this.#client.change("seen:set", { seq: this.#told });
    } else this.#shownAt = performance.now();
  }

  async #ask() {
    if (this.#client.replica.epoch === null) return;
    const asked = ++this.#asked;
    const ack = await this.#client.request("state:since", { limit: MOST });
    if (!ack.ok || asked !== this.#asked) return;
    const { items, left_out: more, seen_at: seenAt, seq } = ack.data;
    this.#told = seq;
    if (seenAt === null) return this.seen(); // a first visit
    this.#show(
      summed(items.filter((one) => this.#isTold(one) && !this.#isOwn(one))),
      more,
      Date.parse(seenAt),
    );
  }

  // What is proposed stands in a list of its own; what changed in a way that nobody reads is not told.
  #isTold({ section, what, changed }) {
    if (!this.#sections.coded.includes(section) || section === "proposals") return false;
    const { headline } = this.#sections.get(section);
    if (what !== "changed" || !changed) return true;
    return Object.keys(changed).some((field) => [headline, "due_date", "urgency", "location", "note"].includes(field));
  }

  #show(list, more, since) {
    const isQuiet = list.length + more + this.list.length + this.more === 0;
    if (list.length !== this.list.length) this.#shownAt = performance.now();
    this.list = list;
    this.count = list.reduce((sum, { many = 1 }) => sum + many, 0);
    this.more = more;
    this.since = since;
    this.#new = new Set(list.filter(({ what, many }) => what === "added" && !many).map(({ id }) => id));
    if (!isQuiet) this.#changed();
  }
}

// What one author added to a section stands at the newest of it, as one.
function summed(list) {
  const groups = Map.groupBy(list, ({ section, by, what }) => `${section} ${by} ${what}`);
  const isMany = (group) => group.length > ONE_BY_ONE && group[0].what === "added";
  const later = new Set([...groups.values()].filter(isMany).flatMap((group) => group.slice(1)));
  const many = new Map([...groups.values()].filter(isMany).map((group) => [group[0], group.length]));
  return list.filter((one) => !later.has(one)).map((one) => (many.has(one) ? { ...one, many: many.get(one) } : one));
}
