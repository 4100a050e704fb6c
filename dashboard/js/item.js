// One item looked at closely: all that it says, its actions, and its past.

import { foreign, h, link, oneLine, text } from "./dom.js";
import { actionsOf } from "./actions.js";
import { sentence } from "./answer.js";
import { age, dayAndTime } from "./dates.js";

const LIMIT = 50;
const ASK_AFTER_MS = 200;
const INSTANTS = ["start", "end", "due_date", "snoozed_until"];
const FIELDS = {
  start: "Begins",
  end: "Ends",
  status: "Status",
  urgency: "Urgency",
  due_date: "Due",
  snoozed_until: "Snoozed until",
  assignee: "With",
  location: "Place",
  attendees: "Attendees",
  source: "Source",
  held: "Set by people",
  note: "Note",
  evidence: "Evidence",
  url: "Link",
};

// Said in another place of the view, or meant for programs.
const ELSEWHERE = ["id", "rev", "code", "description", "all_day", "important_by_rule", "doing", "going"];

export class ItemView {
  #client;
  #view;
  #panel;
  #open = null; // {section, id, code, shown: the item that is drawn; null when it was gone by then}
  #timer = 0;
  #scrolled = 0; // where the page was before

  constructor({ client, view, panel }) {
    this.#client = client;
    this.#view = view;
    this.#panel = panel;
  }

  // Shows the item that is called so; false when nothing is.
  open(code) {
    const found = this.#view.named(code);
    if (!found) return false;
    this.#open = { section: found.section, id: found.item.id, code: found.item.code, shown: undefined };
    if (this.#panel.hidden) this.#scrolled = scrollY;
    this.#panel.hidden = false;
    this.#part(".past").replaceChildren();
    this.#say("looking up its past …");
    this.draw();
    this.#panel.scrollIntoView({ block: "start" });
    return true;
  }

  // Back to where the person came from.
  close() {
    if (!this.#open) return;
    this.#open = null;
    this.#panel.hidden = true;
    scrollTo(0, this.#scrolled);
  }

  // The code of the item that is shown, or null.
  get code() {
    return this.#open?.code ?? null;
  }

  focus() {
    this.#part("h2").focus();
  }

  draw() {
    if (!this.#open) return;
    const { section, id, shown } = this.#open;
    const item = this.#view.item(section, id);
    this.#panel.classList.toggle("gone", item === null);
    if (item === shown) return;
    this.#open.shown = item;
    this.#keepFocus(() => (item ? this.#fill(section, item) : this.#part(".actions").replaceChildren()));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(id), shown ? ASK_AFTER_MS : 0);
  }

  #fill(section, item) {
    const part = (name) => this.#part(name);
    text(part(".code"), item.code);
    const { sections } = this.#view;
    const { headline } = sections.get(section);
    text(part(".headline"), sections.headline(section, item));
    part(".fields").replaceChildren(...fields(item, headline));
    text(part(".prose"), headline === "description" ? "" : (item.description ?? ""));
    const buttons = actionsOf(sections, section, item).map(({ name }, number) =>
      h("button", { type: "button", "data-act": "do", "data-code": item.code, "data-number": number }, name),
    );
    part(".actions").replaceChildren(...buttons);
  }

  // The button that had the focus has it again, by its name; else, where it is gone, the first, or the heading.
  #keepFocus(fill) {
    const actions = this.#part(".actions");
    const focused = actions.contains(document.activeElement) ? document.activeElement.textContent : null;
    fill();
    if (focused === null) return;
    const buttons = [...actions.children];
    (buttons.find(({ textContent }) => textContent === focused) ?? buttons[0] ?? this.#part("h2")).focus();
  }

  #part(name) {
    return this.#panel.querySelector(name);
  }

  async #ask(id) {
    const ack = await this.#client.request("state:history", { id, limit: LIMIT }, { withinMs: 10_000 });
    if (this.#open?.id !== id) return;
    if (!ack.ok) return this.#say(sentence(ack.error));
    this.#say("");
    // An id is unique within its section only: another one may have a past under it too.
    const own = ack.data.entries.filter(({ change }) => change.section === this.#open.section);
    this.#part(".past").replaceChildren(...own.map(happening));
  }

  #say(sentence) {
    text(this.#part(".none"), sentence);
  }
}

// Those that are known first, then whatever else the item says.
function fields(item, headline) {
  const shown = new Set([...Object.keys(FIELDS), ...Object.keys(item)]);
  for (const name of [...ELSEWHERE, headline]) shown.delete(name);
  return [...shown].flatMap((name) => {
    const value = item[name];
    if (value === null || value === undefined || value.length === 0) return [];
    const label = FIELDS[name] ?? words(name);
    return [h("dt", {}, label), h("dd", {}, name === "url" ? link(value) : foreign("span", {}, told(name, value)))];
  });
}

// due_date: "Due date"
function words(name) {
  const said = name.replaceAll("_", " ");
  return said[0].toUpperCase() + said.slice(1);
}

function told(name, value) {
  if (Array.isArray(value)) return value.map((one) => told("", one)).join(", ");
  if (value?.quote) return `${value.file}:${value.line} “${value.quote}”`;
  if (typeof value === "object") return JSON.stringify(value);
  return (INSTANTS.includes(name) && dayAndTime(value, Date.now())) || String(value);
}

function happening({ at, cause, change }) {
  const said = cause.command ?? "";
  return h(
    "li",
    {},
    h("time", { datetime: at }, age(at, Date.now())),
    " ",
    foreign("b", {}, oneLine(cause.actor)),
    " ",
    foreign("code", {}, oneLine(said)),
    foreign("span", { class: "what" }, what(change)),
  );
}

function what({ put, set, gone }) {
  if (gone) return "removed";
  if (put) return oneLine(put.title ?? put.description ?? "as a whole");
  const changed = Object.entries(set).filter(([name]) => name !== "rev" && name !== "held");
  const said = changed.map(([name, value]) => {
    return `${name.replaceAll("_", " ")}: ${value === null ? "nothing" : told(name, value)}`;
  });
  return oneLine(said.join(", "));
}
