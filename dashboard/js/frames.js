// One drawing of the page for each animation frame. A page that nobody sees draws nothing, and catches up when it is
// looked at. The focus stays where it is: with its item when that moves, with the one after when that goes.

import { render } from "./ui.js";

export class Frames {
  // The position of the board that the person has before them.
  seen = { epoch: null, seq: 0 };
  #place;
  #page;
  #asked = false;

  constructor(place, page) {
    this.#place = place;
    this.#page = page;
  }

  // These sections have changed, or something beside the board; without names all may have.
  ask(...names) {
    this.#page.forget(names);
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => this.#draw());
  }

  // Draws at once, where the next key is for what is drawn.
  now() {
    this.#page.forget([]);
    this.#draw();
  }

  #draw() {
    this.#asked = false;
    const keep = keepFocus(this.#place);
    render(this.#page.draw(Date.now()), this.#place);
    keep();
    for (const list of this.#place.querySelectorAll("[data-list]")) keepAStop(list);
    if (this.#page.view.only("system")) this.seen = this.#page.view.position;
  }
}

function keepFocus(place) {
  const at = document.activeElement;
  if (!place.contains(at)) return () => {};
  const list = at.closest("[data-list]");
  const stops = list ? [...list.querySelectorAll(".opener")] : [];
  const here = stops.indexOf(at);
  const code = at.closest("[data-code]")?.dataset.code;
  const collect = at.closest(".collect");
  const inEditor = at.closest(".editor") !== null;
  const inPanel = at.closest("#item") !== null;
  const word = at.closest(".editor")?.querySelector("[data-word]")?.dataset.word;
  return () => {
    const editing = place.querySelector(".editor");
    if (editing?.contains(document.activeElement)) return;
    if (editing) return editing.querySelector(".edit-in, button")?.focus();
    if (at.isConnected && !at.disabled) return at === document.activeElement || at.focus({ preventScroll: true });
    if (inEditor) return place.querySelector(inPanel ? `#item [data-word="${word}"]` : `li[data-code="${code}"] .opener`)?.focus();
    const same = code && list?.isConnected && list.querySelector(`[data-code="${code}"] .opener`);
    const beside = [...stops.slice(here + 1), ...stops.slice(0, Math.max(here, 0)).reverse()].find(
      (stop) => stop.isConnected,
    );
    if (same) same.focus();
    else if (here >= 0 && beside) beside.focus();
    else if (at.matches("[data-number]"))
      (place.querySelector("#item .actions button") ?? place.querySelector("#item h2"))?.focus();
    else if (collect) place.querySelector(".collect button:enabled")?.focus();
  };
}

// One row of a list is a stop of the Tab key: the one that was looked at last.
function keepAStop(list) {
  if (list.querySelector('.opener[tabindex="0"]')) return;
  const first = list.querySelector(".opener");
  if (first) first.tabIndex = 0;
}

// The row that has the focus becomes the stop of its list.
export function rove(place) {
  place.addEventListener("focusin", ({ target }) => {
    const stop = target.closest?.(".opener");
    const list = stop?.closest("[data-list]");
    if (!list || stop.tabIndex === 0) return;
    for (const other of list.querySelectorAll('.opener[tabindex="0"]')) other.tabIndex = -1;
    stop.tabIndex = 0;
  });
}
