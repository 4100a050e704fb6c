// An item's history as sentences: who did what, when, and the way back from each step.

import { quoted } from "../actions.js";
import { age, clock, dayAndTime, dayOf, isDate, ms } from "../dates.js";
import { nameOf } from "../model/now.js";
import { say } from "../words.js";
import { button, foreign, h, oneLine } from "../ui.js";
import { told, words } from "./value.js";

const UNTOLD = ["rev", "due_before", "held", "source_values", "moved_from", "person", "important_by_rule", "important", "all_day"];

export const History = ({ page, item, at, section }) => [
  h("h3", {}, say.history),
  page.history.said && h("p", { class: "none" }, page.history.said),
  h(
    "ol",
    { class: "hist past" },
    page.history.entries.map((entry, number) =>
      h(Happening, { key: `${entry.at} ${entry.change.rev}`, entry, page, item, at, section, isLast: number === 0 }),
    ),
  ),
];

function Happening({ entry, page, item, at, section }) {
  const { at: when, cause } = entry;
  const who = page.isMine(cause) ? say.you : foreign("b", {}, oneLine(cause.name ?? nameOf(cause.actor)));
  const back = item ? wayBack(entry, item, page.view.sections.get(section)) : null;
  return h(
    "li",
    {},
    h("span", { class: "what" }, sentences(entry, who, at, section)),
    back && button("undo", "line", { "data-line": back, title: back }, say.undo),
    h(
      "small",
      {},
      h("time", { datetime: when, title: dayAndTime(when, at) }, age(when, at)),
      isTyped(cause.command) && [", ", foreign("code", {}, oneLine(cause.command))],
    ),
  );
}

// A program's request is named by its event, which says nothing to people.
const isTyped = (command) => command && !/^[a-z]+:[a-z]+$/.test(command);

// What an entry says: [children]. Several fields are several sentences, but the first alone names who it was.
function sentences({ cause, change, before }, who, at, section) {
  const { put, set, gone } = change;
  const { hist } = say;
  if (gone) return hist.removed(who);
  if (put) {
    if (before && Object.keys(before).length) return hist.again(who);
    return put.evidence?.file && cause.actor === put.source ? hist.foundIn(who, foreign("b", {}, put.evidence.file)) : hist.added(who);
  }
  const changed = Object.entries(set).filter(([name, value]) => !UNTOLD.includes(name) && value !== before?.[name]);
  const moved = changed.some(([name]) => name === "start");
  const told = changed.filter(([name]) => !(moved && name === "end") && !(name === "snoozed_until" && set.status));
  if (told.length === 0) return hist.kept(who);
  return told.flatMap(([name, value], number) => [
    number ? ". " : "",
    ...sentence({ name, value, old: before?.[name] ?? null, set, who, at, section }),
  ]);
}

function sentence({ name, value, old, set, who, at, section }) {
  const { hist } = say;
  const strong = (said) => foreign("b", {}, oneLine(said));
  const struck = (said) => h("s", {}, foreign("span", {}, oneLine(said)));
  if (name === "status") {
    if (value === "done" || value === "cancelled") return value === "done" ? hist.done(who) : hist.cancelled(who);
    if (value === "snoozed") return hist.snoozed(who, set.snoozed_until && strong(dayAndTime(set.snoozed_until, at)));
    if (value === "open" || value === "pending") return hist.reopened(who);
  }
  if (name === "start" && old) return hist.moved(who, struck(near(old, value, at)), strong(near(value, old, at)));
  if (name === "due_date" && value === null) return hist.dueNone(who, struck(dayAndTime(old, at)));
  if (name === "due_date") return hist.due(who, old && struck(dayAndTime(old, at)), strong(dayAndTime(value, at)));
  if (name === "assignee" && value) return hist.gave(who, strong(value));
  if (name === "note") return value ? hist.note(who) : hist.noteNone(who);
  if (name === "rank") return hist.ranked(who);
  if (name === "title" || (section === "commitments" && name === "description"))
    return hist.renamed(who, struck(old ?? ""), strong(value));
  const label = say.fields[name] ?? words(name);
  if (value === null || value === undefined) return hist.emptied(who, label, struck(told(name, old, at)));
  if (old === null) return hist.setFirst(who, label, strong(told(name, value, at)));
  return hist.set(who, label, struck(told(name, old, at)), strong(told(name, value, at)));
}

// The hour alone, where the other time is on the same day.
function near(wire, other, at) {
  const same = dayOf(ms(wire)) === dayOf(ms(other)) && !isDate(wire);
  return same ? clock(ms(wire)) : dayAndTime(wire, at);
}

// The line that sets back what a step changed, while it is still as that step left it; null where there is none.
function wayBack({ change: { set }, before }, item, { fields = [], headline }) {
  if (!set || !before) return null;
  const lines = [];
  for (const [name, value] of Object.entries(set)) {
    if (UNTOLD.includes(name) || name === "snoozed_until" || name === "rank") continue;
    if (JSON.stringify(item[name]) !== JSON.stringify(value)) return null;
    const line = lineFor(name, before[name] ?? null, item, fields, headline);
    if (!line) return null;
    lines.push(line);
  }
  return lines.length ? lines.join(" | ") : null;
}

function lineFor(name, old, { code }, fields, headline) {
  if (name === "status") return { done: `done ${code}`, open: `reopen ${code}`, pending: `reopen ${code}` }[old] ?? null;
  if (name === headline) return `update ${code} ${quoted(String(old), true)}`;
  const word = fields.find(({ field }) => field === name)?.word;
  if (!word) return null;
  if (old === null) return `${word} ${code} none`;
  if (word === "takes") return `takes ${code} ${old} min`;
  if (word === "note") return `note ${code} ${quoted(old, true)}`;
  return `${word} ${code} ${old}`;
}
