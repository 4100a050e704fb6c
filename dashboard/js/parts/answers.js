// What became of lines, in words: what was done, with the way back; what was refused, with the reason and the place.

import { dayAndTime } from "../dates.js";
import { onlyTakesBack, REDO } from "../lines.js";
import { sentence } from "../refused.js";
import { say } from "../words.js";
import { button, CTRL, foreign, h, icon, oneLine, render, spoken } from "../ui.js";
import { told } from "./value.js";

const NAMED = 8; // items of a step: a rank is given to all that stands before it
const SHOWN = 3; // of what was refused; of what was done only the last
const DONE_MS = 12_000; // time to read it and press Undo

// Drawn at once, whenever something is to be said: an answer waits for nothing else.
export class Answers {
  #place;
  #entries = []; // {key, line, state, content}
  #made = 0;

  constructor(place) {
    this.#place = place;
  }

  // A line is on its way. `end(ack, line)` and `refuse(message)` say what became of it; `drop()` says nothing.
  begin(line) {
    const key = ++this.#made;
    const settle = (state, content) => {
      this.#entries = [...this.#entries.filter((other) => other.key !== key), { key, line, state, content }];
      this.#makeRoom();
      this.#draw();
      if (state === "done") setTimeout(() => this.#drop(key), DONE_MS);
    };
    return {
      end: (ack, typed) => settle(ack.ok ? "done" : "refused", answer(ack, typed)),
      refuse: (message) => settle("refused", [step("refused", line, message)]),
      drop: () => {},
    };
  }

  clear() {
    this.#entries = [];
    this.#draw();
  }

  // Takes one away.
  close(key) {
    this.#drop(Number(key));
  }

  get isEmpty() {
    return this.#entries.length === 0;
  }

  #drop(key) {
    this.#entries = this.#entries.filter((other) => other.key !== key);
    this.#draw();
  }

  // Each line that is done takes the place of the one before; what was refused stays until the person has seen to it.
  #makeRoom() {
    const done = this.#entries.filter(({ state }) => state === "done");
    const refused = this.#entries.filter(({ state }) => state !== "done");
    const gone = new Set([...done.slice(0, -1), ...refused.slice(0, -SHOWN)]);
    this.#entries = this.#entries.filter((entry) => !gone.has(entry));
  }

  #draw() {
    render(
      this.#entries.map(({ key, line, state, content }) =>
        h(
          "div",
          { key, class: "said toast", "data-state": state },
          icon(state === "done" ? "check" : "alert"),
          h("div", { class: "steps" }, content),
          state === "refused" && button("btn edit", "edit-line", { "data-line": line }, say.edit),
          button("btn ico close", "close-answer", { "data-key": String(key), "aria-label": say.close }, icon("x")),
        ),
      ),
      this.#place,
    );
  }
}

// One element for each step, then what was wrong with a faulty one, and a button to take it back. `refused` is the
// word for a line that cannot be carried out as it is.
export function answer(ack, line, refused = "refused") {
  if (!ack.ok) return refusal(ack.error, line, refused);
  const { steps = [], undo } = ack.data ?? {};
  const told = line === REDO ? steps.map((one) => ({ ...one, command: REDO })) : steps;
  const parts = told.length ? told.flatMap(ofStep) : [step("done", line)];
  const [said, keys] = onlyTakesBack(steps, line) ? [say.redo, `${CTRL} Shift Z`] : [say.undo, `${CTRL} Z`];
  const back = undo && button("btn undo", "undo", { "data-handle": undo }, said, " ", h("kbd", {}, keys));
  return [...parts, back];
}

function ofStep({ command, status, data, error }) {
  const why = error ? sentence(error) : "";
  const parts = [step(status, command, why, named(data?.items), read(data?.set), until(data?.until), asked(data), found(data))];
  if (data?.line) parts.push(remark(say.itWas, data.line));
  const text = findings(command, data ?? {});
  if (text) parts.push(foreign("p", { class: "step text" }, spoken(say.server(text))));
  if (data?.system) parts.push(remark(data.system.status, summary(data)));
  for (const { usage, help } of data?.commands ?? []) parts.push(step("", usage, say.server(help)));
  return parts;
}

// What a question found, in lines; a brief has a place of its own.
function findings(command, { text, changes, left_out: others }) {
  if (!changes) return /^brief\b(?!\s+at\b)/i.test(command) ? "" : text;
  const told = changes.map((change) => change.text);
  if (others) told.push(say.more(others));
  return told.join("\n") || `${say.sinceYouLooked}: ${say.nothingThere}`;
}

function step(status, command, ...more) {
  const parts = more
    .flat()
    .filter(Boolean)
    .flatMap((part) => [" ", typeof part === "string" ? foreign("span", { class: "why" }, spoken(part)) : part]);
  return h("p", { class: "step" }, status && state(status), " ", foreign("code", {}, oneLine(command)), parts);
}

// `done P7` need not be said to be done: a sign is enough.
function state(status) {
  const name = `state ${status.replace(" ", "-")}`;
  if (status === "done") return h("b", { class: name, role: "img", "aria-label": say.stepStates.done }, "✓");
  return h("b", { class: name }, say.stepStates[status] ?? status);
}

const remark = (label, words) =>
  h("p", { class: "step" }, h("span", { class: "label" }, label), " ", foreign("span", {}, oneLine(words)));

function named(items) {
  const told = items ?? [];
  const named = told.slice(0, NAMED).map(({ code, title }) =>
    h(
      "span",
      { class: "named" },
      code && h("span", { class: "code" }, code),
      " ",
      foreign("span", {}, oneLine(title)),
    ),
  );
  const more = told.length - NAMED;
  return more > 0 ? [...named, h("span", { class: "named" }, say.more(more))] : named;
}

// What was understood of the words: the day, the person, the urgency.
function read(set) {
  const fields = Object.keys(set ?? {}).filter((name) => name !== "rank" && name !== "note");
  if (fields.length === 0) return null;
  return h("span", { class: "read", dir: "auto" }, oneLine(fields.map((name) => told(name, set[name], Date.now())).join(", ")));
}

const asked = (data) => (data?.run && data.sources?.length ? say.askedSources(data.sources.join(", ")) : null);

function found(data) {
  if (!data?.hits) return null;
  const { total = data.hits.length, at_least: more } = data;
  return total ? say.hitsFound(total, more) : say.nothingInRecords;
}

const until = (wire) => (wire ? h("span", {}, say.until(dayAndTime(wire, Date.now()))) : null);

function summary({ system, counts }) {
  const known = Object.entries(counts ?? {}).map(([name, number]) => `${name} ${number}`);
  return [system.message, ...known].filter(Boolean).join(", ");
}

function refusal(error, line, refused) {
  const steps = error.details?.steps ?? [];
  const parts = steps.length ? steps.flatMap(ofStep) : [step(refused, line, sentence(error))];
  return [...parts, ...place(error.details, line), ...stale(error.details)];
}

// The line as it was typed, with the place that is at fault marked; offsets count code points.
function place(details, line) {
  const places = Array.isArray(details) ? details : [details];
  const { start, end } = places.find((one) => typeof one?.start === "number") ?? {};
  if (start === undefined) return [];
  const points = [...line];
  const part = (from, to) => points.slice(from, to).join("");
  const fault = h("mark", {}, part(start, Math.max(end, start + 1)) || " ");
  return [h("p", { class: "step typed" }, h("code", {}, part(0, start), fault, part(Math.max(end, start + 1))))];
}

// Both texts of a code that does not stand for what the person saw.
function stale(details) {
  if (!details || !("then" in details || "now" in details)) return [];
  return [
    [say.youSaw, details.then],
    [say.itIsNow, details.now],
  ].map(([label, what]) => remark(label, textOf(what)));
}

function textOf(what) {
  if (what === null || what === undefined) return say.nothingThere;
  return String(what.title ?? what.description ?? what.code ?? JSON.stringify(what));
}
