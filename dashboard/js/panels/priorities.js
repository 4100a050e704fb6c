// The priorities: open ones as they are ranked, then the snoozed, then the done.

import { dayAndTime } from "../dates.js";
import { dueLook, dueOf, heading, itemRow, sourceOf, troubledSources } from "../row.js";
import { List } from "./list.js";

const HEADS = { open: "", snoozed: "Snoozed", done: "Done" };

export class Priorities extends List {
  constructor(panel, view, again) {
    super(panel, view, again, make);
  }

  draw(now) {
    const troubled = troubledSources(this.view);
    const items = this.view.sections.inOrder("priorities", this.view.items("priorities"));
    const groups = { open: [], snoozed: [], done: [] };
    for (const item of items) (groups[item.status] ?? groups.open).push(item);
    const entries = Object.entries(groups).flatMap(([status, group]) => {
      const head = HEADS[status] && group.length ? [{ key: `head ${status}`, item: HEADS[status], look: "" }] : [];
      return [...head, ...group.map((item) => ({ key: item.id, item, look: dueLook(item, now, troubled) }))];
    });
    this.show(entries, groups.open.length, items.length > 0);
  }
}

function make({ item }) {
  return typeof item === "string" ? heading() : itemRow(describe);
}

function describe({ item, look }) {
  const closed = item.status === "snoozed" || item.status === "done";
  const meta = closed ? [] : dueOf(item);
  if (item.status === "snoozed" && item.snoozed_until)
    meta.push(["", `until ${dayAndTime(item.snoozed_until, Date.now())}`]);
  meta.push(...sourceOf(item, look.split("\t")[1]));
  const urgent = item.urgency === "high" && !closed;
  return {
    title: item.title,
    meta,
    classes: ["priority", item.status, item.urgency],
    mark: urgent ? "urgent" : "",
    done: item.status === "done",
  };
}
