// A list of rows kept in step with a list of entries: a row is made once for its key, filled again only when
// its entry has changed, and moved only when its place has.

import { text } from "./dom.js";

const FLASH_MS = 4_000;
// What is seen first is not kept waiting by the rest, nor is a change: a screenful, then a few at a time.
const MADE_FIRST = 60;
const MADE_AT_ONCE = 20;
const MADE_EVERY_MS = 30;

export class Rows {
  #list;
  #make;
  #again;
  #timer = 0;
  #rows = new Map(); // key -> {row, item, look}

  // `make(entry)` gives {element, fill(entry), by?}: `by` is the element that names who changed it.
  // `again()` is called when there are more rows to make: then `show` is to be called again.
  constructor(list, make, again) {
    this.#list = list;
    this.#make = make;
    this.#again = again;
    list.addEventListener("focusin", ({ target }) => this.#rove(target));
  }

  // Entries, in order: {key, item, look}; the same `item` and `look` as before is nothing new.
  show(entries) {
    const focused = this.#list.contains(document.activeElement) ? document.activeElement : null;
    this.#drop(entries);
    let place = this.#list.firstElementChild;
    let left = this.#rows.size === 0 ? MADE_FIRST : MADE_AT_ONCE;
    for (const entry of entries) {
      if (!this.#rows.has(entry.key) && left-- === 0) {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(this.#again, MADE_EVERY_MS);
        break;
      }
      const { element } = this.#row(entry);
      // One that went further down: its turn comes, and the others need not move.
      if (element !== place && place !== null && element === place.nextElementSibling) {
        const gone = place;
        place = element;
        this.#list.append(gone);
      }
      if (element === place) place = place.nextElementSibling;
      else this.#list.insertBefore(element, place);
    }
    if (focused && focused !== document.activeElement && focused.isConnected)
      focused.focus({ preventScroll: true });
    this.#keepAStop();
  }

  // The row's element; null when there is none.
  element(key) {
    return this.#rows.get(key)?.row.element ?? null;
  }

  // Lights up once, and says who.
  flash(key, who) {
    const row = this.#rows.get(key)?.row;
    if (!row) return;
    const { element, by } = row;
    clearTimeout(row.dark);
    element.classList.add("flash");
    if (by) text(by, who);
    row.dark = setTimeout(() => {
      element.classList.remove("flash");
      if (by) text(by, "");
    }, FLASH_MS);
  }

  #row(entry) {
    let held = this.#rows.get(entry.key);
    if (!held) {
      held = { row: this.#make(entry), item: null, look: null };
      held.row.element.dataset.key = entry.key;
      this.#rows.set(entry.key, held);
    }
    if (held.item !== entry.item || held.look !== entry.look) {
      held.row.fill(entry);
      held.item = entry.item;
      held.look = entry.look;
    }
    return held.row;
  }

  #drop(entries) {
    const keys = new Set(entries.map(({ key }) => key));
    for (const [key, { row }] of this.#rows) {
      if (keys.has(key)) continue;
      if (row.element.contains(document.activeElement)) focusBeside(row.element);
      row.element.remove();
      clearTimeout(row.dark);
      this.#rows.delete(key);
    }
  }

  // One row of the list is a stop of the Tab key: the one that was looked at last.
  #rove(target) {
    const stop = target.closest?.(".opener");
    if (!stop || stop.tabIndex === 0) return;
    for (const other of this.#list.querySelectorAll('.opener[tabindex="0"]')) other.tabIndex = -1;
    stop.tabIndex = 0;
  }

  #keepAStop() {
    if (this.#list.querySelector('.opener[tabindex="0"]')) return;
    const first = this.#list.querySelector(".opener");
    if (first) first.tabIndex = 0;
  }
}

// The row that comes after, else the one before, takes the focus of one that goes.
function focusBeside(element) {
  for (const way of ["nextElementSibling", "previousElementSibling"]) {
    for (let beside = element[way]; beside; beside = beside[way]) {
      const open = beside.querySelector(".opener");
      if (open) return open.focus();
    }
  }
}
