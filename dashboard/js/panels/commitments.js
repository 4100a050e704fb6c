// The commitments: what I owe, what is owed to me; the overdue and those due today stand out.

import { due } from "../dates.js";
import { dueLook, dueOf, heading, itemRow, sourceOf, troubledSources } from "../row.js";
import { List } from "./list.js";

const DIRECTIONS = { owe: "I owe", owed: "Owed to me" };

export class Commitments extends List {
  constructor(panel, view, again) {
    super(panel, view, again, make);
  }

  draw(now) {
    const troubled = troubledSources(this.view);
    const { sections } = this.view;
    const ordered = sections.inOrder("commitments", this.view.items("commitments"));
    const isKept = (item) => sections.isDone("commitments", item);
    const items = [...ordered.filter((item) => !isKept(item)), ...ordered.filter(isKept)];
    const entries = Object.entries(DIRECTIONS).flatMap(([direction, title]) => {
      const mine = items.filter((item) => item.direction === direction);
      if (mine.length === 0) return [];
      const head = { key: `head ${direction}`, item: title, look: tally(mine, now) };
      return [head, ...mine.map((item) => ({ key: item.id, item, look: dueLook(item, now, troubled) }))];
    });
    const pending = items.filter(({ status }) => status !== "completed");
    this.show(entries, pending.length, items.length > 0);
  }
}

// "2 overdue, 1 due today"
function tally(items, now) {
  const states = items.filter(({ status }) => status !== "completed").map((item) => due(item, now)?.state);
  const overdue = states.filter((state) => state === "overdue").length;
  const today = states.filter((state) => state === "today").length;
  return [overdue && `${overdue} overdue`, today && `${today} due today`].filter(Boolean).join(", ");
}

function make({ item }) {
  return typeof item === "string" ? heading() : itemRow(describe);
}

function describe({ item, look }) {
  const kept = item.status === "completed";
  const meta = item.assignee ? [["person", item.assignee]] : [];
  meta.push(...(kept ? [["", "kept"]] : dueOf(item)));
  meta.push(...sourceOf(item, look.split("\t")[1]));
  return { title: item.description, meta, classes: ["commitment", item.status], done: kept };
}
