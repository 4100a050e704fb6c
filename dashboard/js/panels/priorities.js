// The priorities: open ones as they are ranked, then the snoozed, then the done.

import { inOrder } from "../order.js";
import { dayAndTime, due } from "../dates.js";
import { dueLook, heading, itemRow, sourceOf, troubledSources } from "../row.js";
import { List } from "./list.js";

const HEADS = { open: "", snoozed: "Snoozed", done: "Done" };

export class Priorities extends List {
  constructor(panel, view, again) {
    super(panel, view, again, make);
  }

  draw(now) {
    const troubled = troubledSources(this.view);
    const items = inOrder("priorities", this.view.items("priorities"));
    const entries = [];
    let status = "open";
    for (const item of items) {
      if (item.status !== status) {
        status = item.status;
        entries.push({ key: `head ${status}`, item: HEADS[status] ?? status, look: "" });
      }
      entries.push({ key: item.id, item, look: dueLook(item, now, troubled) });
    }
    const open = items.filter((item) => item.status === "open");
    this.show(entries, open.length, items.length > 0);
  }
}

function make({ item }) {
  return typeof item === "string" ? heading() : itemRow(describe);
}

function describe({ item, look }) {
  const now = Date.now();
  const meta = [];
  const date = item.status === "open" ? due(item, now) : null;
  if (date) meta.push([`due ${date.state}`, date.text]);
  if (item.status === "snoozed" && item.snoozed_until)
    meta.push(["", `until ${dayAndTime(item.snoozed_until, now)}`]);
  meta.push(...sourceOf(item, look.split("\t")[1]));
  const urgent = item.urgency === "high" && item.status === "open";
  return {
    title: item.title,
    meta,
    classes: ["priority", item.status, item.urgency],
    mark: urgent ? "urgent" : "",
    done: item.status === "done",
  };
}
