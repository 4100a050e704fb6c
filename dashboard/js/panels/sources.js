// The sources: who feeds the board, how long ago, and how they are.

import { attribute, h, oneLine, text } from "../dom.js";
import { age } from "../dates.js";
import { List } from "./list.js";

export class Sources extends List {
  constructor(panel, view, again) {
    super(panel, view, again, make);
  }

  draw(now) {
    const sources = this.view.sections.inOrder("sources", this.view.items("sources"));
    const entries = sources.map((item) => ({ key: item.id, item, look: age(item.last_push_at, now) }));
    this.show(entries, sources.length, sources.length > 0);
    const stale = sources.filter(({ status }) => status !== "online").length;
    text(this.panel.querySelector(".note"), stale ? `${stale} not up to date` : "");
  }

  flash() {} // a source tells of itself all the time
}

function make() {
  const status = h("span", { class: "status" });
  const name = h("span", { class: "title", dir: "auto" });
  const run = h("span", { class: "run" });
  const items = h("span", { class: "count" });
  const ago = h("span", { class: "age" });
  const message = h("span", { class: "message", dir: "auto" });
  const element = h("li", {}, status, name, run, items, ago, message);
  function fill({ item, look }) {
    element.className = `row source-row ${item.status}`;
    text(status, item.status);
    text(name, oneLine(item.id));
    attribute(name, "title", item.id);
    text(run, runOf(item));
    run.classList.toggle("failed", item.run_status === "failed");
    text(items, itemsOf(item));
    text(ago, look);
    text(message, oneLine(item.message));
    attribute(message, "title", item.message || null);
  }
  return { element, fill };
}

// How its run is; of one that ended well there is nothing to say.
function runOf({ run_status: status, percent }) {
  if (status === "running") return `${percent} %`;
  return { asked: "asked", failed: "failed" }[status] ?? "";
}

function itemsOf({ items, dismissed }) {
  const many = items === 1 ? "1 item" : `${items} items`;
  return dismissed?.length ? `${many}, ${dismissed.length} dropped by people` : many;
}
