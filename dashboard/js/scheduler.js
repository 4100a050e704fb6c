// One drawing of the page for each animation frame, and only of the parts that have changed. A page that
// nobody sees draws nothing, and catches up when it is looked at.

const FLASHES = 100;

export class Frames {
  // The position of the board that the person has before them.
  seen = { epoch: null, seq: 0 };
  #parts; // name -> {draw(now), flash?(id, who)}
  #view;
  #changed = new Set();
  #flashes = new Map();
  #asked = false;

  constructor(view, parts) {
    this.#view = view;
    this.#parts = parts;
  }

  // These parts are to be drawn anew; without names all of them.
  ask(...names) {
    for (const name of names.length ? names : Object.keys(this.#parts)) this.#changed.add(name);
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => this.#draw());
  }

  // Lets an item light up once, with who changed it.
  flash(section, id, who) {
    if (this.#flashes.size < FLASHES) this.#flashes.set(`${section} ${id}`, { section, id, who });
  }

  #draw() {
    this.#asked = false;
    if (!this.#view.only("system")) return; // before the first sync nothing is known, not even that there is nothing
    const now = Date.now();
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const name of changed) this.#parts[name]?.draw(now);
    for (const { section, id, who } of this.#flashes.values()) this.#parts[section]?.flash?.(id, who);
    this.#flashes.clear();
    this.seen = this.#view.position;
  }
}
