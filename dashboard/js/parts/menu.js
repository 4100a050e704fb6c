// The menu of an item's actions, by mouse and by key: one element, filled for the item that it is opened for.

import { button, h, render } from "../ui.js";

export class Menu {
  #element;
  #opener = null;
  #actions = [];
  #choose = null;

  // `choose(action)` is called when the menu has closed.
  constructor(element) {
    this.#element = element;
    element.addEventListener("keydown", (event) => this.#key(event));
    element.addEventListener("click", ({ target }) => this.#click(target));
    element.addEventListener("focusout", ({ relatedTarget }) => {
      if (!element.contains(relatedTarget)) this.#hide();
    });
  }

  // Opens below `place`; when it closes, the focus goes back to `opener`.
  open({ label, actions, place, opener, choose }) {
    this.#opener = opener;
    this.#choose = choose;
    this.#actions = actions;
    this.#element.setAttribute("aria-label", label);
    render(actions.map(entry), this.#element);
    this.#element.hidden = false;
    this.#place(place.getBoundingClientRect());
    this.#element.firstElementChild.focus();
  }

  #place({ right, bottom, top }) {
    const { offsetWidth: width, offsetHeight: height } = this.#element;
    const below = bottom + height <= innerHeight;
    this.#element.style.setProperty("left", `${Math.max(4, Math.min(right - width, innerWidth - width - 4))}px`);
    this.#element.style.setProperty("top", `${below ? bottom : Math.max(4, top - height)}px`);
  }

  #key(event) {
    const entries = [...this.#element.children];
    const at = entries.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 }[event.key];
    if (to !== undefined) entries.at(to % entries.length).focus();
    else if (event.key === "Escape" || event.key === "Tab") this.#close();
    else if (event.key !== "Enter" && event.key !== " ") return;
    if (event.key !== "Enter" && event.key !== " ") event.preventDefault();
    event.stopPropagation();
  }

  #click(target) {
    const chosen = target.closest("[data-number]");
    if (!chosen) return;
    const choose = this.#choose;
    this.#close();
    choose(this.#actions[Number(chosen.dataset.number)]);
  }

  #close() {
    const opener = this.#opener;
    this.#hide();
    if (opener?.isConnected) opener.focus();
  }

  #hide() {
    this.#element.hidden = true;
    this.#opener = null;
  }
}

const entry = ({ name, keys }, number) =>
  button(
    "",
    null,
    { role: "menuitem", key: name, tabIndex: -1, "data-number": number },
    name,
    keys && h("kbd", { "aria-hidden": "true" }, keys),
  );
