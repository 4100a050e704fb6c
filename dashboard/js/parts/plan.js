// What a line would do, before it is sent: a row for each item, the old beside the new.

import { dayAndTime, isDate } from "../dates.js";
import { inWords } from "../model/proposed.js";
import { say } from "../words.js";
import { foreign, h, icon, oneLine, spoken } from "../ui.js";
import { sentence } from "../refused.js";
import { answer } from "./answers.js";
import { told } from "./value.js";

const SIGNS = { done: "check", complete: "check", approve: "check", reopen: "refresh", snooze: "moon", drop: "x", add: "plus", brief: "file", search: "search", note: "note", due: "calendar" };

export function Plan({ plan: { ack, line }, view, at }) {
  const steps = ack.ok ? (ack.data?.steps ?? []) : [];
  return h(
    "div",
    { id: "plan", class: "plan", role: "status" },
    h(
      "h3",
      {},
      ack.ok ? say.willDo : say.notYet,
      ack.ok && steps.length > 0 && h("span", { class: "n end" }, say.stepsOneUndo(steps.length)),
    ),
    ack.ok ? steps.map((step, number) => h(Step, { key: number, step, view, at })) : answer(ack, line, "not yet"),
  );
}

function Step({ step, view, at }) {
  const { command, status, data, error } = step;
  const verb = command.trim().split(/\s/)[0].toLowerCase();
  const items = data?.items ?? [];
  if (status !== "planned" || items.length === 0)
    return h(
      "p",
      { class: "step plan-row", title: command },
      icon(status === "planned" ? (SIGNS[verb] ?? "terminal") : "alert"),
      h("span", { class: "code" }),
      foreign("span", { class: "title" }, oneLine(command)),
      status !== "planned" && h("span", { class: "t late" }, error ? spoken(sentence(error)) : (say.stepStates[status] ?? status)),
    );
  const promise = promised(command, at); // with its date
  return items.map((item) =>
    h(
      "p",
      { key: item.code ?? item.title, class: "step plan-row", title: command },
      icon(SIGNS[verb] ?? "pencil"),
      h("span", { class: "code" }, item.code ?? say.newOne),
      foreign("span", { class: "title" }, oneLine(promise ?? item.title ?? command)),
      h("span", { class: "t" }, !promise && change(verb, item, data, view, at)),
      h("span", { class: "vh" }, ` ${say.stepStates.planned} ${oneLine(command)}`),
    ),
  );
}

// A new promise says whose it is.
const promised = (command, at) => (/^add\s+owed?\s/i.test(command) ? inWords(command, "", at) : null);

// [old, " → ", new], as far as the plan says it.
function change(verb, { code }, { set, until }, view, at) {
  const named = code ? view.named(code) : null;
  const arrow = (old, now) => [old && old !== now ? `${old} → ` : "", h("b", {}, now)];
  if (until) {
    const due = named?.item.due_date;
    const day = (wire) => dayAndTime(wire, at);
    return arrow(due && !isDate(until) ? day(due) : "", day(until));
  }
  const fields = Object.keys(set ?? {}).filter((name) => name !== "rank");
  const [field] = fields;
  if (field && !named) return h("b", {}, fields.map((name) => told(name, set[name], at)).join(", "));
  if (field) return arrow(told(field, named.item[field] ?? null, at), told(field, set[field], at));
  if (/^(?:done|complete|approve)$/.test(verb)) return arrow("", named?.section === "proposals" ? say.approve : say.statuses.done);
  if (verb === "drop") return h("b", {}, say.whats.removed);
  return null;
}
