// What became of a line, in words.

import { foreign, h, oneLine } from "./dom.js";
import { dayAndTime } from "./dates.js";

const SHOWN = 3;

export class Answer {
  #list;

  constructor(list) {
    this.#list = list;
  }

  // A line is on its way. `end(ack, line)` and `refuse(message)` say what became of it; `drop()` says nothing. While it
  // waits, one that has an `op` can be taken back.
  begin(line, op = null) {
    const entry = h("div", { class: "said" });
    this.#list.append(entry);
    const settle = (state, ...lines) => {
      entry.dataset.state = state;
      entry.replaceChildren(...lines);
      entry.scrollIntoView({ block: "nearest" });
    };
    const waits = step("waiting", line, "for the server");
    if (op) waits.append(" ", h("button", { type: "button", "data-act": "take-back", "data-op": op }, "Take back"));
    settle("waiting", waits);
    this.#makeRoom();
    return {
      end: (ack, typed) => settle(ack.ok ? "done" : "refused", ...answer(ack, typed)),
      refuse: (message) => settle("refused", step("refused", line, message)),
      drop: () => entry.remove(),
    };
  }

  // What still waits stays.
  clear() {
    for (const entry of this.#list.querySelectorAll(".said:not([data-state=waiting])")) entry.remove();
  }

  // The oldest that were done go; what waits or was refused stays until the person has seen to it.
  #makeRoom() {
    const done = [...this.#list.querySelectorAll(".said[data-state=done]")];
    const over = Math.max(0, this.#list.children.length - SHOWN);
    for (const entry of done.slice(0, over)) entry.remove();
  }

  // Whether there is nothing that `clear` would take away.
  get isEmpty() {
    return this.#list.querySelector(".said:not([data-state=waiting])") === null;
  }
}

// One element for each step, then what was wrong with a faulty one, and a button to take it back. `refused` is the
// word for a line that cannot be carried out as it is.
export function answer(ack, line, refused = "refused") {
  if (!ack.ok) return refusal(ack.error, line, refused);
  const { steps = [], undo } = ack.data ?? {};
  const lines = steps.length ? steps.flatMap((one) => ofStep(one)) : [step("done", line)];
  const button = h("button", { class: "undo", type: "button", "data-act": "undo", "data-handle": undo }, "Undo");
  if (undo) lines.at(-1)?.append(" ", button);
  return lines;
}

function ofStep({ command, status, data, error }) {
  const why = error ? sentence(error) : "";
  const lines = [step(status, command, why, ...named(data?.items), until(data?.until), asked(data), found(data))];
  if (data?.line) lines.push(remark("it was", data.line));
  if (data?.system) lines.push(remark(data.system.status, summary(data)));
  for (const { usage, help } of data?.commands ?? []) lines.push(step("", usage, help));
  return lines;
}

function step(status, command, ...more) {
  const parts = more
    .filter(Boolean)
    .map((part) => (part instanceof Node ? part : foreign("span", { class: "why" }, part)));
  const mark = status ? state(status) : null;
  return h(
    "p",
    { class: "step" },
    mark,
    " ",
    foreign("code", {}, oneLine(command)),
    ...parts.flatMap((part) => [" ", part]),
  );
}

// `done P7` need not be said to be done: a sign is enough.
function state(status) {
  const name = `state ${status.replace(" ", "-")}`;
  if (status === "done") return h("b", { class: name, role: "img", "aria-label": "done" }, "✓");
  return h("b", { class: name }, status);
}

const remark = (label, words) =>
  h("p", { class: "step" }, h("span", { class: "label" }, label), " ", foreign("span", {}, oneLine(words)));

function named(items) {
  return (items ?? []).map(({ code, title }) =>
    h(
      "span",
      { class: "named" },
      code ? h("span", { class: "code" }, code) : null,
      " ",
      foreign("span", {}, oneLine(title)),
    ),
  );
}

const asked = (data) => (data?.run && data.sources?.length ? `asked ${data.sources.join(", ")}` : null);

function found(data) {
  if (!data?.hits) return null;
  const { total = data.hits.length, at_least: more } = data;
  return total ? `${more ? "at least " : ""}${total} in the records` : "nothing in the records";
}

const until = (wire) => (wire ? h("span", {}, `until ${dayAndTime(wire, Date.now())}`) : null);

function summary({ system, counts }) {
  const known = Object.entries(counts ?? {}).map(([name, number]) => `${name} ${number}`);
  return [system.message, ...known].filter(Boolean).join(", ");
}

function refusal(error, line, refused) {
  const steps = error.details?.steps ?? [];
  const lines = steps.length ? steps.flatMap((one) => ofStep(one)) : [step(refused, line, sentence(error))];
  return [...lines, ...place(error.details, line), ...stale(error.details)];
}

// The message, and for a payload at fault what is wrong in it.
export function sentence({ message, details }) {
  const faults = Array.isArray(details) ? details.map((fault) => fault.message).filter(Boolean) : [];
  const said = faults.slice(0, 3).join("; ");
  return !said || message.includes(said) ? message : `${message}: ${said}`;
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
    ["you saw", details.then],
    ["it is now", details.now],
  ].map(([label, what]) => remark(label, textOf(what)));
}

function textOf(what) {
  if (what === null || what === undefined) return "nothing";
  return String(what.title ?? what.description ?? what.code ?? JSON.stringify(what));
}
