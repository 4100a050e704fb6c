// Opens records, which are in no snapshot: each is asked for when somebody wants to read it.

import { sentence } from "./refused.js";

const WITHIN_MS = 10_000; // as long as other questions to the records
const QUOTE_MAX = 15_000; // characters that the server looks for

export class Records {
  #client;
  #page;
  #show;
  #redraw;

  // `show(panel, byKey)` puts a panel beside the list; `redraw()` draws it anew.
  constructor({ client, page, show, redraw }) {
    this.#client = client;
    this.#page = page;
    this.#show = show;
    this.#redraw = redraw;
  }

  // Opens the record `id`, one of `refs`, where the words of `quote` stand. Closing leads back to what was open.
  async open({ id, refs, quote }, byKey) {
    const before = this.#page.ui.panel;
    const back = before?.kind === "record" ? before.back : before;
    const panel = { kind: "record", id, refs, quote, back, found: null, trouble: "" };
    this.#show(panel, byKey);
    await this.#ask(panel, quote ? { around: quote.slice(0, QUOTE_MAX) } : {});
  }

  // Shows a record that a line brought.
  take(found) {
    this.#show({ kind: "record", id: found.id, refs: [found.id], quote: "", back: null, found, trouble: "" }, true);
  }

  // The next part of a long text.
  readOn() {
    const { panel } = this.#page.ui;
    return this.#ask(panel, { start: panel.found.start + [...panel.found.text].length });
  }

  async #ask(panel, how) {
    const ack = await this.#client.request("records:get", { id: panel.id, ...how }, { withinMs: WITHIN_MS });
    if (ack.ok && how.start !== undefined) panel.found = { ...panel.found, text: panel.found.text + ack.data.text };
    else if (ack.ok) panel.found = ack.data;
    else panel.trouble = sentence(ack.error);
    if (this.#page.ui.panel === panel) this.#redraw();
  }
}

// What evidence names: the ids of its records.
export const recordsIn = (refs) =>
  refs.filter((ref) => ref.startsWith("records/")).map((ref) => ref.slice("records/".length));
