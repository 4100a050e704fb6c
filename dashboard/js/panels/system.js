// The system: what the collections are doing, and when one last ended well.

import { attribute, hide, oneLine, text } from "../dom.js";
import { age } from "../moments.js";

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
    text(part(".percent"), works ? `${item.progress} %` : "");
    text(part(".message"), oneLine(item?.message));
    text(part(".age"), item ? `last sync ${age(item.last_sync, now)}` : "");
  }

  flash() {}
}
