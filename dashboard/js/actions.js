// What can be done with an item. Each action is a line that could be typed: it is shown, kept in the history and
// undone like any other.

import { say } from "./words.js";

// [{name, keys?, line} or {name, keys?, field} or {name, keys?, prefill}]; `field` is asked for where the item stands,
// `prefill` begins a line for the person to complete.
export function actionsOf(sections, name, item) {
  const line = checkLine(sections, name, item);
  const isDone = sections.isDone(name, item);
  const word = name === "proposals" ? say.approve : isDone ? say.reopen : say.done;
  const check = line ? [{ name: word, keys: "Ctrl+Enter", line }] : [];
  const own = OWN[name]?.(item, check) ?? check;
  return [...own, ...fieldsOf(sections, name, item), ...always(name, item)];
}

// What a row does when it is drawn to a side: {right, left}, each {name, line} or null.
export function sidesOf(sections, name, item) {
  const actions = actionsOf(sections, name, item);
  const later = actions.find(({ isTomorrow }) => isTomorrow);
  const check = actions.find(({ keys, line }) => line && keys === "Ctrl+Enter");
  return { right: check ?? null, left: later ? { name: say.tomorrow9, line: later.line } : null };
}

// The line that the check mark stands for; null where an item is never done.
export function checkLine(sections, name, item) {
  if (name === "proposals") return `approve ${item.code}`;
  const isDone = sections.isDone(name, item);
  return isDone === undefined ? null : `${isDone ? "reopen" : "done"} ${item.code}`;
}

const ANSWERS = ["accept", "decline", "tentative"]; // each command is what the answer that it gives begins with

// What only the items of one section can do.
const OWN = {
  calendar: ({ code, answer, status }) => [
    { name: say.briefMe, line: `brief ${code}` },
    ...(!answer || status === "cancelled" ? [] : ANSWERS)
      .filter((word) => !answer.startsWith(word))
      .map((word) => ({ name: say.answering[word], line: `${word} ${code}` })),
  ],
  priorities: ({ code, status }, check) => {
    if (status === "snoozed") return [{ name: say.reopen, keys: "Ctrl+Enter", line: `reopen ${code}` }];
    if (status === "done") return check;
    return [
      ...check,
      { name: say.snoozeHours, line: `snooze ${code} 2h`, snooze: true },
      { name: say.snoozeTomorrow, line: `snooze ${code} tomorrow 9am`, snooze: true, isTomorrow: true },
      { name: say.snoozeMonday, line: `snooze ${code} mon 9am`, snooze: true },
      { name: say.snoozeUntil, keys: "S", field: "snooze", snooze: true },
      { name: say.moveUp, keys: "Alt+↑", line: `rank ${code} up` },
      { name: say.moveDown, keys: "Alt+↓", line: `rank ${code} down` },
    ];
  },
};

const DOTS = { due: "dueDots", urgency: "urgencyDots", assign: "personDots", takes: "takesDots", note: "noteDots" };
// The letter that stands for a field's command while a row has the focus.
const LETTERS = { due: "D", urgency: "U", assign: "P", takes: "T", note: "N" };

function fieldsOf(sections, name, item) {
  if (sections.isDone(name, item)) return [];
  const { fields = [] } = sections.get(name);
  return fields
    .filter(({ word }) => word in DOTS)
    .map(({ word }) => ({ name: say[DOTS[word]], keys: LETTERS[word], field: word }));
}

const always = (name, { code }) => [
  { name: name === "proposals" ? say.changeLine : say.changeText, keys: "F2", field: "title" },
  { name: name === "proposals" ? say.dismiss : say.remove, keys: "Delete", line: `drop ${code}` },
];

// What a letter begins while a row has the focus: [{line} or {prefill}], the likeliest first.
export function letterLines(letter, sections, name, item) {
  if (sections.isDone(name, item)) return [];
  const { fields = [] } = sections.get(name);
  const words = fields.map(({ word }) => word).filter((word) => word[0] === letter && word !== "rank");
  if (letter === "p") words.push(...fields.filter(({ word }) => word === "assign").map(({ word }) => word));
  const lines = words.map((word) => ({ prefill: `${word} ${item.code} ` }));
  if (letter === "s" && name === "priorities") lines.push({ prefill: `snooze ${item.code} ` });
  const check = checkLine(sections, name, item);
  if (letter === "d" && check) lines.unshift({ line: check });
  return lines;
}

// In quotation marks where the text would part the line or begin a quotation, or be read as something else.
export function quoted(said, always = false) {
  const line = said.replace(/\s+/g, " ").trim();
  return always || /[|"“]/.test(line) ? `"${line.replace(/["\\]/g, "\\$&")}"` : line;
}

// The line that sets a field: what people typed for it, or nothing, which empties it.
export function fieldLine(code, word, typed) {
  const value = typed.replace(/\s+/g, " ").trim();
  if (word === "title") return `update ${code} ${quoted(value)}`;
  if (value === "") return `${word} ${code} none`;
  if (word === "note") return `note ${code} ${quoted(value, true)}`;
  return `${word} ${code} ${value.replaceAll("|", " ")}`;
}
