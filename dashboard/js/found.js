// The search: what is on the board at once, and the records as soon as the server has found them.

import { foreign, h, link, oneLine, text } from "./dom.js";
import { sentence } from "./answer.js";
import { age } from "./moments.js";

const SECTIONS = ["calendar", "priorities", "commitments"];
const ON_THE_BOARD = 20;
const ASK_AFTER_MS = 200;

export class Found {
  #client;
  #view;
  #panel;
  #query = "";
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
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(query), ASK_AFTER_MS);
  }

  // True when the line is a search, which is then carried out.
  run(line) {
    const query = queryOf(line);
    if (!query) return false;
    clearTimeout(this.#timer);
    this.#begin(query);
    this.#ask(query);
    return true;
  }

  close() {
    this.#query = "";
    this.#panel.hidden = true;
  }

  #begin(query) {
    this.#query = query;
    this.#panel.hidden = false;
    text(this.#panel.querySelector(".note"), `“${oneLine(query)}”`);
    const found = this.#onTheBoard(query);
    this.#panel.querySelector(".board").replaceChildren(...found.map(onBoard));
    this.#say(found.length ? "" : "Nothing on the board.", "looking through the records …");
  }

  #onTheBoard(query) {
    const words = query.toLowerCase().split(/\s+/);
    const found = [];
    for (const section of SECTIONS) {
      for (const item of this.#view.items(section)) {
        const said = [item.title, item.description, item.assignee, item.location, item.note]
          .join(" ")
          .toLowerCase();
        if (words.every((word) => said.includes(word)) && found.push(item) === ON_THE_BOARD) return found;
      }
    }
    return found;
  }

  async #ask(query) {
    const ack = await this.#client.request("search:query", { query, limit: 20 }, { withinMs: 10_000 });
    if (query !== this.#query) return;
    const hits = ack.ok ? (ack.data.hits ?? []) : [];
    this.#panel.querySelector(".records").replaceChildren(...hits.map(hit));
    const here = this.#panel.querySelector(".board").children.length ? "" : "Nothing on the board.";
    this.#say(here, ack.ok ? summary(ack.data) : why(ack.error));
  }

  #say(...sentences) {
    text(this.#panel.querySelector(".none"), sentences.filter(Boolean).join(" "));
  }
}

// The words of `search words`, where that is the whole line.
export function queryOf(line) {
  const [, query] = /^\s*search\s+([^|]*\S)\s*$/i.exec(line) ?? [];
  return query?.replace(/^"(.*)"$/, "$1") ?? "";
}

function why(error) {
  const missing = ["unknown_event", "invalid_state"].includes(error.code);
  return missing ? "This server cannot search the records yet." : sentence(error);
}

function summary({ hits, total, took_ms: took }) {
  if (!hits.length) return "Nothing in the records.";
  const many = typeof total === "number" ? `${total}` : `at least ${hits.length}`;
  return `${many} in the records${typeof took === "number" ? `, in ${Math.round(took)} ms` : ""}.`;
}

function onBoard({ code, title, description }) {
  return h("li", { class: "row" }, openButton(code, title ?? description));
}

function openButton(code, title) {
  const parts = [h("span", { class: "code" }, code), foreign("span", { class: "title" }, oneLine(title))];
  return h("button", { class: "opener", type: "button", "data-act": "open", "data-code": code }, parts);
}

function hit({ source, at, title, snippet, url }) {
  return h(
    "li",
    { class: "hit" },
    foreign("b", {}, oneLine(title ?? "")),
    " ",
    h("span", { class: "source" }, oneLine([source, at && age(at, Date.now())].filter(Boolean).join(", "))),
    foreign("p", {}, String(snippet ?? "").slice(0, 1_000)),
    url ? link(url) : null,
  );
}
