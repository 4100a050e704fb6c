// What the page knows of each section: one entry for each, in the shape in which a server can tell it. Everything else
// is derived from it, so a section that has no panel of its own is shown, found, opened and carried out all the same.
//
//   prefix    the letter of its codes; null where people do not name its items by code
//   noun, nouns    what one item is called, and several
//   headline  the field that says what an item is
//   done      which values of which field mean that an item is dealt with; null where that makes no sense
//   order     the sort keys, most telling first: {field, values?: their order, descending?}; nothing comes last
//   place     its name in a snapshot
export const TABLE = [
  {
    name: "system",
    prefix: null,
    noun: "system",
    nouns: "system",
    headline: "message",
    done: null,
    order: [{ field: "id" }],
    place: "system",
  },
  {
    name: "calendar",
    prefix: "C",
    noun: "event",
    nouns: "events",
    headline: "title",
    done: null,
    order: [{ field: "start" }, { field: "end" }, { field: "id" }],
    place: "calendar",
  },
  {
    name: "priorities",
    prefix: "P",
    noun: "priority",
    nouns: "priorities",
    headline: "title",
    done: { field: "status", values: ["done"] },
    order: [
      { field: "rank" },
      { field: "urgency", values: ["high", "medium", "low"] },
      { field: "due_date" },
      { field: "id" },
    ],
    place: "priorities",
  },
  {
    name: "commitments",
    prefix: "M",
    noun: "commitment",
    nouns: "commitments",
    headline: "description",
    done: { field: "status", values: ["completed"] },
    order: [{ field: "due_date" }, { field: "id" }],
    place: "commitments",
  },
  {
    name: "brief",
    prefix: null,
    noun: "brief",
    nouns: "briefs",
    headline: "title",
    done: null,
    order: [{ field: "id" }],
    place: "active_brief",
  },
  {
    name: "sources",
    prefix: null,
    noun: "source",
    nouns: "sources",
    headline: "id",
    done: null,
    order: [{ field: "id" }],
    place: "sources",
  },
];

export class Sections {
  #byName;
  #keys = new WeakMap(); // item -> its sort keys: an item is never changed in place

  constructor(table = TABLE) {
    this.#byName = new Map(table.map((section) => [section.name, section]));
  }

  get names() {
    return [...this.#byName.keys()];
  }

  // The names of those whose items people name by code.
  get coded() {
    return this.names.filter((name) => this.get(name).prefix !== null);
  }

  get(name) {
    return this.#byName.get(name);
  }

  // The section that a code belongs to, by its letter; undefined when there is none.
  ofCode(code) {
    return this.coded.find((name) => this.get(name).prefix === code[0].toUpperCase());
  }

  // What an item is, in its own words.
  headline(name, item) {
    return String(item[this.get(name).headline] ?? item.id);
  }

  // Whether an item is dealt with; undefined where that makes no sense.
  isDone(name, item) {
    const { done } = this.get(name);
    return done ? done.values.includes(item[done.field]) : undefined;
  }

  // What makes an item done or not, for showing it before the server has said so.
  asDone(name, isDone) {
    const { field, values } = this.get(name).done;
    return { [field]: isDone ? values[0] : null };
  }

  // A new list, sorted as the server sorts its snapshots; a patch does not tell places.
  inOrder(name, items) {
    const { order } = this.get(name);
    const rows = Array.from(items, (item) => ({ item, keys: this.#keysOf(order, item) }));
    return rows.sort((one, other) => compare(one.keys, other.keys)).map(({ item }) => item);
  }

  #keysOf(order, item) {
    let keys = this.#keys.get(item);
    if (!keys) this.#keys.set(item, (keys = order.map((key) => keyOf(key, item[key.field]))));
    return keys;
  }
}

// A value that compares as it sorts. A date comes before the instants of its day, hence no Z; nothing comes last.
function keyOf({ values, descending = false }, value) {
  const is = value !== null && value !== undefined;
  const ranked = values?.includes(value) ? values.indexOf(value) : values?.length;
  return { is, value: is ? (ranked ?? sortable(value)) : null, descending };
}

const sortable = (value) => (typeof value === "number" ? value : String(value).replace(/Z$/, ""));

function compare(keys, others) {
  for (const [at, { is, value, descending }] of keys.entries()) {
    const other = others[at];
    if (is !== other.is) return is ? -1 : 1;
    if (value === other.value) continue;
    return value < other.value === descending ? 1 : -1;
  }
  return 0;
}
