// The system: what the collections are doing, and when one last ended well.

import { attribute, hide, oneLine, text } from "../dom.js";
import { age } from "../dates.js";

export class System {
  #view;
  #panel;

  constructor(panel, view) {
    this.#view = view;
    this.#panel = panel;
  }

  draw(now) {
    const item = this.#view.only("system");
    const part = (name) => this.#panel.querySelector(name);
    const status = item?.status ?? "";
    const works = ["COLLECTING", "PROCESSING"].includes(status);
    attribute(this.#panel, "data-status", status);
    text(part(".status"), status);
    const bar = part("progress");
    hide(bar, !works);
    bar.value = item?.progress ?? 0;
    attribute(bar, "title", shares(item?.collection));
    text(part(".percent"), works ? `${item.progress} %` : "");
    attribute(part(".percent"), "title", shares(item?.collection));
    text(part(".message"), oneLine(item?.message));
    attribute(part(".message"), "title", item?.message || null);
    text(part(".age"), item ? `last sync ${age(item.last_sync, now)}` : "");
    this.#collect(item?.collection?.status === "running");
  }

  flash() {}

  // One collection runs at a time. The focus stays among the buttons.
  #collect(running) {
    const group = this.#panel.querySelector(".collect");
    const focused = group.contains(document.activeElement);
    for (const button of group.querySelectorAll("[data-line]")) attribute(button, "disabled", running);
    hide(group.querySelector(".cancel"), !running);
    if (focused && !document.activeElement.matches("#system button:enabled:not([hidden])"))
      group.querySelector("button:enabled:not([hidden])").focus();
  }
}

// How far each source is, one a line; null when there is nothing to tell.
function shares(collection) {
  if (!collection?.sources?.length) return null;
  const lines = collection.sources.map(({ source, status, percent, message }) => {
    const said = status === "running" ? `${percent} %` : status;
    return [`${source}: ${said}`, message].filter(Boolean).join(", ");
  });
  return lines.join("\n");
}
