// The command line: suggestions as one types, the lines before, and what a line of several steps would do.

import { attribute, foreign, h, oneLine } from "./dom.js";
import { Stage } from "./client.js";
import { answer } from "./answer.js";
import { draft } from "./session.js";

const SUGGEST_AFTER_MS = 60;
const PLAN_AFTER_MS = 250;
const KEPT_LINES = 100;

export class Prompt {
  #client;
  #lines;
  #input;
  #list;
  #plan;
  #onLine;
  #onTyped;
  #before = []; // the lines given so far
  #at = 0; // the place in them that the arrow keys have come to
  #unsent = "";
  #active = -1;
  #timers = { suggest: 0, plan: 0 };
  #asked = 0;

  // `onLine(line)` takes a line that was entered; `onTyped(line)` hears of each change.
  constructor({ client, lines, input, list, plan, onLine, onTyped }) {
    this.#client = client;
    this.#lines = lines;
    this.#input = input;
    this.#list = list;
    this.#plan = plan;
    this.#onLine = onLine;
    this.#onTyped = onTyped;
    input.value = draft.get();
    input.addEventListener("input", () => this.#typed());
    input.addEventListener("keydown", (event) => this.#key(event));
    input.addEventListener("blur", () => this.#closeList());
    // mousedown: a click would first take the focus away, and the list with it
    list.addEventListener("mousedown", (event) => this.#choose(event));
  }

  // Begins a line for the person to complete; what stood there is kept among the lines before.
  begin(line) {
    const { value } = this.#input;
    if (value.trim() && value !== line) this.#remember(value);
    this.#set(line);
    this.#input.focus();
  }

  focus() {
    this.#input.focus();
  }

  // A line that was not carried out is among those that come back with the arrow, wherever it came from.
  keep(line) {
    if (this.#before.includes(line)) return;
    const atTheEnd = this.#at === this.#before.length;
    this.#before.push(line);
    if (atTheEnd) this.#at = this.#before.length;
  }

  #typed() {
    this.#at = this.#before.length;
    this.#changed();
    clearTimeout(this.#timers.suggest);
    this.#timers.suggest = setTimeout(() => this.#suggest(), SUGGEST_AFTER_MS);
  }

  #set(line) {
    this.#input.value = line;
    this.#input.setSelectionRange(line.length, line.length);
    this.#closeList();
    this.#changed();
  }

  #changed() {
    const line = this.#input.value;
    draft.set(line);
    this.#onTyped(line);
    clearTimeout(this.#timers.plan);
    this.#plan.replaceChildren();
    if (line.includes("|")) this.#timers.plan = setTimeout(() => this.#preview(line), PLAN_AFTER_MS);
  }

  #key(event) {
    const open = !this.#list.hidden;
    if (event.isComposing) return;
    if (event.key === "Enter") this.#enter();
    else if (event.key === "Tab" && open && !event.shiftKey) this.#take(this.#active < 0 ? 0 : this.#active);
    else if (event.key === "ArrowDown") open ? this.#move(1) : this.#recall(1);
    else if (event.key === "ArrowUp") open && this.#active >= 0 ? this.#move(-1) : this.#recall(-1);
    else if (event.key === "Escape" && open) this.#closeList();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #enter() {
    if (this.#active >= 0) return this.#take(this.#active);
    const line = this.#input.value.trim();
    if (!line) return;
    this.#remember(line);
    this.#set("");
    this.#onLine(line);
  }

  #remember(line) {
    if (this.#before.at(-1) !== line) this.#before.push(line);
    if (this.#before.length > KEPT_LINES) this.#before.shift();
    this.#at = this.#before.length;
    this.#unsent = "";
  }

  // The lines before, and after the last of them what was being typed.
  #recall(step) {
    const to = this.#at + step;
    if (to < 0 || to > this.#before.length) return;
    if (this.#at === this.#before.length) this.#unsent = this.#input.value;
    this.#at = to;
    this.#set(to === this.#before.length ? this.#unsent : this.#before[to]);
  }

  async #suggest() {
    const line = this.#input.value;
    const asked = ++this.#asked;
    if (!line.trim() || this.#client.link.stage !== Stage.CONNECTED) return this.#closeList();
    const ack = await this.#client.request("command:suggest", { text: line }, { withinMs: 2_000 });
    if (asked !== this.#asked || this.#input.value !== line || document.activeElement !== this.#input) return;
    const suggestions = ack.ok ? ack.data.suggestions.filter(({ text }) => text !== line) : [];
    this.#active = -1;
    this.#list.replaceChildren(...suggestions.map(option));
    this.#list.hidden = suggestions.length === 0;
    this.#mark();
  }

  #move(step) {
    const { length } = this.#list.children;
    this.#active = Math.min(this.#active + step, length - 1);
    this.#mark();
  }

  #mark() {
    const options = [...this.#list.children];
    options.forEach((one, number) => attribute(one, "aria-selected", number === this.#active ? "true" : "false"));
    options[this.#active]?.scrollIntoView({ block: "nearest" });
    attribute(this.#input, "aria-activedescendant", options[this.#active]?.id ?? null);
    attribute(this.#input, "aria-expanded", String(!this.#list.hidden));
  }

  // Puts a suggestion into the line, and looks what could follow.
  #take(number) {
    const line = this.#list.children[number].dataset.text;
    this.#set(line);
    this.#typed();
  }

  #choose(event) {
    event.preventDefault();
    const chosen = event.target.closest("[role=option]");
    if (chosen) this.#take([...this.#list.children].indexOf(chosen));
  }

  #closeList() {
    this.#asked += 1;
    clearTimeout(this.#timers.suggest);
    this.#active = -1;
    this.#list.hidden = true;
    this.#mark();
  }

  async #preview(line) {
    const ack = await this.#lines.plan(line);
    if (this.#input.value === line) this.#plan.replaceChildren(...answer(ack, line, "not yet"));
  }
}

function option({ text, help }, number) {
  return h(
    "li",
    { role: "option", id: `suggestion-${number}`, "data-text": text, "aria-selected": "false" },
    foreign("span", { class: "line" }, oneLine(text)),
    foreign("span", { class: "help" }, oneLine(help)),
  );
}
