// What a client holds of the state: the contract's client rule, without I/O. Items are never changed in
// place: a changed item is a new object, so `===` tells whether there is anything new to show.

export class Replica {
  // What the server says of each section: {name, prefix, noun, headline, done, order, place ...}.
  described = [];
  #position = null;
  #sections = new Map();

  // What to give as `resume` and to `state:sync`, whole, as the server gave it; null while there is nothing to
  // resume from.
  get position() {
    return this.#position;
  }

  get epoch() {
    return this.#position?.epoch ?? null;
  }

  get seq() {
    return this.#position?.seq ?? 0;
  }

  // Map of id to item, in no particular order; empty for a section that the server does not have.
  items(section) {
    if (!this.#sections.has(section)) this.#sections.set(section, new Map());
    return this.#sections.get(section);
  }

  // All that is held, as a value that a browser can keep.
  copy() {
    const sections = [...this.#sections].map(([name, items]) => [name, [...items.values()]]);
    return { position: this.#position, described: this.described, sections };
  }

  // Holds what `copy` gave: the next sync brings what has changed since.
  take({ position, described, sections }) {
    this.described = described;
    this.#sections = new Map(sections.map(([name, items]) => [name, new Map(items.map((item) => [item.id, item]))]));
    this.#position = position;
  }

  // Holds nothing any more.
  clear() {
    this.take({ position: null, described: [], sections: [] });
  }

  // Takes one of the three forms. False when it does not fit what is held: then ask for a sync from `position`.
  sync(message) {
    const { mode, epoch, from, state, patches = [] } = message;
    if (mode === "snapshot") {
      this.described = message.sections ?? [];
      this.#sections = bySection(state, this.described);
    }
    if (mode !== "snapshot" && epoch !== this.epoch) return this.#letGo();
    if (mode === "delta" && from > this.seq) return false;
    if (!patches.every((patch) => this.patch(patch))) return false;
    this.#position = positionIn(message);
    return true;
  }

  // False when something is missing before it: then ask for a sync from `position`. Each change is given `before`, the
  // item as it was.
  patch(patch) {
    const { epoch, prev, seq, changes } = patch;
    if (epoch !== this.epoch) return this.#letGo();
    if (seq <= this.seq) return true;
    if (prev > this.seq) return false;
    if (!changes.every((change) => this.#change(change))) return this.#letGo();
    this.#position = positionIn(patch);
    return true;
  }

  // Whether something is missing, given where the server stands: {epoch, seq, mark?}. Another mark at the same place is
  // another past.
  isBehind({ epoch, seq, mark }) {
    if (epoch !== this.epoch || seq > this.seq) return true;
    return seq === this.seq && mark !== undefined && mark !== this.#position.mark;
  }

  #change(change) {
    const { section, id, put, set } = change;
    const items = this.items(section);
    change.before = items.get(id) ?? null;
    if (put) items.set(id, put);
    else if (!set) items.delete(id);
    else if (items.has(id)) items.set(id, { ...items.get(id), ...set });
    else return false;
    return true;
  }

  // The position no longer counts, so the next sync is a snapshot; the items stay to be looked at.
  #letGo() {
    this.#position = null;
    return false;
  }
}

// What names the position that a message leads to; `mark`, where a server has one, proves the common past.
function positionIn({ epoch, seq, mark }) {
  return mark === undefined ? { epoch, seq } : { epoch, seq, mark };
}

// A section's place in a snapshot need not be its name.
function bySection(state, described) {
  const named = new Map(described.map(({ name, place }) => [place, name]));
  const sections = Object.entries(state).map(([place, value]) => [
    named.get(place) ?? place,
    new Map(flat(value).map((item) => [item.id, item])),
  ]);
  return new Map(sections);
}

// A section in a snapshot is a list, lists by direction, one item, or null.
function flat(value) {
  if (Array.isArray(value)) return value;
  if (!value) return [];
  return "id" in value ? [value] : Object.values(value).flat();
}
