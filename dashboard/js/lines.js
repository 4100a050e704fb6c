// Carrying out lines: shown at once, confirmed or taken back by the server's word, and undone by their handle.

import { newOp } from "./client.js";
import { foretell } from "./foretell.js";

const PATIENCE_MS = 60_000; // a restart of the server takes less
const REMEMBERED = 500;

export class Lines {
  #client;
  #view;
  #frames;
  #answer;
  #own = new Set();
  #undos = [];

  constructor({ client, view, frames, answer }) {
    this.#client = client;
    this.#view = view;
    this.#frames = frames;
    this.#answer = answer;
    client.addEventListener("patch", () => this.#redraw(view.caughtUp()));
    client.addEventListener("sync", () => this.#redraw(view.caughtUp()));
  }

  // Whether a commit is one's own.
  isOwn({ op }) {
    return this.#own.has(op);
  }

  // Carries out a line. Resolves with the ack.
  async run(line) {
    const op = this.#newOp();
    const effects = foretell(line, this.#view);
    this.#view.foretell(op, effects);
    this.#redraw(effects);
    const said = this.#answer.begin(line);
    const ack = await this.#ask("command:run", { text: line }, op);
    said.end(ack, line);
    this.#settle(op, ack, effects);
    return ack;
  }

  // Takes back what a line changed; without its handle the last line that was not taken back.
  async undo(handle = this.#undos.at(-1)) {
    if (!handle)
      return this.#answer
        .begin("undo")
        .refuse("There is no line of this page to undo; type undo for an older one.");
    const op = this.#newOp();
    const said = this.#answer.begin("undo");
    const ack = await this.#client.change("command:undo", { of: handle }, { op, withinMs: PATIENCE_MS });
    said.end(ack, "undo");
    if (ack.ok) this.#undos = this.#undos.filter((other) => other !== handle);
    return ack;
  }

  // What a line would do, without doing it.
  plan(line) {
    const { epoch, seq } = this.#frames.seen;
    const seen = epoch === null ? {} : { seen: seq };
    return this.#client.request("command:run", { text: line, dry: true, ...seen }, { withinMs: 3_000, epoch });
  }

  #ask(event, payload, op) {
    const { epoch, seq } = this.#frames.seen;
    const seen = epoch === null ? {} : { seen: seq };
    return this.#client.change(event, { ...payload, ...seen }, { op, withinMs: PATIENCE_MS, epoch });
  }

  #settle(op, ack, effects) {
    if (ack.ok) {
      if (ack.data.undo) this.#undos.push(ack.data.undo);
      this.#redraw(this.#view.settle(op, ack.seq));
      return;
    }
    this.#redraw(this.#view.takeBack(op));
    for (const { section, id } of effects) this.#frames.flash(section, id, "not done");
  }

  #redraw(effects) {
    if (effects.length) this.#frames.ask("item", ...new Set(effects.map(({ section }) => section)));
  }

  #newOp() {
    const op = newOp();
    this.#own.add(op);
    if (this.#own.size > REMEMBERED) this.#own.delete(this.#own.values().next().value);
    return op;
  }
}
