// What the page knows of the board's sections: what the server says of them in each snapshot. Everything else is derived
// from it, so a section that has no panel of its own is shown, found, opened and carried out all the same.
//
//   prefix    the letter of its codes; null where people do not name its items by code
//   noun, nouns    what one item is called, and several
//   headline  the field that says what an item is
//   done      which values of which field mean that an item is dealt with; null where that makes no sense
//   order     the sort keys, most telling first: {field, values?: their order}; what has none comes last
//   place     its name in a snapshot
export class Sections {
  #byName = new Map();
  #keys = new WeakMap(); // item -> its sort keys: an item is never changed in place

  // Takes what the server says of them.
  learn(sections) {
    this.#byName = new Map(sections.map((section) => [section.name, section]));
    this.#keys = new WeakMap();
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
function keyOf({ values }, value) {
  const is = value !== null && value !== undefined;
  const ranked = values?.includes(value) ? values.indexOf(value) : values?.length;
  return { is, value: is ? (ranked ?? sortable(value)) : null };
}

const sortable = (value) => (typeof value === "number" ? value : String(value).replace(/Z$/, ""));

function compare(keys, others) {
  for (let at = 0; at < keys.length; at++) {
    const { is, value } = keys[at];
    const other = others[at];
    if (is !== other.is) return is ? -1 : 1;
    if (value === other.value) continue;
    return value < other.value ? -1 : 1;
  }
  return 0;
}
