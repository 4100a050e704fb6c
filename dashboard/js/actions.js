// What can be done with an item. Each action is a line that could be typed: it is shown, kept in the history and
// undone like any other.

// [{name, keys?, line} or {name, keys?, prefill}]; `prefill` begins a line for the person to complete.
export function actionsOf(sections, name, item) {
  const line = checkLine(sections, name, item);
  const isDone = sections.isDone(name, item);
  const check = line ? [{ name: isDone ? "Reopen" : "Done", keys: "Ctrl+Enter", line }] : [];
  return [...(OWN[name]?.(item, check) ?? check), ...always(sections.headline(name, item), item)];
}

// The line that the check mark stands for; null where an item is never done.
export function checkLine(sections, name, item) {
  const isDone = sections.isDone(name, item);
  return isDone === undefined ? null : `${isDone ? "reopen" : "done"} ${item.code}`;
}

// What only the items of one section can do.
const OWN = {
  calendar: ({ code }) => [{ name: "Brief me", line: `brief ${code}` }],
  priorities: ({ code, status }, check) => {
    if (status === "snoozed") return [{ name: "Reopen", keys: "Ctrl+Enter", line: `reopen ${code}` }];
    if (status === "done") return check;
    return [
      ...check,
      { name: "Snooze for 2 hours", line: `snooze ${code} 2h` },
      { name: "Snooze until tomorrow 9:00", line: `snooze ${code} tomorrow 9am` },
      { name: "Snooze until Monday 9:00", line: `snooze ${code} mon 9am` },
      { name: "Snooze until …", prefill: `snooze ${code} ` },
    ];
  },
};

const always = (said, { code }) => [
  { name: "Change the text …", keys: "F2", prefill: `update ${code} ${quoted(said)}` },
  { name: "Remove", keys: "Delete", line: `drop ${code}` },
];

// In quotation marks where the text would part the line or begin a quotation.
function quoted(said) {
  const line = said.replace(/\s+/g, " ").trim();
  return /[|"“]/.test(line) ? `"${line.replace(/["\\]/g, "\\$&")}"` : line;
}
