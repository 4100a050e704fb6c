// What the page shows: the replica, with one's own actions over it until the server has said what became of them.

export class View {
  sections;
  #replica;
  #effects = new Map(); // op -> {effects, seq: the ack's, once there is one}

  constructor(replica, sections) {
    this.#replica = replica;
    this.sections = sections;
  }

  get position() {
    return { epoch: this.#replica.epoch, seq: this.#replica.seq };
  }

  // The items of a section as they are to be shown; `doing` is the op that an item waits for.
  items(section) {
    const items = this.#replica.items(section);
    if (this.#effects.size === 0) return items.values();
    const shown = new Map(items);
    for (const { effects } of this.#effects.values()) {
      for (const effect of effects) if (effect.section === section) overlay(shown, effect);
    }
    return shown.values();
  }

  // The one item of a section that has only one, such as system; null while there is none.
  only(section) {
    return this.items(section).next().value ?? null;
  }

  // The item, or null.
  item(section, id) {
    return this.#replica.items(section).get(id) ?? null;
  }

  // Whether there is nothing yet: no source, no item.
  get isEmpty() {
    return !["sources", "brief", ...this.sections.coded].some((name) => this.only(name) !== null);
  }

  // {section, item} of what people call P7, as it is shown; null when nothing is called so.
  named(code) {
    const wanted = code.toUpperCase();
    return this.#first((item) => item.code === wanted);
  }

  // {section, item} of the coded item that has this id; null when nothing has.
  withId(id) {
    return this.#first((item) => item.id === id);
  }

  // Shows an own action before the server has taken it. Effect: {section, id, set} or {section, id, gone: true}.
  foretell(op, effects) {
    if (effects.length) this.#effects.set(op, { effects: effects.map((effect) => ({ ...effect, op })), seq: null });
  }

  // The server has done it, with this seq: what was foretold goes when the replica has come so far.
  settle(op, seq) {
    const foretold = this.#effects.get(op);
    if (foretold) foretold.seq = seq;
    return this.caughtUp();
  }

  // The server has not done it. The effects that are gone.
  takeBack(op) {
    const effects = this.#effects.get(op)?.effects ?? [];
    this.#effects.delete(op);
    return effects;
  }

  // To be called when the replica has moved. The effects that are gone.
  caughtUp() {
    const gone = [];
    for (const [op, { effects, seq }] of this.#effects) {
      if (seq === null || (this.#replica.epoch !== null && this.#replica.seq < seq)) continue;
      this.#effects.delete(op);
      gone.push(...effects);
    }
    return gone;
  }

  #first(matches) {
    for (const section of this.sections.coded) {
      for (const item of this.items(section)) if (matches(item)) return { section, item };
    }
    return null;
  }
}

// The shown item is made once for an item: rows tell by identity whether there is anything to draw.
function overlay(shown, effect) {
  const item = shown.get(effect.id);
  if (item === undefined) return;
  if (effect.item !== item) {
    effect.item = item;
    effect.shown = { ...item, ...effect.set, doing: effect.op, going: effect.gone === true };
  }
  shown.set(effect.id, effect.shown);
}
