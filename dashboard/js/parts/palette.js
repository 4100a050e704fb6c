// The command line, over the page: what is typed finds things while it is words, and says what it would do once it is a
// command. It is drawn at once at every key, and a letter that opened it goes into it.

import { Stage } from "../client.js";
import { Later } from "../later.js";
import { queryOf, Search } from "../search.js";
import { draft } from "../session.js";
import { h, render } from "../ui.js";
import { sentence } from "../refused.js";

const SUGGEST_AFTER_MS = 60; // fast typing asks once for several letters
const PLAN_AFTER_MS = 80; // the same, for the preview
const KEPT_LINES = 100; // earlier lines, for the arrow up
// Commands that are known before the server has told of its own.
const KNOWN =
  "approve complete done reopen snooze drop update add brief search show status undo help refresh quick full join seen settings sign"
    .split(" ");

export class Palette {
  #client;
  #page;
  #lines;
  #dialog;
  #input;
  #out;
  #go; // carries the line out, for who has no Enter key at hand
  #does;
  #search;
  #suggestions = [];
  #plan = null; // {ack, line}
  #help = null; // the commands, where they were asked for
  #before = []; // the lines given so far
  #at = 0; // the place in them that the arrow keys have come to
  #unsent = "";
  #active = -1;
  #chosen = false; // whether the person chose with the arrow keys
  #timers = { suggest: 0, plan: 0 };
  #asked = 0;
  #words = new Set(KNOWN); // that lines begin with
  #from = null; // what had the focus before
  #row = null; // the code of the row that had it

  // `does` has: run(line), isOwn(line): whether this page alone carries it out, open(code), key(letter, code): what a letter alone stands for, each {line or prefill, help},
  // given the code of the row that had the focus; usual(): the same for what is done most.
  constructor({ client, page, lines, dialog, does }) {
    this.#client = client;
    this.#page = page;
    this.#lines = lines;
    this.#does = does;
    this.#dialog = dialog;
    this.#input = dialog.querySelector("#line");
    this.#out = dialog.querySelector(".out");
    this.#search = new Search({ client, view: page.view, changed: () => this.#draw() });
    this.#input.addEventListener("input", () => this.#typed());
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#go = dialog.querySelector(".send-line");
    this.#go.addEventListener("click", () => this.#enter());
    dialog.querySelector(".leave-line").addEventListener("click", () => this.close());
    dialog.addEventListener("mousedown", (event) => this.#pointed(event));
    client.addEventListener("link", ({ detail }) => detail.stage === Stage.CONNECTED && this.#connected());
    this.#input.value = draft.get();
    if (this.#input.value) this.open();
  }

  get isOpen() {
    return this.#dialog.open;
  }

  // Opens it; the key that is being pressed then goes into the line.
  open() {
    if (!this.isOpen) {
      this.#from = document.activeElement;
      this.#row = this.#from?.closest("#item, [data-code]")?.dataset.code ?? this.#page.ui.panel?.code ?? null;
      this.#dialog.show();
      document.documentElement.classList.add("asking");
    }
    this.#input.focus();
    this.#typed();
  }

  // Begins a line for the person to complete; what stood there is kept among the lines before.
  begin(line) {
    const { value } = this.#input;
    if (value.trim() && value !== line) this.#remember(value);
    this.#set(line);
    this.open();
  }

  // Leaves the page as it was.
  close() {
    this.#set("");
    this.#help = null;
    this.#search.close();
    this.#suggestions = [];
    if (!this.isOpen) return;
    this.#dialog.close();
    document.documentElement.classList.remove("asking");
    if (this.#from?.isConnected && this.#from !== document.body) this.#from.focus({ preventScroll: true });
    else this.#does.focus();
  }

  // A line that was not carried out is among those that come back with the arrow, wherever it came from.
  keep(line) {
    if (this.#before.includes(line)) return;
    const atTheEnd = this.#at === this.#before.length;
    this.#before.push(line);
    if (atTheEnd) this.#at = this.#before.length;
  }

  // All commands and what they do.
  async help() {
    this.open();
    const ack = await this.#client.request("command:run", { text: "help" }, { withinMs: 10_000 });
    this.#help = ack.ok ? ack.data.steps[0].data.commands : null;
    if (!ack.ok) this.#plan = { ack, line: "help" };
    this.#draw();
  }

  // What a line's searches found. Opens for what it shows.
  show(line, ack) {
    const query = queryOf(line);
    if (!ack.ok) return query && this.#search.refuse(query, sentence(ack.error));
    const searches = (ack.data?.steps ?? []).filter(({ data }) => data?.hits);
    if (!searches.length) return;
    if (!this.isOpen) this.open();
    this.#search.show(query, searches);
  }

  further() {
    this.#search.further();
  }

  filter(name, value) {
    this.#search.filter(name, value);
  }

  // Learns the words that commands begin with, and how a line goes on that was typed meanwhile.
  async #connected() {
    if (this.isOpen) this.#suggest();
    const ack = await this.#client.request("command:run", { text: "help" });
    for (const { usage } of ack.data?.steps?.[0]?.data?.commands ?? [])
      this.#words.add(usage.split(" ")[0].toLowerCase());
  }

  #isCommand(line) {
    return this.#words.has(line.trim().split(/\s/)[0].toLowerCase()) || line.includes("|") || this.#does.isOwn(line);
  }

  #typed() {
    this.#at = this.#before.length;
    this.#changed();
    clearTimeout(this.#timers.suggest);
    if (this.isOpen) this.#timers.suggest = setTimeout(() => this.#suggest(), SUGGEST_AFTER_MS);
  }

  #set(line) {
    this.#input.value = line;
    this.#input.setSelectionRange(line.length, line.length);
    this.#forgetSuggestions();
    this.#changed();
  }

  #changed() {
    const line = this.#input.value;
    draft.set(line);
    this.#help = null;
    this.#active = -1;
    this.#chosen = false;
    clearTimeout(this.#timers.plan);
    this.#plan = null;
    const query = queryOf(line);
    const isCommand = this.#isCommand(line);
    if (query) this.#search.follow(query);
    else if (line.trim().length > 1 && !isCommand) this.#search.follow(line.trim());
    else this.#search.close();
    if (isCommand && !query) this.#timers.plan = setTimeout(() => this.#preview(line), PLAN_AFTER_MS);
    this.#draw();
  }

  #key(event) {
    if (event.isComposing) return;
    const open = this.#options().length > 0;
    if (event.key === "Enter") this.#enter();
    else if (event.key === "Tab" && this.#suggestions.length && !event.shiftKey)
      this.#take(this.#suggestions[this.#suggestionAt()]);
    else if (event.key === "ArrowDown") open && this.#at === this.#before.length ? this.#move(1) : this.#recall(1);
    else if (event.key === "ArrowUp") open && this.#active >= 0 ? this.#move(-1) : this.#recall(-1);
    else if (event.key === "?" && this.#input.value === "") this.help();
    else if (event.key === "/" && this.#input.value === "") this.begin("search ");
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // What the arrow keys go through: what was found on the board, then how the line could go on.
  #options() {
    return [
      ...this.#alone().map(({ line, prefill }) => (line ? { run: line } : { take: { text: prefill } })),
      ...this.#search.board.map(({ item }) => ({ open: item.code })),
      ...this.#suggestions.map((suggestion) => ({ take: suggestion })),
    ];
  }

  // What the letter alone stands for; before there is any, what is done most.
  #alone() {
    const line = this.#input.value;
    if (line === "") return this.#help ? [] : this.#does.usual();
    return line.length === 1 ? this.#does.key(line.toLowerCase(), this.#row) : [];
  }

  #suggestionAt() {
    const first = this.#options().length - this.#suggestions.length;
    return Math.max(0, this.#active - first);
  }

  #enter() {
    const line = this.#input.value.trim();
    const options = this.#options();
    const query = queryOf(line);
    const first =
      this.#active >= 0
        ? options[this.#active]
        : line && !this.#isCommand(line) && !query
          ? this.#alone().length
            ? options[0]
            : options.find((one) => !one.take)
          : null;
    if (first?.take) return this.#take(first.take);
    if (first?.open) {
      this.#remember(line);
      this.close();
      return this.#does.open(first.open);
    }
    const said = first?.run ?? line;
    if (!said) return;
    this.#remember(said);
    if (/^help$/i.test(said)) {
      this.#set("");
      return this.help();
    }
    if (query) {
      this.#input.value = ""; // the next line begins; what is found stays
      draft.set("");
      this.#forgetSuggestions();
      this.#search.entered(query);
      return this.#does.run(said);
    }
    this.close();
    this.#does.run(said);
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
    if (!line.trim() || this.#client.link.stage !== Stage.CONNECTED) return this.#forgetSuggestions();
    const ack = await this.#client.request("command:suggest", { text: line });
    if (asked !== this.#asked || this.#input.value !== line || !this.isOpen) return;
    this.#suggestions = ack.ok ? ack.data.suggestions.filter(({ text }) => text !== line) : [];
    this.#draw();
  }

  #forgetSuggestions() {
    this.#asked += 1;
    clearTimeout(this.#timers.suggest);
    this.#suggestions = [];
  }

  #move(step) {
    const { length } = this.#options();
    this.#active = Math.min(this.#active + step, length - 1);
    this.#chosen = true;
    this.#draw();
    this.#dialog.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }

  // Puts a suggestion into the line, and looks what could follow.
  #take({ text }) {
    this.#set(text);
    this.#typed();
  }

  // mousedown: a click would first take the focus away
  #pointed(event) {
    if (event.target === this.#dialog) return this.close();
    const chosen = event.target.closest("[role=option]");
    if (!chosen) return;
    event.preventDefault();
    this.#active = Number(chosen.id.replace("option-", ""));
    this.#enter();
  }

  async #preview(line) {
    const ack = await this.#lines.plan(line);
    if (this.#input.value !== line || (!ack.ok && !line.includes("|"))) return;
    this.#plan = { ack, line };
    this.#draw();
  }

  #draw() {
    const options = this.#options();
    render(h(Later, { part: "Found", palette: this.#state(), at: Date.now() }), this.#out);
    const set = (name, value) =>
      value === null ? this.#input.removeAttribute(name) : this.#input.setAttribute(name, value);
    this.#go.disabled = !this.#input.value.trim();
    set("aria-expanded", String(options.length > 0 && this.isOpen));
    set("aria-activedescendant", this.#active >= 0 ? `option-${this.#active}` : null);
  }

  #state() {
    const line = this.#input.value;
    return {
      line,
      alone: this.#alone(),
      search: this.#search,
      suggestions: this.#suggestions,
      plan: this.#plan,
      help: this.#help,
      active: this.#active,
      sections: this.#page.view.sections,
      view: this.#page.view,
      isCommand: this.#isCommand(line),
    };
  }
}
