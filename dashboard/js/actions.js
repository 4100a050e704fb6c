// What can be done with an item. Each action is a line that could be typed: it is shown, kept in the history and
// undone like any other.

// [{name, keys?, line} or {name, keys?, prefill}]; `prefill` begins a line for the person to complete.
export function actionsOf(sections, name, item) {
  const line = checkLine(sections, name, item);
  const isDone = sections.isDone(name, item);
  const word = name === "proposals" ? "Approve" : isDone ? "Reopen" : "Done";
  const check = line ? [{ name: word, keys: "Ctrl+Enter", line }] : [];
  return [...(OWN[name]?.(item, check) ?? check), ...always(name, sections.headline(name, item), item)];
}

// What a row does when it is drawn to a side: {right, left}, each {name, line} or null.
export function sidesOf(sections, name, item) {
  const actions = actionsOf(sections, name, item);
  const later = actions.find(({ name: said }) => said === TOMORROW);
  const check = actions.find(({ keys, line }) => line && keys === "Ctrl+Enter");
  return { right: check ?? null, left: later ? { name: "Tomorrow 9:00", line: later.line } : null };
}

// The line that the check mark stands for; null where an item is never done.
export function checkLine(sections, name, item) {
  if (name === "proposals") return `approve ${item.code}`;
  const isDone = sections.isDone(name, item);
  return isDone === undefined ? null : `${isDone ? "reopen" : "done"} ${item.code}`;
}

const TOMORROW = "Snooze until tomorrow 9:00";

// What only the items of one section can do.
const OWN = {
  calendar: ({ code }) => [{ name: "Brief me", line: `brief ${code}` }],
  priorities: ({ code, status }, check) => {
    if (status === "snoozed") return [{ name: "Reopen", keys: "Ctrl+Enter", line: `reopen ${code}` }];
    if (status === "done") return check;
    return [
      ...check,
      { name: "Snooze for 2 hours", line: `snooze ${code} 2h` },
      { name: TOMORROW, line: `snooze ${code} tomorrow 9am` },
      { name: "Snooze until Monday 9:00", line: `snooze ${code} mon 9am` },
      { name: "Snooze until …", prefill: `snooze ${code} ` },
    ];
  },
};

const always = (name, said, { code }) => [
  { name: name === "proposals" ? "Change the line …" : "Change the text …", keys: "F2", prefill: `update ${code} ${quoted(said)}` },
  { name: name === "proposals" ? "Dismiss" : "Remove", keys: "Delete", line: `drop ${code}` },
];

// In quotation marks where the text would part the line or begin a quotation.
function quoted(said) {
  const line = said.replace(/\s+/g, " ").trim();
  return /[|"“]/.test(line) ? `"${line.replace(/["\\]/g, "\\$&")}"` : line;
}
