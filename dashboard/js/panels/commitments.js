// The commitments: what I owe, what is owed to me; the overdue and those due today stand out.

import { hide, text } from "../dom.js";
import { inOrder } from "../order.js";
import { dayOf, due } from "../moments.js";
import { heading, itemRow, sourceOf, troubledSources } from "../row.js";
import { Rows } from "../rows.js";

const DIRECTIONS = { owe: "I owe", owed: "Owed to me" };

export class Commitments {
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
    const items = inOrder("commitments", this.#view.items("commitments"));
    const entries = Object.entries(DIRECTIONS).flatMap(([direction, title]) => {
      const mine = items.filter((item) => item.direction === direction);
      if (mine.length === 0) return [];
      const head = { key: `head ${direction}`, item: title, look: tally(mine, now) };
      return [head, ...mine.map((item) => ({ key: item.id, item, look: look(item, now, troubled) }))];
    });
    this.#rows.show(entries);
    text(this.#panel.querySelector(".count"), String(items.filter(({ status }) => status !== "completed").length));
    hide(this.#panel.querySelector(".none"), items.length > 0);
  }

  flash(id, who) {
    this.#rows.flash(id, who);
  }
}

// "2 overdue, 1 due today"
function tally(items, now) {
  const states = items.filter(({ status }) => status !== "completed").map((item) => due(item, now)?.state);
  const overdue = states.filter((state) => state === "overdue").length;
  const today = states.filter((state) => state === "today").length;
  return [overdue && `${overdue} overdue`, today && `${today} due today`].filter(Boolean).join(", ");
}

function look(item, now, troubled) {
  return `${item.due_date ? dayOf(now) + due(item, now)?.state : ""}\t${troubled.get(item.source) ?? ""}`;
}

function make({ item }) {
  return typeof item === "string" ? heading() : itemRow(describe);
}

function describe({ item, look: lookedAt }) {
  const kept = item.status === "completed";
  const meta = item.assignee ? [["person", item.assignee]] : [];
  const date = kept ? null : due(item, Date.now());
  if (date) meta.push([`due ${date.state}`, date.text]);
  if (kept) meta.push(["", "kept"]);
  meta.push(...sourceOf(item, lookedAt.split("\t")[1]));
  return { title: item.description, meta, classes: ["commitment", item.status], done: kept };
}
