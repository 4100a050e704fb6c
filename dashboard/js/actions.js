// What can be done with an item. Each action is a line that could be typed: it is shown, kept in the history and
// undone like any other.

// [{name, keys?, line} or {name, keys?, prefill}]; `prefill` begins a line for the person to complete.
export function actionsOf(section, item) {
  return [...(OF_SECTION[section]?.(item) ?? []), ...always(item)];
}

// The line that the check mark stands for.
export function checkLine(section, { code, status }) {
  if (section === "priorities") return status === "done" ? `reopen ${code}` : `done ${code}`;
  if (section === "commitments") return status === "completed" ? `reopen ${code}` : `done ${code}`;
  return null;
}

const OF_SECTION = {
  calendar: ({ code }) => [{ name: "Brief me", line: `brief ${code}` }],
  priorities: (item) => {
    const { code, status } = item;
    if (status !== "open") return [{ name: "Reopen", keys: "Ctrl+Enter", line: `reopen ${code}` }];
    return [
      { name: "Done", keys: "Ctrl+Enter", line: checkLine("priorities", item) },
      { name: "Snooze for 2 hours", line: `snooze ${code} 2h` },
      { name: "Snooze until tomorrow 9:00", line: `snooze ${code} tomorrow 9am` },
      { name: "Snooze until Monday 9:00", line: `snooze ${code} mon 9am` },
      { name: "Snooze until …", prefill: `snooze ${code} ` },
    ];
  },
  commitments: (item) => {
    const name = item.status === "completed" ? "Reopen" : "Done";
    return [{ name, keys: "Ctrl+Enter", line: checkLine("commitments", item) }];
  },
};

function always(item) {
  const said = quoted(item.title ?? item.description);
  return [
    { name: "Change the text …", keys: "F2", prefill: `update ${item.code} ${said}` },
    { name: "Remove", keys: "Delete", line: `drop ${item.code}` },
  ];
}

// In quotation marks where the text would part the line or begin a quotation.
function quoted(said) {
  const line = said.replace(/\s+/g, " ").trim();
  return /[|"“]/.test(line) ? `"${line.replace(/["\\]/g, "\\$&")}"` : line;
}
