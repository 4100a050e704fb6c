// The priorities: open ones as they are ranked, then the snoozed, then the done.

import { hide, text } from "../dom.js";
import { inOrder } from "../order.js";
import { dayAndTime, dayOf, due } from "../moments.js";
import { heading, itemRow, sourceOf, troubledSources } from "../row.js";
import { Rows } from "../rows.js";

const HEADS = { open: "", snoozed: "Snoozed", done: "Done" };

export class Priorities {
  #view;
  #rows;
  #panel;

  constructor(panel, view, again) {
    this.#view = view;
    this.#panel = panel;
    this.#rows = new Rows(panel.querySelector("ol"), make, again);
  }

  draw(now) {
    const troubled = troubledSources(this.#view);
    const items = inOrder("priorities", this.#view.items("priorities"));
    const entries = [];
    let status = "open";
    for (const item of items) {
      if (item.status !== status) {
        status = item.status;
        entries.push({ key: `head ${status}`, item: HEADS[status] ?? status, look: "" });
      }
      entries.push({ key: item.id, item, look: look(item, now, troubled) });
    }
    this.#rows.show(entries);
    text(this.#panel.querySelector(".count"), String(items.filter((item) => item.status === "open").length));
    hide(this.#panel.querySelector(".none"), items.length > 0);
  }

  flash(id, who) {
    this.#rows.flash(id, who);
  }
}

// A due date reads otherwise when the day has changed, and one with a time when that has passed.
function look(item, now, troubled) {
  return `${item.due_date ? dayOf(now) + due(item, now)?.state : ""}\t${troubled.get(item.source) ?? ""}`;
}

function make({ item }) {
  return typeof item === "string" ? heading() : itemRow(describe);
}

function describe({ item, look: lookedAt }) {
  const now = Date.now();
  const meta = [];
  const date = item.status === "open" ? due(item, now) : null;
  if (date) meta.push([`due ${date.state}`, date.text]);
  if (item.status === "snoozed" && item.snoozed_until)
    meta.push(["", `until ${dayAndTime(item.snoozed_until, now)}`]);
  meta.push(...sourceOf(item, lookedAt.split("\t")[1]));
  const urgent = item.urgency === "high" && item.status === "open";
  return {
    title: item.title,
    meta,
    classes: ["priority", item.status, item.urgency],
    mark: urgent ? "urgent" : "",
    done: item.status === "done",
  };
}
