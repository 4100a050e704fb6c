// What became of a line, in words.

import { foreign, h, oneLine } from "./dom.js";
import { dayAndTime } from "./moments.js";

const SHOWN = 3;

export class Answer {
  #list;

  constructor(list) {
    this.#list = list;
  }

  // A line is on its way. `end(ack, line)` and `refuse(message)` say what became of it.
  begin(line) {
    const entry = h("div", { class: "said" }, step("waiting", line, "for the server"));
    this.#list.append(entry);
    while (this.#list.children.length > SHOWN) this.#list.firstElementChild.remove();
    return {
      end: (ack, typed) => entry.replaceChildren(...answer(ack, typed)),
      refuse: (message) => entry.replaceChildren(step("refused", line, message)),
    };
  }

  clear() {
    this.#list.replaceChildren();
  }

  get isEmpty() {
    return this.#list.children.length === 0;
  }
}

// One element for each step, then what was wrong with a faulty one, and a button to take it back. `refused` is the
// word for a line that cannot be carried out as it is.
export function answer(ack, line, refused = "refused") {
  if (!ack.ok) return refusal(ack.error, line, refused);
  const { steps = [], undo } = ack.data;
  const lines = steps.flatMap((one) => ofStep(one));
  const button = h("button", { class: "undo", type: "button", "data-act": "undo", "data-handle": undo }, "Undo");
  if (undo) lines.at(-1)?.append(" ", button);
  return lines;
}

function ofStep({ command, status, data, error }) {
  const why = error ? sentence(error) : "";
  const lines = [step(status, command, why, ...named(data?.items), until(data?.until))];
  if (data?.line) lines.push(step("", "it was", data.line));
  if (data?.system) lines.push(step("", data.system.status, summary(data)));
  for (const { usage, help } of data?.commands ?? []) lines.push(step("", usage, help));
  return lines;
}

function step(status, command, ...more) {
  const parts = more
    .filter(Boolean)
    .map((part) => (part instanceof Node ? part : foreign("span", { class: "why" }, part)));
  const mark = status ? h("b", { class: `state ${status.replace(" ", "-")}` }, status) : null;
  return h(
    "p",
    { class: "step" },
    mark,
    " ",
    foreign("code", {}, oneLine(command)),
    ...parts.flatMap((part) => [" ", part]),
  );
}

function named(items = []) {
  return items.map(({ code, title }) =>
    h(
      "span",
      { class: "named" },
      code ? h("span", { class: "code" }, code) : null,
      " ",
      foreign("span", {}, oneLine(title)),
    ),
  );
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
  ].map(([label, what]) => step("", label, textOf(what)));
}

function textOf(what) {
  if (what === null || what === undefined) return "nothing";
  return String(what.title ?? what.description ?? what.code ?? JSON.stringify(what));
}
