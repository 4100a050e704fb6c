// A panel that is a list of rows, with a count, and a word where there are none.

import { hide, text } from "../dom.js";
import { Rows } from "../rows.js";

export class List {
  constructor(panel, view, again, make) {
    this.panel = panel;
    this.view = view;
    this.rows = new Rows(panel.querySelector("ol"), make, again);
  }

  // `count` is what the head says; `any` whether there is anything in it.
  show(entries, count, any) {
    this.rows.show(entries);
    text(this.panel.querySelector(".count"), String(count));
    hide(this.panel.querySelector(".none"), any);
  }

  flash(id, who) {
    this.rows.flash(id, who);
  }
}
