// Carrying out lines: shown at once, confirmed or taken back by the server's word, and undone by their handle.

import { newOp } from "./client.js";
import { foretell } from "./optimistic.js";

// What is entered while the server is away waits for it, however long.
const PATIENCE = { withinMs: 60_000, patient: true };
const REMEMBERED = 500;

export class Lines {
  #client;
  #view;
  #frames;
  #answer;
  #onRefused;
  #own = new Set();
  #undos = []; // {handle, line}, the last one at the end

  // `onRefused(line)` hears of a line that was not carried out.
  constructor({ client, view, frames, answer, onRefused }) {
    this.#client = client;
    this.#view = view;
    this.#frames = frames;
    this.#answer = answer;
    this.#onRefused = onRefused;
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
    this.#settle(op, ack, effects, line);
    return ack;
  }

  // Takes back what a line changed; without its handle the last line that was not taken back.
  async undo(handle = this.#undos.at(-1)?.handle) {
    if (!handle)
      return this.#answer
        .begin("undo")
        .refuse("There is no line of this page to undo; type undo for an older one.");
    const op = this.#newOp();
    const said = this.#answer.begin("undo");
    const ack = await this.#client.change("command:undo", { of: handle }, { op, ...PATIENCE });
    said.end(ack, "undo");
    if (ack.ok || isFinal(ack.error)) this.#undos = this.#undos.filter((other) => other.handle !== handle);
    return ack;
  }

  // Ends the collection that runs.
  async cancel(run) {
    const line = "cancel the collection";
    const said = this.#answer.begin(line);
    said.end(await this.#client.change("collection:cancel", { run }), line);
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
    return this.#client.change(event, { ...payload, ...seen }, { op, ...PATIENCE, epoch });
  }

  #settle(op, ack, effects, line) {
    if (ack.ok) {
      this.#remember(ack.data, line);
      this.#redraw(this.#view.settle(op, ack.seq));
      return;
    }
    this.#onRefused(line);
    this.#redraw(this.#view.takeBack(op));
    for (const { section, id } of effects) this.#frames.flash(section, id, "not done");
  }

  // The line that a typed undo took back is no more to be undone; and one that did nothing else is not undone itself.
  #remember({ steps, undo }, line) {
    const taken = steps.filter(({ data }) => data?.line);
    for (const { data } of taken) {
      const at = this.#undos.findLastIndex((other) => other.line === data.line);
      if (at >= 0) this.#undos.splice(at, 1);
    }
    if (undo && taken.length < steps.length) this.#undos.push({ handle: undo, line });
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

// Whether asking the same again can only bring the same answer.
const isFinal = ({ code, retry }) => retry === "no" && code !== "unreachable";
