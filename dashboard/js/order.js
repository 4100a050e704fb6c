// The order in which the server's snapshots are sorted; a patch does not tell places. An item's sort key is
// made once: items are never changed in place.

const OPEN_FIRST = { open: 0, snoozed: 1, done: 2 };
const URGENT_FIRST = { high: 0, medium: 1, low: 2 };

const last = (wire) => wire ?? "9999";
const eight = (number) => String(number).padStart(8, "0");

const KEYS = {
  calendar: (item) => `${item.start} ${item.id}`,
  priorities: ({ status, rank, urgency, due_date, id }) =>
    `${OPEN_FIRST[status] ?? 0}${eight(rank ?? 99_999_999)}${URGENT_FIRST[urgency] ?? 1}${last(due_date)} ${id}`,
  commitments: ({ status, due_date, id }) => `${status === "completed" ? 1 : 0}${last(due_date)} ${id}`,
  sources: ({ id }) => id,
};

const made = new WeakMap();

function keyOf(section, item) {
  let key = made.get(item);
  if (key === undefined) made.set(item, (key = KEYS[section](item)));
  return key;
}

// A new list, sorted.
export function inOrder(section, items) {
  return [...items].sort((one, other) => {
    const [mine, its] = [keyOf(section, one), keyOf(section, other)];
    return mine < its ? -1 : mine > its ? 1 : 0;
  });
}
