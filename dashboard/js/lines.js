// Carrying out lines: kept by the browser until they are answered, sent one after the other, shown at once, confirmed or
// taken back by the server's word, and undone by their handle.

import { newOp } from "./client.js";
import { foretell } from "./optimistic.js";
import { say } from "./words.js";

// What is entered while the server is away waits for it, however long.
const PATIENCE = { withinMs: 60_000, patient: true };
export const REDO = "redo"; // the line of one that brings again what was taken back
const REMEMBERED = 500; // own ops and positions, by which own changes are told from those of others

export class Lines {
  #client;
  #view;
  #frames;
  #answer;
  #outbox;
  #person;
  #onRefused;
  #own = new Set(); // ops
  #ownSeqs = new Set(); // the positions of one's own lines
  #undos = []; // {handle, line, taken}, the last one at the end
  #redos = new Set(); // all such handles
  #waiting = new Map(); // op -> {entry, effects, said}
  #turn = Promise.resolve();
  #undoing = Promise.resolve(); // until the undo that was asked for last has begun

  // `person()` names who looks at the page; `onRefused(line)` hears of a line that was not carried out.
  constructor({ client, view, frames, answer, outbox, person, onRefused }) {
    this.#client = client;
    this.#view = view;
    this.#frames = frames;
    this.#answer = answer;
    this.#outbox = outbox;
    this.#person = person;
    this.#onRefused = onRefused;
    client.addEventListener("patch", () => this.#redraw(view.caughtUp()));
    client.addEventListener("sync", () => this.#redraw(view.caughtUp()));
  }

  // Whether a commit is one's own.
  isOwn({ op }) {
    return this.#own.has(op);
  }

  isOwnSeq(seq) {
    return this.#ownSeqs.has(seq);
  }

  // Carries out a line. Resolves with the ack.
  run(line) {
    const { epoch, seq } = this.#frames.seen;
    const seen = epoch === null ? {} : { seen: seq };
    return this.#begin({ event: "command:run", payload: { text: line, ...seen }, epoch, line });
  }

  // Takes back what a line changed; without its handle the last line that was not taken back. What was given just now is the
  // last line as soon as it is answered, and each is taken back once, however fast the key is pressed.
  async undo(handle) {
    this.#undoing = this.#beginUndo(handle);
    const { one, answered } = await this.#undoing;
    const ack = await answered;
    if (!one) return;
    if (ack.ok || isFinal(ack.error)) this.#undos = this.#undos.filter((other) => other !== one);
    else one.taken = false;
    return ack;
  }

  // {one: the line that is taken back, answered: the ack to come}
  async #beginUndo(handle) {
    const waits = this.#waiting.size > 0;
    const last = handle ? null : await this.#turn;
    if (waits && last?.ok === false) return {}; // the refusal is before them: not another line is meant
    const one = this.#undos.findLast((other) => (handle ? other.handle === handle : !other.taken)) ?? { handle };
    if (!one.handle) {
      this.#answer.begin("undo").refuse(say.noUndo);
      return {};
    }
    one.taken = true;
    const { epoch } = this.#frames.seen;
    const line = this.#redos.has(one.handle) ? REDO : "undo";
    return { one, answered: this.#begin({ event: "command:undo", payload: { of: one.handle }, epoch, line }) };
  }

  // Brings again what was taken back last, also while the server has not answered that yet.
  async redo() {
    await this.#undoing;
    return this.run(REDO);
  }

  // What has not been answered for so long: [{op, line}].
  waiting(sinceMs) {
    const old = [...this.#waiting.values()].filter(({ since }) => performance.now() - since >= sinceMs);
    return old.map(({ entry }) => ({ op: entry.op, line: entry.line }));
  }

  // Goes on with lines that the browser kept, each as it was typed then.
  resume(entries) {
    for (const entry of entries) this.#carryOut(entry);
  }

  // A line that waits is not to be sent after all.
  takeBack(op) {
    const line = this.#waiting.get(op)?.entry.line;
    if (line === undefined) return;
    this.#outbox.forget(op);
    this.#letGo(op);
    this.#onRefused(line);
  }

  // Another person looks: what the one before typed stays unsent until they are back.
  leaveToTheirPerson() {
    for (const [op, { entry }] of this.#waiting) {
      if (entry.person === this.#person()) continue;
      this.#outbox.leave(op);
      this.#letGo(op);
    }
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
    return this.#client.request("command:run", { text: line, dry: true, ...seen }, { epoch });
  }

  #begin(request) {
    const entry = { op: newOp(), ...request, person: this.#person() };
    return this.#carryOut(entry, this.#outbox.keep(entry));
  }

  async #carryOut(entry, kept) {
    const { op, event, line } = entry;
    this.#remember(op);
    const effects = event === "command:run" ? foretell(line, this.#view) : [];
    this.#view.foretell(op, effects);
    this.#redraw(effects);
    const said = this.#answer.begin(line, op);
    this.#waiting.set(op, { entry, effects, said, since: performance.now() });
    this.#frames.ask("system");
    setTimeout(() => this.#waiting.has(op) && this.#frames.ask("system"), 2_000);
    const answered = this.#send(entry, Promise.all([this.#turn, kept]));
    this.#turn = answered;
    const ack = await answered;
    if (this.#waiting.has(op)) this.#end(entry, ack);
    return ack;
  }

  // In its turn, when the one before it is answered and this one is kept.
  async #send({ op, event, payload, epoch, person }, turn) {
    await turn;
    const may = () => this.#waiting.has(op) && this.#outbox.isOurs(op, person);
    return this.#client.change(event, payload, { op, ...PATIENCE, epoch, may });
  }

  #end({ op, event, line }, ack) {
    if (ack.error?.code === "withdrawn") return this.#letGo(op); // another page has taken it over
    const { said } = this.#waiting.get(op);
    this.#waiting.delete(op);
    this.#outbox.forget(op);
    this.#frames.ask("system");
    said.end(ack, line);
    if (!ack.ok) {
      this.#onRefused(line);
      this.#redraw(this.#view.takeBack(op));
      return;
    }
    this.#ownSeqs.add(ack.seq);
    if (this.#ownSeqs.size > REMEMBERED) this.#ownSeqs.delete(this.#ownSeqs.values().next().value);
    this.#noteUndo(ack.data, line, event);
    this.#redraw(this.#view.settle(op, ack.seq));
  }

  // Nothing of it is shown any more.
  #letGo(op) {
    const { said } = this.#waiting.get(op);
    this.#waiting.delete(op);
    this.#frames.ask("system");
    said.drop();
    this.#redraw(this.#view.takeBack(op));
  }

  // The line that a typed undo took back is no more to be undone; and one that did nothing else is not undone itself, but
  // brought again.
  #noteUndo({ steps, undo }, line, event) {
    const typed = event === "command:run" && line !== REDO;
    for (const { data } of typed ? steps : []) {
      const at = data?.line ? this.#undos.findLastIndex((other) => other.line === data.line) : -1;
      if (at >= 0) this.#undos.splice(at, 1);
    }
    const isUndo = onlyTakesBack(steps, line);
    if (isUndo) this.#redos.add(undo);
    else if (undo) this.#undos.push({ handle: undo, line: line === REDO ? steps[0].data.line : line });
  }

  #redraw(effects) {
    if (effects.length) this.#frames.ask(...new Set(effects.map(({ section }) => section)));
  }

  #remember(op) {
    this.#own.add(op);
    if (this.#own.size > REMEMBERED) this.#own.delete(this.#own.values().next().value);
  }
}

// Whether a line did nothing but take back another one. What brings that again is for the server the undo of an undo.
export const onlyTakesBack = (steps, line) => line !== REDO && steps.length > 0 && steps.every(({ data }) => data?.line);

// Whether asking the same again can only bring the same answer.
const isFinal = ({ code, retry }) => retry === "no" && code !== "unreachable" && code !== "withdrawn";
