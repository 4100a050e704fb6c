// Changing a field where it stands: what is typed or chosen becomes the line that one could have typed, with the way back
// beside the field, or the reason beside what was typed.

import { fieldLine } from "./actions.js";
import { sentence } from "./refused.js";

export class Editing {
  #page;
  #view;
  #frames;
  #lines;
  #begin;

  // `begin(line)` opens the command line with what is to be completed, where an item is not to be seen.
  constructor({ page, view, frames, lines, begin }) {
    this.#page = page;
    this.#view = view;
    this.#frames = frames;
    this.#lines = lines;
    this.#begin = begin;
  }

  // Makes a field of what stands there: `word` is that of its command, "title" the text of the item.
  open(code, word = "title", panel = false) {
    const place = panel ? "#item" : `li[data-code="${code}"]`;
    if (!document.querySelector(`#page ${place}`)?.checkVisibility())
      return this.#begin(word === "title" ? `update ${code} ` : `${word} ${code} `);
    this.#page.ui.editing = { code, word, panel };
    this.#frames.now(); // what is typed next belongs into the field
  }

  get isOpen() {
    return this.#page.ui.editing !== null;
  }

  close() {
    this.#page.ui.editing = null;
    this.#frames.ask();
  }

  // Takes what was typed into a field; nothing is sent when it says what it said before.
  async save(field) {
    const { code, word } = field.dataset;
    const text = field.value.replace(/\s+/g, " ").trim();
    if (text === field.defaultValue.trim() || (word === "title" && text === "")) return this.close();
    await this.run(fieldLine(code, word, text), { code, word, text });
  }

  // Carries out the line of a choice or a field. What was refused stays open, with the reason.
  async run(line, { code, word, text = null }) {
    const before = this.#page.ui.editing;
    this.close();
    const named = this.#view.named(code);
    const ack = await this.#lines.run(line);
    if (ack.ok) this.note(ack, line, named);
    else if (text !== null && word !== "title" && before && this.#page.ui.editing === null && ack.error.code !== "unreachable") {
      this.#page.ui.editing = { ...before, fault: { text, message: sentence(ack.error) } };
      this.#frames.ask();
    }
    return ack;
  }

  // A line that changed one field of one item: the way back stands beside it for a moment.
  note(ack, line, named) {
    const [step, ...more] = ack.data?.steps ?? [];
    if (!named || more.length || !ack.data?.undo) return;
    const { sections } = this.#view;
    const word = line.trim().split(/\s/)[0].toLowerCase();
    const { fields = [], headline } = sections.get(named.section);
    const field = word === "update" ? headline : (fields.find((one) => one.word === word)?.field ?? null);
    if (field && step.status === "done") this.#page.changedNow(named.section, named.item.id, field, ack.data.undo);
  }
}
