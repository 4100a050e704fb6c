// Looking for words: on the board at once, in the records as soon as the server has found them.

import { sentence } from "./refused.js";

const READ = ["description", "assignee", "person", "attendees", "location", "note"];
const ON_THE_BOARD = 12; // hits of the board above those of the records
const PAGE = 20; // hits of the records at a time
const ASK_AFTER_MS = 200; // a pause in typing

export class Search {
  query = "";
  board = []; // {section, item, title}
  records = null; // {hits, total, ...} of the server; null while it looks
  trouble = ""; // why there are no records
  filters = {}; // {source?, days?}, as strings: which records count
  #client;
  #view;
  #changed;
  #asked = 0;
  #timer = 0;

  // `changed()` hears that there is something new to show.
  constructor({ client, view, changed }) {
    this.#client = client;
    this.#view = view;
    this.#changed = changed;
  }

  // The sources that have records.
  sources() {
    const ids = [...this.#view.items("sources")].filter(({ records }) => records > 0).map(({ id }) => id);
    return ids.sort();
  }

  get isFiltered() {
    return Object.keys(this.filters).length > 0;
  }

  // Looks again, among these alone; the same filter once more takes it away.
  filter(name, value) {
    const { [name]: before, ...rest } = this.filters;
    this.filters = value === "" || value === before ? rest : { ...rest, [name]: value };
    const { query } = this;
    this.#begin(query);
    this.#look(query, false);
  }

  #narrowed() {
    const { source, days } = this.filters;
    const since = days && new Date(Date.now() - Number(days) * 86_400_000).toISOString().slice(0, 10);
    return { ...(source && { source }), ...(since && { since }) };
  }

  // Follows what is being typed.
  follow(query) {
    if (query === this.query) return;
    this.#begin(query);
    if (query) this.#timer = setTimeout(() => this.#look(query), ASK_AFTER_MS);
  }

  // The line is on its way to the server, which will say what it finds.
  entered(query) {
    if (query) this.#begin(query);
  }

  // What a line's searches found, with the names that the hits have in the person's next lines.
  show(query, searches) {
    if (query && query !== this.query) return; // the person has gone on
    const queries = searches.map(({ command }) => queryOf(command));
    if (!query) this.#begin(queries.join(", "));
    const found = searches.map(({ data }) => data);
    const hits = found.flatMap((one) => one.hits);
    const total = found.reduce((sum, one) => sum + (one.total ?? one.hits.length), 0);
    const more = found.some(({ at_least: atLeast }) => atLeast) || null;
    this.#take({ ...found[0], hits, total, at_least: more, next: queries.length > 1 ? null : queries[0] });
  }

  refuse(query, why) {
    if (query === this.query) this.#fail(why);
  }

  // The next page of what is shown.
  async further() {
    const asked = this.#asked;
    const payload = { query: this.records.next, limit: PAGE, offset: this.records.hits.length, ...this.#narrowed() };
    const ack = await this.#client.request("search:query", payload, { withinMs: 10_000 });
    if (asked !== this.#asked) return;
    if (!ack.ok) return this.#fail(sentence(ack.error));
    const hits = [...this.records.hits, ...ack.data.hits];
    const isLast = ack.data.hits.length === 0;
    this.#take({ ...ack.data, hits, next: isLast ? null : this.records.next });
  }

  get hasMore() {
    const { next, hits, total, at_least: atLeast } = this.records ?? {};
    return Boolean(next && hits.length && (atLeast || total > hits.length));
  }

  close() {
    this.filters = {};
    this.#begin("");
  }

  #begin(query) {
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.query = query;
    this.records = null;
    this.trouble = "";
    this.board = query ? this.#onTheBoard(query) : [];
    this.#changed();
  }

  #onTheBoard(query) {
    const words = query.toLowerCase().replace(/["*]/g, "").split(/\s+/).filter(Boolean);
    const found = [];
    const { sections } = this.#view;
    for (const section of sections.coded) {
      let here = 0;
      for (const item of sections.inOrder(section, this.#view.items(section))) {
        const title = sections.headline(section, item);
        const said = [item.code, title, ...READ.map((field) => item[field])].join(" ").toLowerCase();
        if (!words.every((word) => said.includes(word))) continue;
        found.push({ section, item, title });
        if (++here === ON_THE_BOARD) break;
      }
    }
    return found;
  }

  async #look(typed, isTyping = true) {
    const query = isTyping ? begun(typed) : typed;
    const asked = this.#asked;
    const payload = { query, limit: PAGE, channel: "box", ...this.#narrowed() };
    const ack = await this.#client.request("search:query", payload, { withinMs: 10_000 });
    if (asked !== this.#asked || ack.data?.superseded) return;
    if (ack.ok) this.#take({ ...ack.data, next: query });
    else this.#fail(sentence(ack.error));
  }

  #take(records) {
    this.records = records;
    this.#changed();
  }

  #fail(why) {
    this.trouble = why;
    this.#changed();
  }
}

// The words of `search words`, where that is the whole line.
export function queryOf(line) {
  const [, query] = /^\s*search\s+([^|]*[^|\s])\s*$/i.exec(line) ?? [];
  return query?.replace(/^"([^"]*)"$/, "$1") ?? "";
}

// While a word is being typed it is taken for the beginning of one.
function begun(query) {
  const quoted = query.split('"').length % 2 === 0;
  const plain = /(?:^|\s)(?!(?:OR|AND|NOT)$)[\p{L}\p{N}]+$/u.test(query);
  return plain && !quoted ? `${query}*` : query;
}
