// The search: what is on the board at once, and the records as soon as the server has found them.

import { foreign, h, hide, link, oneLine, text } from "./dom.js";
import { sentence } from "./answer.js";
import { age } from "./dates.js";

const READ = ["description", "assignee", "attendees", "location", "note"];
const ON_THE_BOARD = 20;
const PAGE = 20;
const ASK_AFTER_MS = 200;

export class Found {
  #client;
  #view;
  #panel;
  #query = "";
  #asked = 0; // answers to what was asked before are too late
  #timer = 0;

  constructor({ client, view, panel }) {
    this.#client = client;
    this.#view = view;
    this.#panel = panel;
  }

  // Follows the line that is being typed; `search words` is looked up at once.
  follow(line) {
    const query = queryOf(line);
    if (!query || query === this.#query) return;
    this.#begin(query);
    this.#timer = setTimeout(() => this.#look(query), ASK_AFTER_MS);
  }

  // The line is on its way to the server, which will say what it finds.
  entered(line) {
    const query = queryOf(line);
    if (query) this.#begin(query);
  }

  // What became of a line: the hits of its searches, with the names that they have in the person's next lines.
  show(line, ack) {
    const query = queryOf(line);
    if (!ack.ok) return query && query === this.#query ? this.#say(sentence(ack.error)) : null;
    const searches = ack.data.steps.filter(({ data }) => data?.hits);
    if (!searches.length) return;
    if (query && query !== this.#query) return; // the person has gone on
    const queries = searches.map(({ command }) => queryOf(command));
    if (!query) this.#begin(queries.join(", "), queries.length > 1 ? "" : queries[0]);
    const found = searches.map(({ data }) => data);
    const total = found.reduce((sum, { total, hits }) => sum + (total ?? hits.length), 0);
    const more = found.some(({ at_least: atLeast }) => atLeast) || null;
    const hits = found.flatMap(({ hits }) => hits);
    this.#fill({ hits, total, at_least: more }, queries.length > 1 ? null : queries[0]);
  }

  // The next page of what is shown.
  async further() {
    const records = this.#part(".records");
    const { query } = this.#part(".further").dataset;
    const asked = this.#asked;
    const payload = { query, limit: PAGE, offset: records.children.length };
    const ack = await this.#client.request("search:query", payload, { withinMs: 10_000 });
    if (asked !== this.#asked) return;
    if (!ack.ok) return this.#say(sentence(ack.error));
    records.append(...ack.data.hits.map(hit));
    hide(this.#part(".further"), !hasMore(ack.data, records.children.length) || ack.data.hits.length === 0);
  }

  close() {
    this.#query = "";
    this.#asked += 1;
    clearTimeout(this.#timer);
    this.#panel.hidden = true;
  }

  #part(name) {
    return this.#panel.querySelector(name);
  }

  #begin(shown, query = shown) {
    clearTimeout(this.#timer);
    this.#query = shown;
    this.#asked += 1;
    const opened = this.#panel.hidden;
    this.#panel.hidden = false;
    if (opened) this.#panel.scrollIntoView({ block: "start" });
    text(this.#part(".note"), `“${oneLine(shown)}”`);
    const found = query ? this.#onTheBoard(query) : [];
    this.#part(".board").replaceChildren(...found.map(onBoard));
    this.#say("looking through the records …");
  }

  #onTheBoard(query) {
    const words = query.toLowerCase().replace(/["*]/g, "").split(/\s+/);
    const found = [];
    const { sections } = this.#view;
    for (const section of sections.coded) {
      for (const item of this.#view.items(section)) {
        const title = sections.headline(section, item);
        const said = [title, ...READ.map((field) => item[field])].join(" ").toLowerCase();
        if (words.every((word) => said.includes(word)) && found.push({ ...item, title }) === ON_THE_BOARD)
          return found;
      }
    }
    return found;
  }

  async #look(typed) {
    const query = begun(typed);
    const asked = this.#asked;
    const payload = { query, limit: PAGE, channel: "box" };
    const ack = await this.#client.request("search:query", payload, { withinMs: 10_000 });
    if (asked !== this.#asked || ack.data?.superseded) return;
    if (ack.ok) this.#fill(ack.data, query);
    else this.#say(sentence(ack.error));
  }

  // Without a query there is no next page.
  #fill(found, query) {
    this.#part(".records").replaceChildren(...found.hits.map(hit));
    this.#say(summary(found));
    const further = this.#part(".further");
    hide(further, query === null || !found.hits.length || !hasMore(found, found.hits.length));
    further.dataset.query = query ?? "";
  }

  #say(sentence) {
    const nothing = this.#part(".board").children.length ? "" : "Nothing on the board. ";
    text(this.#part(".none"), nothing + sentence);
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

const hasMore = ({ total, at_least: atLeast }, shown) => Boolean(atLeast) || total > shown;

function summary({ hits, total, took_ms: took, at_least: atLeast, partial, ranked, left_out: leftOut }) {
  const found = `${atLeast ? "at least " : ""}${total} in the records`;
  const many = hits.length ? found + (typeof took === "number" ? `, in ${Math.round(took)} ms` : "") : "";
  return [
    many || "Nothing in the records",
    hits.length && ranked === "newest" && "the newest come first",
    partial && "the time was over before all of them were looked through",
    leftOut && (leftOut === 1 ? "one word of it was left out" : `${leftOut} words of it were left out`),
  ]
    .filter(Boolean)
    .join("; ")
    .concat(".");
}

function onBoard({ code, title }) {
  return h("li", { class: "row" }, openButton(code, title));
}

function openButton(code, title) {
  const parts = [h("span", { class: "code" }, code), foreign("span", { class: "title" }, oneLine(title))];
  return h("button", { class: "opener", type: "button", "data-act": "open", "data-code": code }, parts);
}

function hit({ name, source, at, author, kind, title, snippet, marks, url }) {
  const about = [author, kind, at && age(at, Date.now()), source].filter(Boolean).join(", ");
  return h(
    "li",
    { class: "hit" },
    name ? h("span", { class: "code" }, name) : null,
    foreign("b", {}, oneLine(title)),
    " ",
    foreign("span", { class: "source" }, oneLine(about)),
    foreign("p", {}, marked(snippet, marks)),
    url ? link(url) : null,
  );
}

// Places count code points.
function marked(snippet, marks) {
  const points = [...snippet];
  const parts = [];
  let done = 0;
  for (const [start, end] of marks ?? []) {
    parts.push(points.slice(done, start).join(""), h("mark", {}, points.slice(start, end).join("")));
    done = end;
  }
  return [...parts, points.slice(done).join("")];
}
