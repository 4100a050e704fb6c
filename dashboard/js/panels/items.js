// The panel of a section that has none of its own: its items in the section's order, then those that are done.

import { h } from "../dom.js";
import { dueLook, dueOf, heading, itemRow, sourceOf, troubledSources } from "../row.js";
import { List } from "./list.js";

export class Items extends List {
  #name;

  constructor(panel, view, again, name) {
    const describe = ({ item, look }) => describeItem(view.sections, name, item, look);
    super(panel, view, again, ({ item }) => (typeof item === "string" ? heading() : itemRow(describe)));
    this.#name = name;
  }

  draw(now) {
    const { sections } = this.view;
    const troubled = troubledSources(this.view);
    const items = sections.inOrder(this.#name, this.view.items(this.#name));
    const entry = (item) => ({ key: item.id, item, look: dueLook(item, now, troubled) });
    const open = items.filter((item) => !sections.isDone(this.#name, item));
    const done = items.filter((item) => sections.isDone(this.#name, item));
    const head = done.length ? [{ key: "head done", item: "Done", look: "" }] : [];
    this.show([...open.map(entry), ...head, ...done.map(entry)], open.length, items.length > 0);
  }
}

function describeItem(sections, name, item, look) {
  const done = sections.isDone(name, item);
  return {
    title: sections.headline(name, item),
    meta: [...(done ? [] : dueOf(item)), ...sourceOf(item, look.split("\t")[1])],
    classes: [done && "done"],
    done,
  };
}

// The element that such a panel is drawn into.
export function panelOf({ name, nouns }) {
  const title = `${name}-title`;
  const said = nouns[0].toUpperCase() + nouns.slice(1);
  return h(
    "section",
    { id: name, class: "panel", "aria-labelledby": title },
    h("header", {}, h("h2", { id: title }, said), " ", h("span", { class: "count" })),
    h("p", { class: "none", hidden: true }, "None."),
    h("ol", { "aria-labelledby": title }),
  );
}
